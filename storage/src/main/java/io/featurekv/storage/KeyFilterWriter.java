package io.featurekv.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Fills a {@link KeyFilter}. Where it is known how many keys will come, each goes into its block at
 * once, which needs no memory besides the filter; else their hashes are kept until the end. One
 * thread.
 *
 * <p>Keys come in no order of hashes, so that each means a cache miss: they are entered some at a
 * time, all blocks touched before the first is changed, so that the misses overlap.
 */
final class KeyFilterWriter implements AutoCloseable {
  private static final int TOGETHER = 64;

  private final @Nullable GrowingLongs kept;
  private final long[] waiting = new long[TOGETHER];
  private int waitingCount;
  private long blocks;
  private @Nullable VirtualMemory memory;

  /** Adds up what is touched, so that nobody leaves that out. */
  long touched;

  /**
   * Begins a filter.
   *
   * @param expectedKeys 0 if unknown
   */
  KeyFilterWriter(long expectedKeys) {
    this.kept = expectedKeys == 0 ? new GrowingLongs() : null;
    if (expectedKeys > 0) {
      allocate(expectedKeys);
    }
  }

  private VirtualMemory allocate(long keys) {
    blocks = Math.max(1, (keys * KeyFilter.BITS_PER_KEY + 255) / 256);
    VirtualMemory allocated = VirtualMemory.allocate(blocks * KeyFilter.BLOCK_BYTES);
    memory = allocated;
    return allocated;
  }

  void add(long hash) {
    if (kept != null) {
      kept.add(hash);
    } else {
      enter(hash);
    }
  }

  private void enter(long hash) {
    waiting[waitingCount++] = hash;
    if (waitingCount == TOGETHER) {
      enterWaiting();
    }
  }

  private void enterWaiting() {
    VirtualMemory filter = memory;
    if (filter == null) {
      return;
    }
    long base = filter.address();
    long sum = 0;
    for (int i = 0; i < waitingCount; i++) {
      sum += NativeMemory.getLong(KeyFilter.block(base, blocks, waiting[i]));
    }
    touched += sum;
    for (int i = 0; i < waitingCount; i++) {
      KeyFilter.enter(KeyFilter.block(base, blocks, waiting[i]), waiting[i]);
    }
    waitingCount = 0;
  }

  /** Writes the filter. */
  void write(BlobWriter to) {
    VirtualMemory filter = memory;
    if (kept != null) {
      filter = allocate(kept.size());
      for (long i = 0; i < kept.size(); i++) {
        enter(kept.get(i));
      }
    }
    enterWaiting();
    byte[] header =
        ByteBuffer.allocate(KeyFilter.HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(blocks)
            .array();
    to.write(header, 0, header.length);
    if (filter != null) {
      to.write(filter.address(), blocks * KeyFilter.BLOCK_BYTES);
    }
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    if (kept != null) {
      kept.close();
    }
    if (memory != null) {
      memory.close();
    }
  }
}
