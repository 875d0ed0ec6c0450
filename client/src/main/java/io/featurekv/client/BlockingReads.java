package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The reads of a {@link FeatureKvClient} or a {@link Snapshot} for callers that wait for the
 * answer: each throws what the future would end with. Not for network threads, that is for
 * callbacks of the client's futures; there it throws {@link IllegalStateException} instead of
 * waiting for itself.
 */
public final class BlockingReads {
  private final Reads reads;
  private final Session session;

  BlockingReads(Reads reads, Session session) {
    this.reads = reads;
    this.session = session;
  }

  /** See {@link Reads#batchGet(String, List)}. */
  public BatchResult batchGet(String table, List<byte[]> keys) {
    return batchGet(table, keys, ReadOptions.DEFAULT);
  }

  /** See {@link Reads#batchGet(String, List, ReadOptions)}. */
  public BatchResult batchGet(String table, List<byte[]> keys, ReadOptions options) {
    refuseOnNetworkThread();
    return await(reads.batchGet(table, keys, options));
  }

  /** See {@link Reads#batchGet(String, List, ReadOptions, BatchReader)}. */
  public <R> R batchGet(
      String table, List<byte[]> keys, ReadOptions options, BatchReader<R> reader) {
    refuseOnNetworkThread();
    return await(reads.batchGet(table, keys, options, reader));
  }

  /** See {@link Reads#get(String, byte[])}. */
  public Optional<byte[]> get(String table, byte[] key) {
    return get(table, key, ReadOptions.DEFAULT);
  }

  /** See {@link Reads#get(String, byte[], ReadOptions)}. */
  public Optional<byte[]> get(String table, byte[] key, ReadOptions options) {
    refuseOnNetworkThread();
    return await(reads.get(table, key, options));
  }

  /** See {@link Reads#getRow}. */
  public Optional<RowView> getRow(String table, byte[] key, ReadOptions options) {
    refuseOnNetworkThread();
    return await(reads.getRow(table, key, options));
  }

  /** See {@link FeatureKvClient#tables()}. */
  public List<TableInfo> tables() {
    refuseOnNetworkThread();
    return await(session.tables());
  }

  /** See {@link FeatureKvClient#snapshot(String...)}. */
  public Snapshot snapshot(String... tables) {
    refuseOnNetworkThread();
    return await(SnapshotOpening.ofActive(session, List.of(tables)));
  }

  /** See {@link FeatureKvClient#snapshot(SnapshotToken)}. */
  public Snapshot snapshot(SnapshotToken token) {
    refuseOnNetworkThread();
    return await(SnapshotOpening.ofToken(session, token));
  }

  void refuseOnNetworkThread() {
    if (session.transport().isNetworkThread()) {
      throw new IllegalStateException(
          "a blocking read on a network thread would wait for itself; use the asynchronous one");
    }
  }

  /** Waits for a future that has a deadline of its own. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      future.cancel(false);
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "interrupted while waiting", e);
    } catch (ExecutionException e) {
      FeatureKvException cause = NodeLink.asKnown(e.getCause() == null ? e : e.getCause());
      // A new one, so that the trace shows who waited.
      throw new FeatureKvException(cause.code(), String.valueOf(cause.getMessage()), cause);
    }
  }
}
