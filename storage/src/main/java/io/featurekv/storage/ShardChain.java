package io.featurekv.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One shard of one version as readers see it: a full file and the increments on it, newest first.
 * Files are shared between chains and counted: a chain holds one reference of each file, a reader
 * holds a lease of the chain, the last release closes. Any thread.
 *
 * <p>Invariants: {@code state} is twice the leases, plus one until {@link #close}; it reaches zero
 * once, and whoever takes it there gives the files back; from then on it stays zero.
 */
public final class ShardChain implements AutoCloseable {
  private static final int OPEN = 1;
  private static final int LEASE = 2;

  private final List<OpenShardFile> files;
  private final List<ShardReader> readers;
  private final boolean isInMemory;
  private final AtomicInteger state = new AtomicInteger(OPEN);

  private ShardChain(List<OpenShardFile> files) {
    this.files = files;
    this.readers = files.stream().map(OpenShardFile::reader).toList();
    this.isInMemory = readers.stream().allMatch(MemReader.class::isInstance);
  }

  /**
   * Takes one more reference on each file (newest first); the caller keeps its own.
   *
   * @throws IllegalStateException when one of them is closed; no reference is kept then
   */
  public static ShardChain of(List<OpenShardFile> newestFirst) {
    List<OpenShardFile> retained = new ArrayList<>(newestFirst.size());
    try {
      for (OpenShardFile file : newestFirst) {
        file.retain();
        retained.add(file);
      }
      return new ShardChain(List.copyOf(retained));
    } catch (RuntimeException e) {
      retained.forEach(OpenShardFile::release);
      throw e;
    }
  }

  /** Takes a lease; false once the chain is closed. */
  public boolean tryAcquire() {
    int seen = state.get();
    while ((seen & OPEN) != 0) {
      if (state.compareAndSet(seen, seen + LEASE)) {
        return true;
      }
      seen = state.get();
    }
    return false;
  }

  /** Gives a lease back. */
  public void release() {
    int left = state.addAndGet(-LEASE);
    if (left < 0) {
      throw new IllegalStateException("a chain was released more often than acquired");
    }
    if (left == 0) {
      giveFilesBack();
    }
  }

  /** Whether all of it are {@code mem} files. */
  boolean isInMemory() {
    return isInMemory;
  }

  /** The reader of a file that is in memory, 0 the newest. */
  MemReader memReader(int index) {
    return (MemReader) readers.get(index);
  }

  /** Files of the chain. */
  int depth() {
    return readers.size();
  }

  /** The reader of a file, 0 the newest. */
  ShardReader reader(int index) {
    return readers.get(index);
  }

  /**
   * Entries in key order from {@code from} (null: the first; {@code inclusive} or after it) up to
   * but without {@code to} (null: the last), at most {@code maxEntries} and about {@code maxBytes}.
   * Call under a lease. {@code mem} tables refuse with INVALID_ARGUMENT.
   *
   * @param maxBytes of keys and values; the entry that reaches it is the last of the page
   * @param readTimeSeconds entries that expire at this time (seconds since 1970) or before are not
   *     there
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT, CORRUPT
   */
  public ScanPage scan(
      byte @Nullable [] from,
      boolean inclusive,
      byte @Nullable [] to,
      int maxEntries,
      int maxBytes,
      long readTimeSeconds) {
    for (OpenShardFile file : files) {
      ChainScan.refuseUnordered(file.info().spec());
    }
    try (ChainScan scan = new ChainScan(readers, readTimeSeconds)) {
      return scan.page(from, inclusive, to, maxEntries, maxBytes);
    }
  }

  /**
   * Keys of the newest file that have a value there, at most {@code maxKeys} and spread over the
   * file: all of them where there are no more. In no special order; none is there twice. Call under
   * a lease.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  public List<byte[]> sampleKeys(int maxKeys) {
    ShardFileInfo info = files.getFirst().info();
    try (EntryCursor cursor = readers.getFirst().cursor()) {
      return info.entries() + info.tombstones() <= maxKeys
          ? KeySample.all(cursor)
          : KeySample.spread(cursor, maxKeys);
    }
  }

  /** Closes for new readers; the memory goes with the last lease. Idempotent. */
  @Override
  public void close() {
    int seen = state.get();
    while ((seen & OPEN) != 0) {
      if (state.compareAndSet(seen, seen - OPEN)) {
        if (seen == OPEN) {
          giveFilesBack();
        }
        return;
      }
      seen = state.get();
    }
  }

  private void giveFilesBack() {
    files.forEach(OpenShardFile::release);
  }
}
