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
import org.jspecify.annotations.Nullable;

/**
 * Asks other nodes, one hop and at the same version, for the keys whose shards are not open here.
 */
final class Forwarder {
  /** Frame flag of BATCH_GET and SCAN: answer from what is here. */
  static final int NO_FORWARD = 1;

  /** Nodes asked in turn for one key. */
  private static final int MAX_HOPS_TRIED = 3;

  /** Longest wait for another node, whatever the reader's patience. */
  private static final long MAX_WAIT_MILLIS = 60_000;

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

  /** Gathers answers for some of the keys, asking everybody at the read time of the query. */
  CompletableFuture<Gathered> gather(BatchQuery query, PackedKeys keys, List<Integer> positions) {
    return attempt(query, keys, positions, 0, new Gathered(new HashMap<>(), new HashMap<>()));
  }

  private CompletableFuture<Gathered> attempt(
      BatchQuery query, PackedKeys keys, List<Integer> positions, int attempt, Gathered gathered) {
    Map<String, List<Integer>> byNode = new HashMap<>();
    for (int position : positions) {
      int shard = keys.shard(position);
      List<String> holders = query.version().elsewhere().get(shard);
      if (attempt < Math.min(holders.size(), MAX_HOPS_TRIED)) {
        byNode.computeIfAbsent(holders.get(attempt), node -> new ArrayList<>()).add(position);
      } else {
        gathered.errors().computeIfAbsent(position, _ -> nobodyHas(query, shard));
      }
    }
    if (byNode.isEmpty()) {
      return CompletableFuture.completedFuture(gathered);
    }
    List<CompletableFuture<List<Integer>>> parts = new ArrayList<>();
    byNode.forEach((node, theirs) -> parts.add(ask(query, keys, node, theirs, gathered)));
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenCompose(
            done -> {
              List<Integer> again = new ArrayList<>();
              parts.forEach(part -> again.addAll(part.join()));
              return attempt(query, keys, again, attempt + 1, gathered);
            });
  }

  private static FeatureKvException nobodyHas(BatchQuery query, int shard) {
    return new FeatureKvException(
        ErrorCode.UNAVAILABLE,
        "no node in reach has shard "
            + shard
            + " of "
            + query.table()
            + " version "
            + query.version().number());
  }

  /** Asks one node; completes with the positions that it did not answer. */
  private CompletableFuture<List<Integer>> ask(
      BatchQuery query, PackedKeys keys, String node, List<Integer> positions, Gathered gathered) {
    long millis = Math.max(1, (query.deadlineNanos() - System.nanoTime()) / 1_000_000);
    int timeoutMillis = (int) Math.min(millis, MAX_WAIT_MILLIS);
    List<byte[]> theirs = new ArrayList<>(positions.size());
    for (int position : positions) {
      theirs.add(keys.key(position));
    }
    ValueForm.Columns columns = query.form() instanceof ValueForm.Columns asked ? asked : null;
    return peers
        .call(
            node,
            FrameType.BATCH_GET,
            NO_FORWARD | (columns == null ? 0 : BatchGetRequest.COLUMNS),
            BatchGetRequest.encode(
                query.table(),
                query.version().number(),
                query.readTimeMillis(),
                timeoutMillis,
                theirs,
                columns == null ? null : columns.names()),
            timeoutMillis)
        .handle(
            (reply, failure) -> {
              synchronized (gathered) {
                return failure == null
                    ? take(reply, columns, positions, gathered)
                    : blame(FeatureKvException.from(failure), positions, gathered);
              }
            });
  }

  private static List<Integer> take(
      Reply reply,
      ValueForm.@Nullable Columns columns,
      List<Integer> positions,
      Gathered gathered) {
    BatchValues values = BatchValues.decode(reply.body(), columns != null);
    if (columns != null && !values.hasShape(columns.shape())) {
      // One of the two has not heard yet of what became of the table's columns.
      return blame(
          new FeatureKvException(ErrorCode.TRY_AGAIN, "the table's columns are being changed"),
          positions,
          gathered);
    }
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
