package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What can be read: by a {@link FeatureKvClient} at the versions that are active, by a {@link
 * Snapshot} at those that it has pinned. Thread-safe.
 *
 * <p>Every future ends by its deadline. Futures are completed on network threads: what hangs on
 * them directly must not block (use the {@code Async} methods of {@link CompletableFuture}, or
 * {@link #blocking()} from threads of your own). Errors are {@link FeatureKvException}s.
 */
public interface Reads {
  /** {@link #batchGet(String, List, ReadOptions)} by the client's timeout. */
  default CompletableFuture<BatchResult> batchGet(String table, List<byte[]> keys) {
    return batchGet(table, keys, ReadOptions.DEFAULT);
  }

  /**
   * Reads some keys of one table, all at one version. A key may be there twice.
   *
   * @return what was found for each key, in their order; or an error for the batch as a whole:
   *     NOT_FOUND when there is no such table, version, or no active version yet, SNAPSHOT_GONE
   *     when the version that was asked for is no longer kept, UNAVAILABLE when the cluster cannot
   *     be reached, INVALID_ARGUMENT or TOO_LARGE when a key or the batch is beyond its limits,
   *     DEADLINE when not even the version could be determined in time, TRY_AGAIN when too many
   *     reads are under way; and where partial results are not allowed, the first key's error
   */
  CompletableFuture<BatchResult> batchGet(String table, List<byte[]> keys, ReadOptions options);

  /**
   * As {@link #batchGet(String, List, ReadOptions)}, for callers to whom a copy of every reply and
   * an array for every value are too much: a reader looks at the answers in the memory that they
   * were received into, and makes of them what is wanted.
   *
   * @param reader called on a network thread, once, unless the batch as a whole fails
   * @return what the reader has made
   */
  <R> CompletableFuture<R> batchGet(
      String table, List<byte[]> keys, ReadOptions options, BatchReader<R> reader);

  /** {@link #get(String, byte[], ReadOptions)} by the client's timeout. */
  default CompletableFuture<Optional<byte[]>> get(String table, byte[] key) {
    return get(table, key, ReadOptions.DEFAULT);
  }

  /**
   * The value of one key; empty when it has none. Errors as in {@link #batchGet(String, List,
   * ReadOptions)}, and a FAILED key is one too.
   */
  CompletableFuture<Optional<byte[]>> get(String table, byte[] key, ReadOptions options);

  /**
   * Columns of the row of one key; empty when it has none. Errors as in {@link #batchGet(String,
   * List, ReadOptions)}, and a FAILED key is one too.
   *
   * @param options {@link ReadOptions#columns}, or all columns where they name none
   */
  default CompletableFuture<Optional<RowView>> getRow(
      String table, byte[] key, ReadOptions options) {
    ReadOptions ofRows = options.columns() == null ? options.withAllColumns() : options;
    return batchGet(table, List.of(key), ofRows.withAllowPartial(false))
        .thenApply(result -> Optional.ofNullable(result.row(0)));
  }

  /**
   * Starts reading a table in the order of its keys. Waits until the version is pinned, and so must
   * not be called on a network thread.
   *
   * @throws FeatureKvException as in {@link #batchGet(String, List, ReadOptions)}
   */
  TableScan scan(String table, ScanOptions options);

  /** The same reads for callers that wait for them. */
  BlockingReads blocking();

  /** The same reads for callers that want bytes, all or nothing. */
  PlainReads plain();
}
