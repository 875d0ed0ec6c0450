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
import java.util.stream.Stream;

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
   * Whether a node that has a file is the one to ship it: its builder, and where that one is away
   * or has lost the file, the first builder of those that hold it. One that serves holds what it
   * has built, and says so; one that does not serve gives up the work when it has lost the file.
   */
  public static boolean isShipper(
      ClusterMetadata metadata,
      ClusterBuild build,
      VersionRecord version,
      int shard,
      FileManifest manifest,
      String nodeId) {
    List<String> able = able(metadata, version, shard, manifest).toList();
    NodeRecord builder = metadata.nodes().get(build.shards().get(shard).work().doneBy());
    boolean isBuilderAble =
        builder != null
            && builder.state() == NodeState.UP
            && builder.builds()
            && (able.isEmpty() || able.contains(builder.id()) || !builder.serves());
    if (builder != null && isBuilderAble) {
      return builder.id().equals(nodeId);
    }
    return !able.isEmpty() && able.getFirst().equals(nodeId);
  }

  /** Whether a node but this one has told that it holds a file, and can ship it. */
  public static boolean isHeldByAnother(
      ClusterMetadata metadata,
      VersionRecord version,
      int shard,
      FileManifest manifest,
      String nodeId) {
    return able(metadata, version, shard, manifest).anyMatch(holder -> !holder.equals(nodeId));
  }

  /** Builders that are up and have told that they hold a file. */
  private static Stream<String> able(
      ClusterMetadata metadata, VersionRecord version, int shard, FileManifest manifest) {
    return holdersUp(metadata, version, shard, manifest)
        .filter(NodeRecord::builds)
        .map(NodeRecord::id);
  }

  private static Stream<NodeRecord> holdersUp(
      ClusterMetadata metadata, VersionRecord version, int shard, FileManifest manifest) {
    String digest = manifest.digest().hex();
    return version.shards().get(shard).holders().entrySet().stream()
        .filter(holder -> holder.getValue().equals(digest))
        .map(holder -> metadata.nodes().get(holder.getKey()))
        .filter(node -> node != null && node.state() == NodeState.UP);
  }

  /**
   * Whether a shard's file is lost for its build where its builder is away: nobody who is up can
   * ship it, and it is not in as many sects as it has to be.
   */
  public static boolean isLostWithItsBuilder(
      ClusterMetadata metadata, VersionRecord version, int shard, FileManifest manifest) {
    return able(metadata, version, shard, manifest).findAny().isEmpty()
        && !isInEnoughSects(metadata, version, shard, manifest);
  }

  /** Whether nodes that are up have a file in as many sects as it has to be in. */
  static boolean isInEnoughSects(
      ClusterMetadata metadata, VersionRecord version, int shard, FileManifest manifest) {
    long sects =
        holdersUp(metadata, version, shard, manifest).map(NodeRecord::sect).distinct().count();
    return sects >= SectRules.sectsNeeded(metadata);
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
