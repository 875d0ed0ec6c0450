package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Memory by absolute address, little-endian, without bounds: whoever calls has checked them, once
 * for a file or a batch, and holds what keeps the memory mapped. Any thread.
 *
 * <p>One segment over everything costs an eighth less than a checked one per file on the read path
 * (decision 0009), and stays within what java.lang.foreign allows.
 */
public final class NativeMemory {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private NativeMemory() {}

  public static byte getByte(long address) {
    return ALL.get(U8, address);
  }

  public static int getU8(long address) {
    return ALL.get(U8, address) & 0xFF;
  }

  public static int getU16(long address) {
    return ALL.get(U16, address) & 0xFFFF;
  }

  public static int getInt(long address) {
    return ALL.get(U32, address);
  }

  public static long getU32(long address) {
    return ALL.get(U32, address) & 0xFFFFFFFFL;
  }

  public static long getLong(long address) {
    return ALL.get(U64, address);
  }

  public static void putByte(long address, byte value) {
    ALL.set(U8, address, value);
  }

  public static void putShort(long address, short value) {
    ALL.set(U16, address, value);
  }

  public static void putInt(long address, int value) {
    ALL.set(U32, address, value);
  }

  public static void putLong(long address, long value) {
    ALL.set(U64, address, value);
  }

  public static void fill(long address, long length, byte value) {
    segment(address, length).fill(value);
  }

  /** Up to this, straight code is fastest. */
  private static final int STRAIGHT_COPY_BYTES = 128;

  /**
   * Up to this, loops are; the general copy of the JDK fetches ahead of the end of the entry, into
   * lines that have to come from far.
   */
  private static final int LOOP_COPY_BYTES = 1024;

  /**
   * Copies; the two do not overlap. Reads nothing beyond the end of the source, so that no cache
   * line is touched that the entry does not have.
   */
  public static void copy(long source, long target, int length) {
    if (length > LOOP_COPY_BYTES) {
      MemorySegment.copy(ALL, source, ALL, target, length);
    } else if (length > STRAIGHT_COPY_BYTES) {
      copyInLoops(source, target, length);
    } else if (length > 64) {
      copy32(source, target);
      copy32(source + 32, target + 32);
      copy32(source + length - 64, target + length - 64);
      copy32(source + length - 32, target + length - 32);
    } else if (length >= 32) {
      copy32(source, target);
      copy32(source + length - 32, target + length - 32);
    } else if (length >= 16) {
      copy16(source, target);
      copy16(source + length - 16, target + length - 16);
    } else if (length >= 8) {
      long first = ALL.get(U64, source);
      long last = ALL.get(U64, source + length - 8);
      ALL.set(U64, target, first);
      ALL.set(U64, target + length - 8, last);
    } else {
      for (int i = 0; i < length; i++) {
        ALL.set(U8, target + i, ALL.get(U8, source + i));
      }
    }
  }

  private static void copyInLoops(long source, long target, int length) {
    int at = 0;
    for (; at + 32 <= length; at += 32) {
      copy32(source + at, target + at);
    }
    for (; at + 8 <= length; at += 8) {
      ALL.set(U64, target + at, ALL.get(U64, source + at));
    }
    ALL.set(U64, target + length - 8, ALL.get(U64, source + length - 8));
  }

  private static void copy16(long source, long target) {
    long a = ALL.get(U64, source);
    long b = ALL.get(U64, source + 8);
    ALL.set(U64, target, a);
    ALL.set(U64, target + 8, b);
  }

  private static void copy32(long source, long target) {
    long a = ALL.get(U64, source);
    long b = ALL.get(U64, source + 8);
    long c = ALL.get(U64, source + 16);
    long d = ALL.get(U64, source + 24);
    ALL.set(U64, target, a);
    ALL.set(U64, target + 8, b);
    ALL.set(U64, target + 16, c);
    ALL.set(U64, target + 24, d);
  }

  /** Copies from an array. */
  public static void copy(byte[] source, int offset, long target, int length) {
    MemorySegment.copy(source, offset, ALL, U8, target, length);
  }

  /** Copies into an array. */
  public static void copy(long source, byte[] target, int offset, int length) {
    MemorySegment.copy(ALL, U8, source, target, offset, length);
  }

  /** Whether two ranges of one length hold the same bytes. */
  public static boolean equal(long left, long right, int length) {
    if (length < Long.BYTES) {
      return word(left, length) == word(right, length);
    }
    long last = ALL.get(U64, left + length - 8) ^ ALL.get(U64, right + length - 8);
    if (length <= 16) {
      return ((ALL.get(U64, left) ^ ALL.get(U64, right)) | last) == 0;
    }
    for (int at = 0; at < length - 8; at += 8) {
      if (ALL.get(U64, left + at) != ALL.get(U64, right + at)) {
        return false;
      }
    }
    return last == 0;
  }

  /** The order of two keys: unsigned bytes, a proper prefix before what it begins. */
  public static int compare(long left, int leftLength, long right, int rightLength) {
    int common = Math.min(leftLength, rightLength);
    int at = 0;
    for (; at + 8 <= common; at += 8) {
      long a = ALL.get(U64, left + at);
      long b = ALL.get(U64, right + at);
      if (a != b) {
        return Long.compareUnsigned(Long.reverseBytes(a), Long.reverseBytes(b));
      }
    }
    for (; at < common; at++) {
      int order = Byte.compareUnsigned(ALL.get(U8, left + at), ALL.get(U8, right + at));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(leftLength, rightLength);
  }

  /** How many of the first bytes of two ranges are the same. */
  public static int commonLength(long left, long right, int length) {
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      long different = ALL.get(U64, left + at) ^ ALL.get(U64, right + at);
      if (different != 0) {
        return at + (Long.numberOfTrailingZeros(different) >>> 3);
      }
    }
    while (at < length && ALL.get(U8, left + at) == ALL.get(U8, right + at)) {
      at++;
    }
    return at;
  }

  /**
   * The first eight bytes of a key as a number that orders as the keys do, zeros where it is
   * shorter; signed, so that plain comparisons do.
   */
  public static long prefix(long key, int length) {
    long word = length >= Long.BYTES ? ALL.get(U64, key) : word(key, length);
    return Long.reverseBytes(word) ^ Long.MIN_VALUE;
  }

  /** Up to seven bytes as the low ones of a word; touches no other byte. */
  private static long word(long address, int length) {
    if (length >= 4) {
      long low = ALL.get(U32, address) & 0xFFFFFFFFL;
      long high = ALL.get(U32, address + length - 4) & 0xFFFFFFFFL;
      return low | ((high >>> ((8 - length) * 8)) << 32);
    }
    long word = 0;
    for (int i = 0; i < length; i++) {
      word |= (ALL.get(U8, address + i) & 0xFFL) << (8 * i);
    }
    return word;
  }

  /** A view of some memory, as long as it is there. */
  static MemorySegment segment(long address, long length) {
    return ALL.asSlice(address, length);
  }
}
