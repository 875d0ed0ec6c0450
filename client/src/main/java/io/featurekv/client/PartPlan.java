package io.featurekv.client;

import io.featurekv.client.RoutingView.Node;
import io.featurekv.client.RoutingView.Sect;
import io.featurekv.model.Endpoint;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a batch are asked of which node. Pure. Keys are given by their index in the batch;
 * of their hashes the low 32 bits are enough to know the shard.
 *
 * @param parts who is asked for what
 * @param nobody keys for which everybody was asked already
 */
record PartPlan(List<Part> parts, int[] nobody) {
  private static final int LONGEST_KEY_BYTES =
      BatchGetRequest.KEY_OVERHEAD_BYTES + Limits.MAX_KEY_BYTES;
  private static final int NOBODY = -1;
  private static final int UNKNOWN = -2;
  private static final int[] NONE = {};

  /** Some keys for one node; {@code keys} null: all of the batch. */
  record Part(Endpoint node, int @Nullable [] keys) {}

  /** Asks one sect for all keys: the node that has their shard. */
  static PartPlan ofSect(RoutingView view, Sect sect, int[] hashes) {
    int shards = sect.holderOf().length;
    return grouped(view, null, hashes, shard -> sect.holderOf()[shard], shards);
  }

  /** Asks one node for everything. */
  static PartPlan ofOne(Node node) {
    return new PartPlan(List.of(new Part(known(node), null)), NONE);
  }

  /**
   * Sends keys of one shard to the first node that was not tried, best first.
   *
   * @param wanted null: all
   */
  static PartPlan of(
      Replicas replicas, String sect, int @Nullable [] wanted, int[] hashes, TryHistory history) {
    return of(replicas, wanted, hashes, shard -> next(replicas, sect, shard, history));
  }

  /**
   * Sends keys of one shard to another healthy holder than those that were tried, if it has one.
   */
  static PartPlan ofOtherHolders(
      Replicas replicas, String sect, int @Nullable [] wanted, int[] hashes, TryHistory history) {
    return of(
        replicas,
        wanted,
        hashes,
        shard -> firstUntried(replicas, replicas.healthyHolders(sect, shard), history));
  }

  private static PartPlan of(
      Replicas replicas, int @Nullable [] wanted, int[] hashes, IntUnaryOperator nextOf) {
    int[] next = new int[replicas.version().shards()];
    Arrays.fill(next, UNKNOWN);
    IntUnaryOperator nodeOf =
        shard -> {
          if (next[shard] == UNKNOWN) {
            next[shard] = nextOf.applyAsInt(shard);
          }
          return next[shard];
        };
    return grouped(replicas.view(), wanted, hashes, nodeOf, next.length);
  }

  private static int firstUntried(Replicas replicas, List<Node> nodes, TryHistory history) {
    for (Node node : nodes) {
      if (node.endpoint() != null && !history.tried().contains(node.endpoint())) {
        return replicas.view().nodes().indexOf(node);
      }
    }
    return NOBODY;
  }

  private static int next(Replicas replicas, String sect, int shard, TryHistory history) {
    if (history.tried().isEmpty()) {
      Node first = replicas.holderIn(sect, shard);
      if (first != null) {
        return replicas.view().nodes().indexOf(first);
      }
    }
    return firstUntried(replicas, replicas.candidates(sect, shard), history);
  }

  private static PartPlan grouped(
      RoutingView view,
      int @Nullable [] wanted,
      int[] hashes,
      IntUnaryOperator nodeOfShard,
      int shards) {
    int count = wanted == null ? hashes.length : wanted.length;
    int[] nodeOf = new int[count];
    // One more than nodes: the first is for keys that nobody is left for.
    int[] counts = new int[view.nodes().size() + 1];
    for (int i = 0; i < count; i++) {
      int key = wanted == null ? i : wanted[i];
      nodeOf[i] = nodeOfShard.applyAsInt(KeyHash.shardOf(hashes[key], shards));
      counts[nodeOf[i] + 1]++;
    }
    List<Part> parts = new ArrayList<>(2);
    for (int node = 0; node < view.nodes().size(); node++) {
      if (counts[node + 1] > 0) {
        Endpoint endpoint = known(view.nodes().get(node));
        boolean everything = counts[node + 1] == count;
        parts.add(
            new Part(
                endpoint, everything ? wanted : select(wanted, nodeOf, node, counts[node + 1])));
      }
    }
    int[] nobody = counts[0] == 0 ? NONE : select(wanted, nodeOf, NOBODY, counts[0]);
    return new PartPlan(parts, nobody);
  }

  private static int[] select(int @Nullable [] wanted, int[] nodeOf, int node, int count) {
    int[] keys = new int[count];
    for (int i = 0, filled = 0; filled < count; i++) {
      if (nodeOf[i] == node) {
        keys[filled++] = wanted == null ? i : wanted[i];
      }
    }
    return keys;
  }

  private static Endpoint known(Node node) {
    if (node.endpoint() == null) {
      throw new AssertionError("node " + node.id() + " without an address is asked");
    }
    return node.endpoint();
  }

  /**
   * Cuts keys into runs that a frame takes; a run has one key at least.
   *
   * @param wanted null: all, and so is the one run that is null
   */
  static List<int @Nullable []> cut(
      int @Nullable [] wanted, byte[][] keys, int maxKeys, int maxBytes) {
    int count = wanted == null ? keys.length : wanted.length;
    List<int @Nullable []> runs = new ArrayList<>(1);
    // Most fit whatever the lengths of their keys are.
    boolean surelyFits = (long) count * LONGEST_KEY_BYTES <= maxBytes;
    if (count > 0
        && count <= maxKeys
        && (surelyFits || Keys.requestBytes(keys, wanted) <= maxBytes)) {
      runs.add(wanted);
      return runs;
    }
    int[] all = wanted == null ? identity(count) : wanted;
    int start = 0;
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      int keyBytes = Keys.requestBytes(keys, new int[] {all[i]});
      if (i > start && (i - start == maxKeys || bytes + keyBytes > maxBytes)) {
        runs.add(Arrays.copyOfRange(all, start, i));
        start = i;
        bytes = 0;
      }
      bytes += keyBytes;
    }
    if (start < count) {
      runs.add(Arrays.copyOfRange(all, start, count));
    }
    return runs;
  }

  static int[] identity(int count) {
    int[] all = new int[count];
    for (int i = 0; i < count; i++) {
      all[i] = i;
    }
    return all;
  }
}
