package io.featurekv.node.load;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** To which nodes a builder hands a shard file: one in each of two sects, where there are two. */
public final class ShipmentPlan {
  /** Sects that get the file from the builder; the others fetch it from them. */
  static final int SECTS = 2;

  private ShipmentPlan() {}

  /**
   * Node ids for one shard. In each sect the node that the placement names, or while it is down
   * another one that is up; the first sect rotates with the shard, so that the load spreads.
   */
  public static List<String> targets(ClusterMetadata metadata, String table, int shard) {
    List<String> all = inAllSects(metadata, table, shard);
    return all.subList(0, Math.min(SECTS, all.size()));
  }

  /** The same in every sect that has a node up, in the order in which they are tried. */
  public static List<String> inAllSects(ClusterMetadata metadata, String table, int shard) {
    List<String> sects = Placement.sects(metadata);
    List<String> targets = new ArrayList<>();
    for (int i = 0; i < sects.size(); i++) {
      String sect = sects.get((shard + i) % sects.size());
      Optional<NodeRecord> placed = Placement.nodeFor(metadata, sect, table, shard);
      placed
          .filter(node -> node.state() == NodeState.UP)
          .or(() -> anyUp(metadata, sect))
          .ifPresent(node -> targets.add(node.id()));
    }
    return targets;
  }

  private static Optional<NodeRecord> anyUp(ClusterMetadata metadata, String sect) {
    return metadata.nodes().values().stream()
        .filter(node -> node.serves() && node.sect().equals(sect) && node.state() == NodeState.UP)
        .findFirst();
  }
}
