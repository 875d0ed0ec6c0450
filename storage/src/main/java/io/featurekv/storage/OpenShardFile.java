package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * One open, verified shard file, counted: opened with one reference, closed by the last release.
 * Any thread.
 *
 * <p>Invariants: the map is there exactly as long as the count is above zero; a count that reached
 * zero never rises again. Opening one path twice gives two independent maps of the same pages.
 */
public final class OpenShardFile implements AutoCloseable {
  private final Path file;
  private final ShardFileInfo info;
  private final ShardReader reader;
  private final AtomicInteger references = new AtomicInteger(1);
  private final AtomicBoolean isClosedByOpener = new AtomicBoolean();

  private OpenShardFile(Path file, ShardFileInfo info, ShardReader reader) {
    this.file = file;
    this.info = info;
    this.reader = reader;
  }

  /** The arena goes with the reader. */
  @SuppressWarnings("MustBeClosedChecker")
  static OpenShardFile open(Path file, ShardFileSpec expected, IntConsumer paceBytes) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SealRecord seal = SealRecord.read(file, channel);
      ShardOpening opening = ShardOpening.of(file, channel, seal, arena, paceBytes);
      checkIdentity(file, expected, opening.info().spec());
      return new OpenShardFile(file, opening.info(), opening.reader(BlockCache.shared()));
    } catch (IOException e) {
      close(arena);
      throw FileErrors.onRead(file, e);
    } catch (RuntimeException | Error e) {
      close(arena);
      throw e;
    }
  }

  /** See {@link ShardFiles#entriesChecksum(Path, ShardFileSpec, IntConsumer)}. */
  @SuppressWarnings("MustBeClosedChecker")
  static EntryTotals readBack(Path file, ShardFileSpec expected, IntConsumer paceBytes) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SealRecord seal = SealRecord.read(file, channel);
      ShardOpening opening = ShardOpening.of(file, channel, seal, arena, paceBytes);
      checkIdentity(file, expected, opening.info().spec());
      return opening.readBack();
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    } catch (InternalError e) {
      throw FileErrors.corrupt(file, "it cannot be read: " + e.getMessage());
    } catch (IOException e) {
      throw FileErrors.onRead(file, e);
    } finally {
      close(arena);
    }
  }

  private static void close(Arena arena) {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static void checkIdentity(Path file, ShardFileSpec expected, ShardFileSpec actual) {
    if (!actual.equals(expected)) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          file + " is another file: expected " + expected + ", found " + actual);
    }
  }

  public ShardFileInfo info() {
    return info;
  }

  /**
   * Brings the pages of a mapped file into memory and into the page tables, from its beginning, so
   * that its first readers do not wait for the disk; nothing is left to do for kind {@code mem}.
   * Does what it can: pages that cannot be read are left to their readers.
   *
   * @param paceBytes is told of bytes that were brought in, and may block to slow it down
   * @param maxBytes where to stop
   */
  public void warm(IntConsumer paceBytes, long maxBytes) {
    retain();
    try {
      reader.warm(paceBytes, maxBytes);
    } finally {
      release();
    }
  }

  /**
   * Reads a few entries through the reader and checks them against what a walk over the file gives,
   * and a few records of every database against LMDB's own reading; throws CORRUPT where they
   * differ.
   */
  public void probe() {
    retain();
    try {
      new ShardProbe(file, info, reader).run();
    } finally {
      release();
    }
  }

  /** See {@link ShardFiles#entriesChecksum(OpenShardFile, IntConsumer)}. */
  EntryTotals readBack(IntConsumer paceBytes) {
    retain();
    try {
      return reader.readBack(paceBytes);
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    } catch (InternalError e) {
      throw FileErrors.corrupt(file, "it cannot be read: " + e.getMessage());
    } finally {
      release();
    }
  }

  /** Bytes of memory it keeps resident. */
  public long residentBytes() {
    return reader.residentBytes();
  }

  Path path() {
    return file;
  }

  ShardReader reader() {
    return reader;
  }

  /**
   * Takes one more reference.
   *
   * @throws IllegalStateException when the last one was given back
   */
  void retain() {
    int count = references.get();
    while (count > 0) {
      if (references.compareAndSet(count, count + 1)) {
        return;
      }
      count = references.get();
    }
    throw new IllegalStateException(file + " is closed");
  }

  /** Gives a reference back; the last one unmaps the file. */
  void release() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException(file + " was released more often than retained");
    }
    if (left == 0) {
      reader.close();
    }
  }

  /** Gives the opener's reference back. Idempotent. */
  @Override
  public void close() {
    if (isClosedByOpener.compareAndSet(false, true)) {
      release();
    }
  }

  @Override
  public String toString() {
    return "OpenShardFile[" + file + "]";
  }
}
