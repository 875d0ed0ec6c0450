package io.featurekv.node.admin;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is degraded, as pure functions of the metadata; empty lists mean healthy. */
public final class ClusterHealth {
  private ClusterHealth() {}

  /**
   * Reasons of one table: sects in which shards of its active version have no ready node that is
   * up.
   */
  public static List<String> reasons(ClusterMetadata metadata, TableRecord table) {
    List<String> reasons = new ArrayList<>();
    @Nullable VersionRecord active = table.active();
    if (active == null) {
      return reasons;
    }
    for (String sect : Placement.sects(metadata)) {
      int missing = 0;
      for (ShardRecord shard : active.shards()) {
        missing += isReadyIn(metadata, shard, sect) ? 0 : 1;
      }
      if (missing > 0) {
        reasons.add(
            "version "
                + active.number()
                + ": "
                + missing
                + " of "
                + active.shardCount()
                + " shards have no ready node in sect "
                + sect);
      }
    }
    active
        .loadFailures()
        .forEach(
            (node, why) ->
                reasons.add(
                    "node " + node + " cannot load version " + active.number() + ": " + why));
    return reasons;
  }

  private static boolean isReadyIn(ClusterMetadata metadata, ShardRecord shard, String sect) {
    return shard.ready().stream()
        .map(metadata.nodes()::get)
        .anyMatch(node -> node != null && node.sect().equals(sect) && node.state() == NodeState.UP);
  }

  /** Reasons of the cluster as a whole: nodes down, fewer voters than there could be. */
  public static List<String> clusterReasons(ClusterMetadata metadata) {
    List<String> reasons = new ArrayList<>();
    int voters = 0;
    int able = 0;
    for (NodeRecord node : metadata.nodes().values()) {
      switch (node.state()) {
        case UP -> {}
        case DOWN -> reasons.add("node " + node.id() + " (sect " + node.sect() + ") is down");
        case TAKEN_OVER ->
            reasons.add(
                "node "
                    + node.id()
                    + " (sect "
                    + node.sect()
                    + ") is down; its shards were taken over");
      }
      voters += node.voter() ? 1 : 0;
      able += node.duties().contains(Duty.META) ? 1 : 0;
    }
    int wanted = Math.min(metadata.voterTarget(), able);
    if (voters < wanted) {
      reasons.add(voters + " of " + wanted + " metadata voters");
    }
    return reasons;
  }
}
