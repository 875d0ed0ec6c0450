package io.featurekv.node.serving;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.model.TableKind;
import io.featurekv.node.control.Peers;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * BATCH_GET: one version of a table for all keys of the batch. {@code mem} is answered on the event
 * loop, {@code idx} and {@code blk}, which may wait for a disk, on the read pool. Shards that are
 * not open here are asked of other nodes first, unless the flag forbids it.
 */
public final class BatchGetHandler implements MessageHandler {
  private final ServingCatalog catalog;
  private final Executor readPool;
  private final Forwarder forwarder;
  private final ReadMetrics metrics;
  private final ReadClock readClock;

  /** {@code readPool} rejects when its queue is full. */
  public BatchGetHandler(
      ServingCatalog catalog,
      Executor readPool,
      Peers peers,
      ReadMetrics metrics,
      ReadClock readClock) {
    this.catalog = catalog;
    this.readPool = readPool;
    this.forwarder = new Forwarder(peers);
    this.metrics = metrics;
    this.readClock = readClock;
  }

  @Override
  public void handle(Exchange exchange) {
    long startNanos = System.nanoTime();
    BatchGetRequest request = BatchGetRequest.decode(exchange.body());
    long deadlineNanos = startNanos + request.timeoutMillis() * 1_000_000L;
    ServingCatalog.Picture picture = catalog.current();
    ServedVersion version = versionFor(picture, request.table(), request.version());
    // One time for what is here and for what others are asked.
    long readTimeMillis =
        request.readTimeMillis() == 0 ? readClock.millis() : request.readTimeMillis();
    BatchAnswer answer =
        new BatchAnswer(
            exchange,
            request,
            version,
            readTimeMillis / 1000,
            picture.metadataIndex(),
            startNanos,
            metrics);
    boolean mayForward = (exchange.flags() & Forwarder.NO_FORWARD) == 0;
    List<Integer> missing = mayForward ? positionsElsewhere(request, version) : List.of();
    if (!missing.isEmpty()) {
      metrics.forwarded(missing.size());
      int[] shardOf = BatchScratch.ofThisThread().shardOfKeys();
      forwarder
          .gather(request, version, readTimeMillis, missing, shardOf, deadlineNanos)
          .whenComplete((gathered, failure) -> finishOnPool(answer, deadlineNanos, gathered));
    } else if (version.kind() == TableKind.MEM) {
      answer.finish(null);
    } else {
      finishOnPool(answer, deadlineNanos, null);
    }
  }

  private void finishOnPool(
      BatchAnswer answer, long deadlineNanos, Forwarder.@Nullable Gathered gathered) {
    try {
      readPool.execute(
          () -> {
            if (System.nanoTime() - deadlineNanos > 0) {
              answer.fail(ErrorCode.DEADLINE, "the deadline passed while the batch waited");
            } else {
              answer.finish(gathered);
            }
          });
    } catch (RejectedExecutionException e) {
      answer.fail(ErrorCode.TRY_AGAIN, "too many reads are waiting on this node");
    }
  }

  /** Positions of the keys whose shard is not open here. */
  private static List<Integer> positionsElsewhere(BatchGetRequest request, ServedVersion version) {
    boolean isWhole = true;
    for (ShardChain chain : version.chains()) {
      isWhole &= chain != null;
    }
    if (isWhole) {
      return List.of();
    }
    BatchScratch scratch = BatchScratch.ofThisThread();
    scratch.prepare(request, version.shardCount());
    List<Integer> positions = new ArrayList<>();
    for (int key = 0; key < request.count(); key++) {
      if (version.chains().get(scratch.keys.shard(key)) == null) {
        positions.add(key);
      }
    }
    return positions;
  }

  /** The version that a request means, or an error that says why there is none. */
  static ServedVersion versionFor(ServingCatalog.Picture picture, String name, long number) {
    ServedTable table = picture.table(name);
    if (table == null) {
      throw new FeatureKvException(ErrorCode.NOT_FOUND, "no table '" + name + "'");
    }
    long wanted = number == 0 ? table.activeVersion() : number;
    if (wanted == 0) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND, "table '" + name + "' has no active version yet");
    }
    ServedVersion version = table.version(wanted);
    if (version == null) {
      throw new FeatureKvException(
          ErrorCode.VERSION_NOT_SERVED,
          "version " + wanted + " of table '" + name + "' is not served by this node");
    }
    return version;
  }
}
