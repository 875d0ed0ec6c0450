package io.featurekv.loader.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Looks at bytes eight at a time, as little-endian words, whose lowest byte comes first (Mycroft;
 * Lamport: "Multiple byte processing with full-word instructions", 1975).
 */
public final class ByteScan {
  /** The highest bit of each byte. */
  public static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ByteScan() {}

  /** The eight bytes from {@code at} on. */
  public static long word(byte[] bytes, int at) {
    return (long) WORD.get(bytes, at);
  }

  /** Writes eight bytes from {@code at} on. */
  public static void putWord(byte[] bytes, int at, long word) {
    WORD.set(bytes, at, word);
  }

  /** A word of eight times the same byte. */
  public static long pattern(int oneByte) {
    return (oneByte & 0xFF) * ONES;
  }

  /**
   * Finds a byte in a word: 0 where it is not there; else the lowest bit that is set is the highest
   * of the first byte that is equal. Higher ones mean nothing.
   *
   * @param pattern eight times the byte
   */
  public static long find(long word, long pattern) {
    long x = word ^ pattern;
    return (x - ONES) & ~x & HIGH_BITS;
  }

  /** Which byte of the word the lowest bit of a result of {@link #find} stands for, from 0. */
  public static int first(long found) {
    return Long.numberOfTrailingZeros(found) >>> 3;
  }

  /** Whether no byte has its highest bit set. */
  public static boolean isAscii(byte[] bytes, int offset, int length) {
    return asciiLength(bytes, offset, length) == length;
  }

  /** How many bytes from {@code offset} on come before the first with its highest bit set. */
  static int asciiLength(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (at + Long.BYTES <= end) {
      long high = word(bytes, at) & HIGH_BITS;
      if (high != 0) {
        return at - offset + first(high);
      }
      at += Long.BYTES;
    }
    while (at < end && bytes[at] >= 0) {
      at++;
    }
    return at - offset;
  }
}
