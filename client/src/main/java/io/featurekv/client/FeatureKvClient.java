package io.featurekv.client;

import io.featurekv.client.transport.Transport;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

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
public final class FeatureKvClient extends SessionReads implements AutoCloseable {
  /** Most keys in one batch; it is cut into as many frames as it needs. */
  public static final int MAX_KEYS = 1_000_000;

  private FeatureKvClient(ClientConfig config, Transport transport) {
    super(new Session(config, transport));
  }

  /**
   * Starts a client. It connects in the background: the first read waits for it, and fails with
   * UNAVAILABLE when no endpoint answers.
   */
  public static FeatureKvClient connect(ClientConfig config) {
    return connect(config, Transport.start(config.networkThreads()));
  }

  static FeatureKvClient connect(ClientConfig config, Transport transport) {
    FeatureKvClient client = new FeatureKvClient(config, transport);
    client.session.start();
    return client;
  }

  /** Starts a client with the defaults and endpoints written {@code host:port,...}. */
  public static FeatureKvClient connect(String endpoints) {
    return connect(ClientConfig.of(endpoints));
  }

  /**
   * Pins the active versions of several tables, as they are together at one moment, and the time by
   * which entries have expired: for reads in many calls that must fit together.
   *
   * @return or NOT_FOUND when one of them does not exist or has no active version, INVALID_ARGUMENT
   *     when no table is named, UNAVAILABLE when the cluster cannot be reached
   */
  public CompletableFuture<Snapshot> snapshot(String... tables) {
    return snapshot(List.of(tables));
  }

  /** {@link #snapshot(String...)} of a collection. */
  public CompletableFuture<Snapshot> snapshot(Collection<String> tables) {
    return SnapshotOpening.ofActive(session, tables);
  }

  /**
   * Goes on with a snapshot that was taken before, by this client or another.
   *
   * @return or WRONG_CLUSTER when it is of another cluster, SNAPSHOT_GONE when a version of it is
   *     no longer kept or it is too old, UNAVAILABLE when no node in reach knows the cluster as it
   *     was then
   */
  public CompletableFuture<Snapshot> snapshot(SnapshotToken token) {
    return SnapshotOpening.ofToken(session, token);
  }

  /** The tables as some node knew them after this call, by name. */
  public CompletableFuture<List<TableInfo>> tables() {
    return session.tables();
  }

  @Override
  Pin pinOf(String table, long version) {
    if (version < 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "version " + version + " is not a positive number");
    }
    return new Pin(TableName.checked("table", table), version);
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
