package io.featurekv.node.build;

import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.SectRules;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FileManifest;
import io.featurekv.node.load.ShipmentPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/** Who hands a shard that builders of the cluster have made to whom: pure functions. */
public final class HandoverRules {
  private HandoverRules() {}

  /**
   * Where a file has to go yet.
   *
   * @param sects in how many further sects it must be; none where it is not positive
   * @param targets a node in each sect that has none with it, in the order in which they are tried
   */
  public record Further(int sects, List<String> targets) {
    public Further {
      targets = List.copyOf(targets);
    }
  }

  /**
   * Whether a node that has a file is the one to ship it: its builder, and while that one is away,
   * the first of those that hold it.
   */
  public static boolean isShipper(
      ClusterMetadata metadata,
      ClusterBuild build,
      VersionRecord version,
      int shard,
      FileManifest manifest,
      String nodeId) {
    NodeRecord builder = metadata.nodes().get(build.shards().get(shard).work().doneBy());
    if (builder != null && builder.state() == NodeState.UP) {
      return builder.id().equals(nodeId);
    }
    String digest = manifest.digest().hex();
    return version.shards().get(shard).holders().entrySet().stream()
        .filter(holder -> holder.getValue().equals(digest))
        .map(holder -> metadata.nodes().get(holder.getKey()))
        .filter(node -> node != null && node.state() == NodeState.UP)
        .findFirst()
        .map(node -> node.id().equals(nodeId))
        .orElse(false);
  }

  /** Where a node that has the file ships it. */
  public static Further further(
      ClusterMetadata metadata,
      String table,
      VersionRecord version,
      int shard,
      FileManifest manifest,
      String nodeId) {
    SortedSet<String> sects = SectRules.sectsHolding(metadata, version, shard, manifest);
    NodeRecord self = metadata.nodes().get(nodeId);
    if (self != null && self.serves()) {
      sects.add(self.sect());
    }
    List<String> targets = new ArrayList<>();
    for (String target : ShipmentPlan.inAllSects(metadata, table, shard)) {
      NodeRecord node = metadata.nodes().get(target);
      if (node != null && !sects.contains(node.sect())) {
        targets.add(target);
      }
    }
    return new Further(SectRules.sectsNeeded(metadata) - sects.size(), targets);
  }
}
