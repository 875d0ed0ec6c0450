package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a FeatureKV cluster. Thread-safe; an application needs one.
 *
 * <p>A batch is of one version of the table, absent keys included. A new version that becomes
 * active meanwhile is not seen by batches under way, and a client never goes back to an older state
 * of the cluster than it has seen. The cluster's changes are followed in the background, and the
 * loss of a node is bridged by the others: keys read FAILED only when nobody could answer for them
 * in time.
 *
 * <p>Every future ends by its deadline. Futures are completed on network threads: what hangs on
 * them directly must not block (use the {@code Async} methods of {@link CompletableFuture}, or
 * {@link #blocking()} from threads of your own). Errors are {@link FeatureKvException}s.
 */
public final class FeatureKvClient implements AutoCloseable {
  /** Most keys in one batch; it is cut into as many frames as it needs. */
  public static final int MAX_KEYS = 1_000_000;

  private final Session session;
  private final BlockingReads blocking;

  private FeatureKvClient(ClientConfig config) {
    session = new Session(config);
    blocking = new BlockingReads(this, session);
  }

  /**
   * Starts a client. It connects in the background: the first read waits for it, and fails with
   * UNAVAILABLE when no endpoint answers.
   */
  public static FeatureKvClient connect(ClientConfig config) {
    FeatureKvClient client = new FeatureKvClient(config);
    client.session.start();
    return client;
  }

  /** Starts a client with the defaults and endpoints written {@code host:port,...}. */
  public static FeatureKvClient connect(String endpoints) {
    return connect(ClientConfig.of(endpoints));
  }

  /** The same reads for callers that wait for them. */
  public BlockingReads blocking() {
    return blocking;
  }

  /**
   * {@link #batchGet(String, List, ReadOptions)} of the active version, by the client's timeout.
   */
  public CompletableFuture<BatchResult> batchGet(String table, List<byte[]> keys) {
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
   *     reads are under way
   */
  public CompletableFuture<BatchResult> batchGet(
      String table, List<byte[]> keys, ReadOptions options) {
    return start(table, keys, options, BatchOutcome.RESULT);
  }

  /**
   * As {@link #batchGet(String, List, ReadOptions)}, for callers to whom a copy of every reply and
   * an array for every value are too much: a reader looks at the answers in the memory that they
   * were received into, and makes of them what is wanted.
   *
   * @param reader called on a network thread, once, unless the batch as a whole fails
   * @return what the reader has made
   */
  public <R> CompletableFuture<R> batchGet(
      String table, List<byte[]> keys, ReadOptions options, BatchReader<R> reader) {
    return start(table, keys, options, BatchOutcome.of(reader));
  }

  private <T> CompletableFuture<T> start(
      String table, List<byte[]> keys, ReadOptions options, BatchOutcome<T> outcome) {
    try {
      Pin pin = pinOf(table, options.version());
      Deadline deadline = Deadline.after(timeoutOf(options.timeout()));
      return BatchCall.start(
          session, pin, Keys.checked(keys), deadline, options.allowPartial(), outcome);
    } catch (FeatureKvException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** The value of one key at the active version; empty when it has none. */
  public CompletableFuture<Optional<byte[]>> get(String table, byte[] key) {
    return get(table, key, ReadOptions.DEFAULT);
  }

  /**
   * The value of one key; empty when it has none. Errors as in {@link #batchGet(String, List,
   * ReadOptions)}, and a FAILED key is one too.
   */
  public CompletableFuture<Optional<byte[]>> get(String table, byte[] key, ReadOptions options) {
    CompletableFuture<Optional<byte[]>> value = new CompletableFuture<>();
    var unused =
        batchGet(table, List.of(key), options)
            .whenComplete(
                (result, error) -> {
                  FeatureKvException failure =
                      error != null ? NodeLink.asKnown(error) : result.error(0);
                  if (failure != null) {
                    value.completeExceptionally(failure);
                  } else {
                    value.complete(Optional.ofNullable(result.value(0)));
                  }
                });
    return value;
  }

  /**
   * Starts reading a table in the order of its keys. Waits until the version is pinned, and so must
   * not be called on a network thread.
   *
   * @throws FeatureKvException as in {@link #batchGet(String, List, ReadOptions)}
   */
  public TableScan scan(String table, ScanOptions options) {
    blocking.refuseOnNetworkThread();
    return TableScan.open(session, pinOf(table, options.version()), options);
  }

  /** The tables as some node knew them after this call, by name. */
  public CompletableFuture<List<TableInfo>> tables() {
    CompletableFuture<List<TableInfo>> result = new CompletableFuture<>();
    try {
      session.opened(result);
      Deadline deadline = Deadline.after(session.config().timeout());
      NetworkThread thread = session.transport().nextThread();
      var unused =
          session
              .firstRouting(thread, deadline.leftMillis())
              .thenCompose(
                  view -> session.freshRouting(fresh -> false, 0, thread, deadline.leftMillis()))
              .whenComplete(
                  (view, error) -> {
                    if (error != null) {
                      result.completeExceptionally(NodeLink.asKnown(error));
                    } else {
                      result.complete(tablesOf(view));
                    }
                  });
    } catch (FeatureKvException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  private static List<TableInfo> tablesOf(RoutingView view) {
    List<TableInfo> tables = new ArrayList<>();
    for (RoutingView.Table table : view.tables().values()) {
      RoutingView.Version active = table.versions().get(table.activeVersion());
      tables.add(
          new TableInfo(
              table.name(),
              table.kind(),
              table.activeVersion(),
              active == null ? 0 : active.shards(),
              List.copyOf(table.versions().keySet())));
    }
    tables.sort(Comparator.comparing(TableInfo::name));
    return List.copyOf(tables);
  }

  private static Pin pinOf(String table, long version) {
    if (version < 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "version " + version + " is not a positive number");
    }
    return new Pin(TableName.checked("table", table), version);
  }

  private Duration timeoutOf(@Nullable Duration timeout) {
    return timeout == null ? session.config().timeout() : timeout;
  }

  /** What this client has done so far. */
  public ClientStatistics statistics() {
    return session.counters().read();
  }

  /** Closes every connection; reads under way end with UNAVAILABLE. */
  @Override
  public void close() {
    session.close();
  }
}
