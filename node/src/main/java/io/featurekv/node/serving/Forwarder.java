package io.featurekv.node.serving;

import io.featurekv.client.transport.Reply;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.Peers;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.ValueStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Asks other nodes, one hop and at the same version, for the keys whose shards are not open here.
 */
final class Forwarder {
  /** Frame flag of BATCH_GET and SCAN: answer from what is here. */
  static final int NO_FORWARD = 1;

  /** Nodes asked in turn for one key. */
  private static final int MAX_HOPS_TRIED = 3;

  private final Peers peers;

  Forwarder(Peers peers) {
    this.peers = peers;
  }

  /** A key that another node answered: its place in that node's reply. */
  record RemoteAnswer(BatchValues values, int index) {}

  /**
   * What is known of the keys that are not here; the keys of neither map are FAILED with the error
   * of their shard's nodes.
   */
  record Gathered(Map<Integer, RemoteAnswer> answers, Map<Integer, FeatureKvException> errors) {}

  /**
   * Gathers answers for {@code positions} of the request.
   *
   * @param readTimeMillis at which everybody is asked
   * @param shardOf shard of each position of the request
   */
  CompletableFuture<Gathered> gather(
      BatchGetRequest request,
      ServedVersion version,
      long readTimeMillis,
      List<Integer> positions,
      int[] shardOf,
      long deadlineNanos) {
    Gathered gathered = new Gathered(new HashMap<>(), new HashMap<>());
    return attempt(
        request, version, readTimeMillis, positions, shardOf, deadlineNanos, 0, gathered);
  }

  private CompletableFuture<Gathered> attempt(
      BatchGetRequest request,
      ServedVersion version,
      long readTimeMillis,
      List<Integer> positions,
      int[] shardOf,
      long deadlineNanos,
      int attempt,
      Gathered gathered) {
    Map<String, List<Integer>> byNode = new HashMap<>();
    for (int position : positions) {
      List<String> holders = version.elsewhere().get(shardOf[position]);
      if (attempt < Math.min(holders.size(), MAX_HOPS_TRIED)) {
        byNode.computeIfAbsent(holders.get(attempt), node -> new ArrayList<>()).add(position);
      } else if (!gathered.errors().containsKey(position)) {
        gathered
            .errors()
            .put(
                position,
                new FeatureKvException(
                    ErrorCode.UNAVAILABLE,
                    "no node in reach has shard "
                        + shardOf[position]
                        + " of "
                        + request.table()
                        + " version "
                        + version.number()));
      }
    }
    if (byNode.isEmpty()) {
      return CompletableFuture.completedFuture(gathered);
    }
    List<CompletableFuture<List<Integer>>> parts = new ArrayList<>();
    byNode.forEach(
        (node, keys) ->
            parts.add(ask(request, version, readTimeMillis, node, keys, deadlineNanos, gathered)));
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenCompose(
            done -> {
              List<Integer> again = new ArrayList<>();
              parts.forEach(part -> again.addAll(part.join()));
              return attempt(
                  request,
                  version,
                  readTimeMillis,
                  again,
                  shardOf,
                  deadlineNanos,
                  attempt + 1,
                  gathered);
            });
  }

  /** Asks one node; completes with the positions that it did not answer. */
  private CompletableFuture<List<Integer>> ask(
      BatchGetRequest request,
      ServedVersion version,
      long readTimeMillis,
      String node,
      List<Integer> positions,
      long deadlineNanos,
      Gathered gathered) {
    long millis = Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000);
    int timeoutMillis = (int) Math.min(millis, Integer.MAX_VALUE);
    List<byte[]> keys = new ArrayList<>(positions.size());
    for (int position : positions) {
      keys.add(request.key(position));
    }
    return peers
        .call(
            node,
            FrameType.BATCH_GET,
            NO_FORWARD,
            BatchGetRequest.encode(
                request.table(), version.number(), readTimeMillis, timeoutMillis, keys),
            timeoutMillis)
        .handle(
            (reply, failure) -> {
              synchronized (gathered) {
                return failure == null
                    ? take(reply, positions, gathered)
                    : blame(FeatureKvException.from(failure), positions, gathered);
              }
            });
  }

  private static List<Integer> take(Reply reply, List<Integer> positions, Gathered gathered) {
    BatchValues values = BatchValues.decode(reply.body());
    List<Integer> again = new ArrayList<>();
    for (int i = 0; i < positions.size(); i++) {
      if (values.status(i) == ValueStatus.FAILED) {
        gathered
            .errors()
            .put(
                positions.get(i),
                new FeatureKvException(values.errorCode(i), values.errorMessage(i)));
        again.add(positions.get(i));
      } else {
        gathered.errors().remove(positions.get(i));
        gathered.answers().put(positions.get(i), new RemoteAnswer(values, i));
      }
    }
    return again;
  }

  private static List<Integer> blame(
      FeatureKvException error, List<Integer> positions, Gathered gathered) {
    for (int position : positions) {
      gathered.errors().put(position, error);
    }
    return positions;
  }
}
