package io.featurekv.client;

import io.featurekv.client.RoutingView.Node;
import io.featurekv.model.Endpoint;
import io.featurekv.model.KeyHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a batch are asked of which node. Pure. Keys are given by their index in the batch.
 *
 * @param byNode who is asked for what
 * @param nobody keys for which everybody was asked already
 */
record PartPlan(Map<Endpoint, int[]> byNode, int[] nobody) {
  /** What a key takes in a frame besides its bytes. */
  private static final int KEY_OVERHEAD_BYTES = 2;

  /** Sends keys of one shard to the first node that was not tried, best first. */
  static PartPlan of(
      Replicas replicas, String sect, int[] wanted, long[] hashes, TryHistory history) {
    int shards = replicas.version().shards();
    Map<Integer, List<Integer>> byShard = new LinkedHashMap<>();
    for (int key : wanted) {
      byShard
          .computeIfAbsent(KeyHash.shardOf(hashes[key], shards), shard -> new ArrayList<>())
          .add(key);
    }
    Map<Endpoint, List<Integer>> byNode = new HashMap<>();
    List<Integer> nobody = new ArrayList<>();
    byShard.forEach(
        (shard, shardKeys) -> {
          Endpoint next = next(replicas, sect, shard, history);
          (next == null ? nobody : byNode.computeIfAbsent(next, node -> new ArrayList<>()))
              .addAll(shardKeys);
        });
    Map<Endpoint, int[]> arrays = new HashMap<>();
    byNode.forEach((node, nodeKeys) -> arrays.put(node, toArray(nodeKeys)));
    return new PartPlan(arrays, toArray(nobody));
  }

  private static @Nullable Endpoint next(
      Replicas replicas, String sect, int shard, TryHistory history) {
    if (history.tried().isEmpty()) {
      Node first = replicas.holderIn(sect, shard);
      if (first != null) {
        return first.endpoint();
      }
    }
    for (Node node : replicas.candidates(sect, shard)) {
      if (node.endpoint() != null && !history.tried().contains(node.endpoint())) {
        return node.endpoint();
      }
    }
    return null;
  }

  /** Cuts keys into runs that a frame takes; a run has one key at least. */
  static List<int[]> cut(int[] wanted, List<byte[]> keys, int maxKeys, int maxBytes) {
    List<int[]> runs = new ArrayList<>();
    int start = 0;
    long bytes = 0;
    for (int i = 0; i < wanted.length; i++) {
      int keyBytes = KEY_OVERHEAD_BYTES + keys.get(wanted[i]).length;
      if (i > start && (i - start == maxKeys || bytes + keyBytes > maxBytes)) {
        runs.add(Arrays.copyOfRange(wanted, start, i));
        start = i;
        bytes = 0;
      }
      bytes += keyBytes;
    }
    if (start < wanted.length) {
      runs.add(Arrays.copyOfRange(wanted, start, wanted.length));
    }
    return runs;
  }

  static int[] toArray(List<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).toArray();
  }
}
