package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The reads of a {@link FeatureKvClient} for callers that wait for the answer: each throws what the
 * future would end with. Not for network threads, that is for callbacks of the client's futures;
 * there it throws {@link IllegalStateException} instead of waiting for itself.
 */
public final class BlockingReads {
  private final FeatureKvClient client;
  private final Session session;

  BlockingReads(FeatureKvClient client, Session session) {
    this.client = client;
    this.session = session;
  }

  /** See {@link FeatureKvClient#batchGet(String, List)}. */
  public BatchResult batchGet(String table, List<byte[]> keys) {
    return batchGet(table, keys, ReadOptions.DEFAULT);
  }

  /** See {@link FeatureKvClient#batchGet(String, List, ReadOptions)}. */
  public BatchResult batchGet(String table, List<byte[]> keys, ReadOptions options) {
    refuseOnNetworkThread();
    return await(client.batchGet(table, keys, options));
  }

  /** See {@link FeatureKvClient#get(String, byte[])}. */
  public Optional<byte[]> get(String table, byte[] key) {
    return get(table, key, ReadOptions.DEFAULT);
  }

  /** See {@link FeatureKvClient#get(String, byte[], ReadOptions)}. */
  public Optional<byte[]> get(String table, byte[] key, ReadOptions options) {
    refuseOnNetworkThread();
    return await(client.get(table, key, options));
  }

  /** See {@link FeatureKvClient#tables()}. */
  public List<TableInfo> tables() {
    refuseOnNetworkThread();
    return await(client.tables());
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
