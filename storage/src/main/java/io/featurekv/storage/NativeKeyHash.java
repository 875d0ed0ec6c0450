package io.featurekv.storage;

import io.featurekv.model.KeyHash;

/**
 * {@link KeyHash} of keys outside the heap: the short lengths that most keys have in place, the
 * others through a copy.
 *
 * <p>XXH3-64 with seed 0 for 4 to 16 bytes (Collet, xxHash specification, XXH3_len_4to8_64b and
 * XXH3_len_9to16_64b).
 */
public final class NativeKeyHash {
  private static final long FLIP_4_TO_8 = 0xC73AB174C5ECD5A2L;
  private static final long FLIP_LOW = 0x6782737BEA4239B9L;
  private static final long FLIP_HIGH = 0xAF56BC3B0996523AL;
  private static final long PRIME_MX1 = 0x165667919E3779F9L;
  private static final long PRIME_MX2 = 0x9FB21C651E98DF25L;

  private NativeKeyHash() {}

  /**
   * The hash of the key at an address.
   *
   * @param scratch room for a longest key
   */
  public static long of(long address, int length, byte[] scratch) {
    if (length > 8 && length <= 16) {
      return of9To16(
          NativeMemory.getLong(address), NativeMemory.getLong(address + length - 8), length);
    }
    if (length >= 4 && length <= 8) {
      return of4To8(
          NativeMemory.getU32(address), NativeMemory.getU32(address + length - 4), length);
    }
    NativeMemory.copy(address, scratch, 0, length);
    return KeyHash.of(scratch, 0, length);
  }

  private static long of9To16(long first, long last, int length) {
    long low = first ^ FLIP_LOW;
    long high = last ^ FLIP_HIGH;
    long folded = low * high ^ Math.unsignedMultiplyHigh(low, high);
    long hash = length + Long.reverseBytes(low) + high + folded;
    hash ^= hash >>> 37;
    hash *= PRIME_MX1;
    return hash ^ hash >>> 32;
  }

  private static long of4To8(long first, long last, int length) {
    long hash = last + (first << 32) ^ FLIP_4_TO_8;
    hash ^= Long.rotateLeft(hash, 49) ^ Long.rotateLeft(hash, 24);
    hash *= PRIME_MX2;
    hash ^= (hash >>> 35) + length;
    hash *= PRIME_MX2;
    return hash ^ hash >>> 28;
  }
}
