package io.featurekv.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * Decoded blocks of {@code blk} files, of all files of the process together, within a bound. Any
 * thread.
 */
final class BlockCache {
  /** System property: bytes of decoded blocks kept, 0 for none. */
  static final String BYTES_PROPERTY = "featurekv.block.cache.bytes";

  private static final long DEFAULT_BYTES = 64L << 20;

  /** A longer block is not kept: it would push out many others. */
  private static final int MAX_BLOCK_BYTES = 64 << 10;

  /**
   * Blocks that were asked for lately and were not kept, by a hash of them: the second time they
   * are. Most blocks of a large table are asked for once, and would only cost their way in and out.
   */
  private static final int ASKED_BITS = 16;

  /** What an entry costs besides its bytes. */
  private static final int ENTRY_BYTES = 96;

  private static final BlockCache SHARED =
      new BlockCache(Long.getLong(BYTES_PROPERTY, DEFAULT_BYTES));

  private final Cache<Key, byte[]> blocks;
  private final boolean isOff;

  /** Racy on purpose: a lost note keeps a block out once more. */
  private final long[] asked = new long[1 << ASKED_BITS];

  private record Key(long file, long offset) {
    @Override
    public int hashCode() {
      return (int) (mix(file, offset) >>> 32);
    }
  }

  private static long mix(long file, long offset) {
    return (offset + file * 0x9E3779B97F4A7C15L) * 0xD6E8FEB86659FD93L;
  }

  BlockCache(long maxBytes) {
    this.isOff = maxBytes <= 0;
    this.blocks =
        Caffeine.newBuilder()
            .maximumWeight(Math.max(0, maxBytes))
            .weigher((Key key, byte[] block) -> block.length + ENTRY_BYTES)
            .executor(Runnable::run)
            .build();
  }

  /** The one of this process. */
  static BlockCache shared() {
    return SHARED;
  }

  byte @Nullable [] get(long file, long offset) {
    return isOff ? null : blocks.getIfPresent(new Key(file, offset));
  }

  /** Takes a copy of a decoded block, if it was asked for before. */
  void put(long file, long offset, long address, int length) {
    if (isOff || length > MAX_BLOCK_BYTES || !wasAsked(file, offset)) {
      return;
    }
    byte[] copy = new byte[length];
    NativeMemory.copy(address, copy, 0, length);
    blocks.put(new Key(file, offset), copy);
  }

  private boolean wasAsked(long file, long offset) {
    long mixed = mix(file, offset);
    int at = (int) (mixed >>> (Long.SIZE - ASKED_BITS));
    if (asked[at] == mixed) {
      return true;
    }
    asked[at] = mixed;
    return false;
  }
}
