package io.featurekv.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads through a session; whoever extends it says at which version and time. */
abstract class SessionReads implements Reads {
  final Session session;
  private final BlockingReads blocking;

  SessionReads(Session session) {
    this.session = session;
    this.blocking = new BlockingReads(this, session);
  }

  /**
   * What a read of a table is of.
   *
   * @param version that the caller asks for; 0: none in particular
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when there cannot be such a read
   */
  abstract Pin pinOf(String table, long version);

  @Override
  public final CompletableFuture<BatchResult> batchGet(
      String table, List<byte[]> keys, ReadOptions options) {
    return session.batchGet(
        () -> pinOf(table, options.version()), keys, options, BatchOutcome.RESULT);
  }

  @Override
  public final <R> CompletableFuture<R> batchGet(
      String table, List<byte[]> keys, ReadOptions options, BatchReader<R> reader) {
    return session.batchGet(
        () -> pinOf(table, options.version()), keys, options, BatchOutcome.of(reader));
  }

  @Override
  public final CompletableFuture<Optional<byte[]>> get(
      String table, byte[] key, ReadOptions options) {
    return session.get(() -> pinOf(table, options.version()), key, options);
  }

  @Override
  public final TableScan scan(String table, ScanOptions options) {
    blocking.refuseOnNetworkThread();
    return TableScan.open(session, pinOf(table, options.version()), options);
  }

  @Override
  public final BlockingReads blocking() {
    return blocking;
  }

  @Override
  public final PlainReads plain() {
    return new PlainReads(blocking);
  }
}
