package io.featurekv.metadata;

import io.featurekv.model.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which nodes should hold a shard: in each sect the serving node (not TAKEN_OVER) with the highest
 * score by weighted rendezvous hashing (score = -weight / ln(u), u uniform from XXH3 of node id,
 * table name and shard).
 *
 * <p>A node that comes takes over its share of the shards and a node that goes leaves its own to
 * the others; nothing else moves. The score is computed with {@link StrictMath}, so that every
 * machine places alike; equal scores go to the smaller id.
 */
public final class Placement {
  private Placement() {}

  /** Sects that have at least one serving node, in whatever state, sorted. */
  public static List<String> sects(ClusterMetadata metadata) {
    TreeSet<String> sects = new TreeSet<>();
    for (NodeRecord node : metadata.nodes().values()) {
      if (node.serves()) {
        sects.add(node.sect());
      }
    }
    return List.copyOf(sects);
  }

  /** The node of {@code sect} that should hold the shard; empty when the sect has none. */
  public static Optional<NodeRecord> nodeFor(
      ClusterMetadata metadata, String sect, String table, int shard) {
    return nodeFor(metadata.nodes().values(), sect, table, shard);
  }

  /**
   * {@link #nodeFor} of every sect, in the order of the sects; those without a node are left out.
   */
  public static List<NodeRecord> nodesFor(ClusterMetadata metadata, String table, int shard) {
    List<NodeRecord> nodes = new ArrayList<>();
    for (String sect : sects(metadata)) {
      nodeFor(metadata, sect, table, shard).ifPresent(nodes::add);
    }
    return nodes;
  }

  private static Optional<NodeRecord> nodeFor(
      Collection<NodeRecord> nodes, String sect, String table, int shard) {
    NodeRecord best = null;
    double bestScore = 0;
    for (NodeRecord node : nodes) {
      if (!node.serves() || node.state() == NodeState.TAKEN_OVER || !node.sect().equals(sect)) {
        continue;
      }
      double score = score(node, table, shard);
      if (best == null || score > bestScore) {
        best = node;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Hashes {@code node id | 0 | table | 0 | shard in decimal}: neither name can have a zero byte.
   */
  private static double score(NodeRecord node, String table, int shard) {
    String name = node.id() + '\0' + table + '\0' + shard;
    long hash = KeyHash.of(name.getBytes(StandardCharsets.UTF_8));
    double uniform = ((hash >>> 12) + 0.5) * 0x1.0p-52;
    return -node.weight() / StrictMath.log(uniform);
  }
}
