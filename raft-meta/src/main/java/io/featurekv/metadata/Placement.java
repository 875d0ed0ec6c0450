package io.featurekv.metadata;

import java.util.List;

/**
 * Which nodes should hold a shard: in each sect the serving node (not TAKEN_OVER) with the highest score by weighted rendezvous hashing
 * (score = -weight / ln(u), u uniform from XXH3 of node id, table name and shard).
 */
public final class Placement {
  private Placement() {}

  /** Sects that have at least one serving node, sorted. */
  public static List<String> sects(ClusterMetadata metadata) {
    throw new AssertionError("stub");
  }

  /** The node of {@code sect} that should hold the shard; empty when the sect has none. */
  public static java.util.Optional<NodeRecord> nodeFor(
      ClusterMetadata metadata, String sect, String table, int shard) {
    throw new AssertionError("stub");
  }

  /** {@link #nodeFor} of every sect. */
  public static List<NodeRecord> nodesFor(ClusterMetadata metadata, String table, int shard) {
    throw new AssertionError("stub");
  }
}
