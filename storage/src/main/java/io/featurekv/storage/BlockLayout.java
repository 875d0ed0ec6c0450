package io.featurekv.storage;

import io.featurekv.model.Limits;

/**
 * Reads the head of a {@code blk} block in place; see {@link ShardFileFormat} for its bytes.
 * Nothing is read that {@link #check} has not found to be inside.
 */
final class BlockLayout {
  static final int HEAD_BYTES = 20;

  /** All keys have one length. */
  static final int ONE_KEY_LENGTH = 1;

  /** All entries are values of one length without expiry. */
  static final int ONE_VALUE_LENGTH = 2;

  /** Every entry has an expiry word. */
  static final int EXPIRIES = 4;

  private static final int KNOWN_SHAPE = ONE_KEY_LENGTH | ONE_VALUE_LENGTH | EXPIRIES;

  private BlockLayout() {}

  static int storedLength(long block) {
    return NativeMemory.getInt(block + 4);
  }

  static int plainLength(long block) {
    return NativeMemory.getInt(block + 8);
  }

  static int count(long block) {
    return NativeMemory.getU16(block + 12);
  }

  static byte codec(long block) {
    return NativeMemory.getByte(block + 14);
  }

  private static int shape(long block) {
    return NativeMemory.getU8(block + 15);
  }

  private static int commonLength(long block) {
    return NativeMemory.getU16(block + 16);
  }

  private static int suffixLength(long block) {
    return NativeMemory.getU16(block + 18);
  }

  private static boolean is(long block, int shape) {
    return (shape(block) & shape) != 0;
  }

  /**
   * Length of the head, once head, keys and stored values are known to lie within {@code length}
   * bytes; -1 where they do not.
   */
  static int check(long block, long length) {
    if (length < HEAD_BYTES) {
      return -1;
    }
    int count = count(block);
    long head = HEAD_BYTES + (long) commonLength(block);
    if ((shape(block) & ~KNOWN_SHAPE) != 0 || count == 0) {
      return -1;
    }
    int common = commonLength(block);
    if (is(block, ONE_KEY_LENGTH)) {
      if (common + suffixLength(block) > Limits.MAX_KEY_BYTES) {
        return -1;
      }
      head += (long) count * suffixLength(block);
    } else {
      long lengths = block + head;
      head += (long) count * Short.BYTES;
      if (head > length) {
        return -1;
      }
      for (int i = 0; i < count; i++) {
        int suffix = NativeMemory.getU16(lengths + (long) i * Short.BYTES);
        if (common + suffix > Limits.MAX_KEY_BYTES) {
          return -1;
        }
        head += suffix;
      }
    }
    long words = head;
    head += is(block, ONE_VALUE_LENGTH) ? 0 : (long) count * Integer.BYTES;
    head += is(block, EXPIRIES) ? (long) count * Integer.BYTES : 0;
    boolean isInside =
        storedLength(block) >= 0
            && plainLength(block) >= 0
            && head + storedLength(block) <= length
            && areValuesInside(block, words, head);
    return isInside ? (int) head : -1;
  }

  private static boolean areValuesInside(long block, long words, long head) {
    int count = count(block);
    if (is(block, ONE_VALUE_LENGTH)) {
      return plainLength(block) % count == 0;
    }
    if (head < words) {
      return false;
    }
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += NativeMemory.getInt(block + words + (long) i * Integer.BYTES) & MemLayout.LENGTH_MASK;
    }
    return sum == plainLength(block);
  }

  /** Index of a key, or -1. */
  static int find(long block, long key, int length) {
    int common = commonLength(block);
    if (length < common || !NativeMemory.equal(block + HEAD_BYTES, key, common)) {
      return -1;
    }
    int count = count(block);
    int rest = length - common;
    long at = suffixes(block);
    if (is(block, ONE_KEY_LENGTH)) {
      int suffix = suffixLength(block);
      for (int i = 0; i < count && rest == suffix; i++, at += suffix) {
        if (NativeMemory.equal(at, key + common, rest)) {
          return i;
        }
      }
      return -1;
    }
    long lengths = block + HEAD_BYTES + common;
    for (int i = 0; i < count; i++) {
      int suffix = NativeMemory.getU16(lengths + (long) i * Short.BYTES);
      if (suffix == rest && NativeMemory.equal(at, key + common, rest)) {
        return i;
      }
      at += suffix;
    }
    return -1;
  }

  private static long suffixes(long block) {
    long at = block + HEAD_BYTES + commonLength(block);
    return is(block, ONE_KEY_LENGTH) ? at : at + (long) count(block) * Short.BYTES;
  }

  /** Writes the key of an entry; returns its length. */
  static int copyKey(long block, int index, long target) {
    int common = commonLength(block);
    long at = suffixes(block);
    int suffix = suffixLength(block);
    if (is(block, ONE_KEY_LENGTH)) {
      at += (long) index * suffix;
    } else {
      long lengths = block + HEAD_BYTES + common;
      for (int i = 0; i < index; i++) {
        at += NativeMemory.getU16(lengths + (long) i * Short.BYTES);
      }
      suffix = NativeMemory.getU16(lengths + (long) index * Short.BYTES);
    }
    NativeMemory.copy(block + HEAD_BYTES, target, common);
    NativeMemory.copy(at, target + common, suffix);
    return common + suffix;
  }

  /** Flags and value length of an entry. */
  static int word(long block, int head, int index) {
    return is(block, ONE_VALUE_LENGTH)
        ? plainLength(block) / count(block)
        : NativeMemory.getInt(words(block, head) + (long) index * Integer.BYTES);
  }

  /** Expiry of an entry. */
  static int expiry(long block, int head, int index) {
    return is(block, EXPIRIES)
        ? NativeMemory.getInt(block + head - (long) (count(block) - index) * Integer.BYTES)
        : ShardWriter.NO_EXPIRY;
  }

  private static long words(long block, int head) {
    int perEntry = is(block, EXPIRIES) ? 2 * Integer.BYTES : Integer.BYTES;
    return block + head - (long) count(block) * perEntry;
  }

  /** Where among the plain values that of an entry begins. */
  static long valueOffset(long block, int head, int index) {
    if (is(block, ONE_VALUE_LENGTH)) {
      return (long) index * (plainLength(block) / count(block));
    }
    long words = words(block, head);
    long offset = 0;
    for (int i = 0; i < index; i++) {
      offset += NativeMemory.getInt(words + (long) i * Integer.BYTES) & MemLayout.LENGTH_MASK;
    }
    return offset;
  }
}
