package io.featurekv.cli.bench;

import io.featurekv.loader.GeneratedEntries;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Keys and values of {@link GeneratedEntries}, written and checked without an object for each.
 *
 * @param valueBytes length of every value
 */
record StandardSet(int valueBytes) {
  static final int KEY_BYTES = 16;

  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final VarHandle LETTERS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Writes the key of an entry to an array of {@value #KEY_BYTES} bytes. */
  static void writeKey(long entry, byte[] key) {
    long id = GeneratedEntries.id(entry);
    LETTERS.set(key, 0, digits(id >>> 32));
    LETTERS.set(key, Long.BYTES, digits(id & 0xFFFFFFFFL));
  }

  /** Eight hex digits, a letter each byte. */
  private static long digits(long half) {
    long nibbles = (half | half << 16) & 0x0000FFFF0000FFFFL;
    nibbles = (nibbles | nibbles << 8) & 0x00FF00FF00FF00FFL;
    nibbles = (nibbles | nibbles << 4) & 0x0F0F0F0F0F0F0F0FL;
    long aboveNine = ((nibbles + 0x0606060606060606L) >>> 4) & 0x0101010101010101L;
    return nibbles + 0x3030303030303030L + aboveNine * ('a' - '0' - 10);
  }

  /** Writes the value of an entry as loaded with a version to a buffer, which is little-endian. */
  void putValue(long entry, long version, ByteBuffer buffer) {
    long word = GeneratedEntries.mix64(GeneratedEntries.id(entry) + version);
    int whole = valueBytes & -Long.BYTES;
    for (int i = 0; i < whole; i += Long.BYTES) {
      word += GAMMA;
      buffer.putLong(GeneratedEntries.mix64(word));
    }
    long last = GeneratedEntries.mix64(word + GAMMA);
    for (int i = whole; i < valueBytes; i++) {
      buffer.put((byte) last);
      last >>>= Byte.SIZE;
    }
  }

  /**
   * Whether a buffer, little-endian, has from an index on the value of an entry as loaded with a
   * version.
   */
  boolean isValue(long entry, long version, ByteBuffer buffer, int at, int length) {
    if (length != valueBytes) {
      return false;
    }
    long word = GeneratedEntries.mix64(GeneratedEntries.id(entry) + version);
    int whole = length & -Long.BYTES;
    for (int i = 0; i < whole; i += Long.BYTES) {
      word += GAMMA;
      if (buffer.getLong(at + i) != GeneratedEntries.mix64(word)) {
        return false;
      }
    }
    long last = GeneratedEntries.mix64(word + GAMMA);
    for (int i = whole; i < length; i++) {
      if (buffer.get(at + i) != (byte) last) {
        return false;
      }
      last >>>= Byte.SIZE;
    }
    return true;
  }
}
