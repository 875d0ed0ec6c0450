package io.featurekv.storage;

import io.featurekv.model.Limits;
import java.nio.file.Path;

/**
 * The ordered index that {@code idx} and {@code blk} keep in memory: for every leaf page or block a
 * separator, not greater than its first key and greater than every key before it, and where it is.
 * Twelve bytes each, and a little more where keys are much alike. Immutable; any thread, as long as
 * the memory is there.
 *
 * <pre>
 * index := u64 count | u32 length of what all keys begin with | u32 bits of a unit
 *          u64 tied | u64 bytes of tied separators | zeros up to 64 bytes
 *          512 bytes: what all keys begin with, zeros
 *          count x i64 prefix, ascending
 *          count x u32 place in units of 2^bits bytes | u32 end of the last one
 *          tied x u32 rank | tied + 1 x u32 offset | bytes
 * </pre>
 *
 * <p>A prefix is the first eight bytes of a separator behind the common start, zeros where it is
 * shorter, as a big-endian number with the highest bit turned over, so that signed order is key
 * order. A separator that these eight bytes do not say all of is tied: the rest of it stands in the
 * last part. The first separator is less than everything.
 */
final class KeyIndex {
  static final int HEADER_BYTES = 64;
  static final int COMMON_BYTES = 512;

  private final long count;
  private final int commonLength;
  private final int unitBits;
  private final long tied;
  private final long common;
  private final long prefixes;
  private final long places;
  private final long tiedRanks;
  private final long tiedOffsets;
  private final long tiedBytes;
  private final long sizeBytes;

  private KeyIndex(long address) {
    this.count = NativeMemory.getLong(address);
    this.commonLength = NativeMemory.getInt(address + 8);
    this.unitBits = NativeMemory.getInt(address + 12);
    this.tied = NativeMemory.getLong(address + 16);
    this.common = address + HEADER_BYTES;
    this.prefixes = common + COMMON_BYTES;
    this.places = prefixes + count * Long.BYTES;
    this.tiedRanks = places + (count + 1) * Integer.BYTES;
    this.tiedOffsets = tiedRanks + tied * Integer.BYTES;
    this.tiedBytes = tiedOffsets + (tied + 1) * Integer.BYTES;
    this.sizeBytes = tiedBytes + NativeMemory.getLong(address + 24) - address;
  }

  /**
   * The index at an address, once it is known that all of it is there and leads nowhere outside.
   *
   * @param length bytes at the address
   * @param unitBits what the kind of file has
   * @param fileLength of the file that the places lie in
   */
  static KeyIndex of(Path file, long address, long length, int unitBits, long fileLength) {
    boolean hasHeader = length >= HEADER_BYTES + COMMON_BYTES;
    if (hasHeader) {
      long most = length / Integer.BYTES;
      hasHeader =
          NativeMemory.getLong(address) >= 0
              && NativeMemory.getLong(address) <= most
              && NativeMemory.getLong(address + 16) >= 0
              && NativeMemory.getLong(address + 16) <= most
              && NativeMemory.getInt(address + 8) >= 0
              && NativeMemory.getInt(address + 8) <= Limits.MAX_KEY_BYTES
              && NativeMemory.getInt(address + 12) == unitBits
              && NativeMemory.getLong(address + 24) >= 0
              && NativeMemory.getLong(address + 24) <= length;
    }
    if (!hasHeader) {
      throw FileErrors.corrupt(file, "the header of its index cannot be");
    }
    KeyIndex index = new KeyIndex(address);
    if (index.sizeBytes != length || !index.isWithin(fileLength)) {
      throw FileErrors.corrupt(file, "the parts of its index do not fit each other");
    }
    return index;
  }

  private boolean isWithin(long fileLength) {
    for (long rank = 0; rank < count; rank++) {
      if (place(rank) < 2L * ShardFileFormat.PAGE_BYTES
          || place(rank) + 2L * ShardFileFormat.PAGE_BYTES > fileLength
          || (rank > 0 && prefix(rank) < prefix(rank - 1))) {
        return false;
      }
    }
    long bytes = sizeBytes - (tiedBytes - (common - HEADER_BYTES));
    for (long i = 0; i < tied; i++) {
      long from = NativeMemory.getU32(tiedOffsets + i * Integer.BYTES);
      long to = NativeMemory.getU32(tiedOffsets + (i + 1) * Integer.BYTES);
      if (from > to || to > bytes || NativeMemory.getU32(tiedRanks + i * 4) >= count) {
        return false;
      }
    }
    return place(count) <= fileLength;
  }

  /** Pages or blocks. */
  long count() {
    return count;
  }

  int commonLength() {
    return commonLength;
  }

  /** Where a page or block begins; for the count, where the last one ends. */
  long place(long rank) {
    return NativeMemory.getU32(places + rank * Integer.BYTES) << unitBits;
  }

  /** Whether a key begins as all keys do; another one is in no page. */
  boolean hasCommonStart(long key, int length) {
    return length >= commonLength && NativeMemory.equal(common, key, commonLength);
  }

  /** The prefix of a key that has the common start. */
  long prefixOf(long key, int length) {
    return NativeMemory.prefix(key + commonLength, length - commonLength);
  }

  /** Address of the prefixes, for searches in step. */
  long prefixes() {
    return prefixes;
  }

  private long prefix(long rank) {
    return NativeMemory.getLong(prefixes + rank * Long.BYTES);
  }

  /**
   * The page or block that may hold a key, from the last one whose prefix is not greater than the
   * key's.
   */
  long settle(long rank, long prefix, long key, int length) {
    if (tied == 0 || rank == 0 || prefix(rank) != prefix || tiedAt(rank) < 0) {
      return rank;
    }
    long low = firstOf(prefix, rank) - 1;
    long high = rank;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (isNotGreater(middle, key, length)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Math.max(0, low);
  }

  /** The first rank with a prefix, of which the given one is the last. */
  private long firstOf(long prefix, long last) {
    long low = 0;
    long high = last;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (prefix(middle) < prefix) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Math.max(1, low);
  }

  private boolean isNotGreater(long rank, long key, int length) {
    long at = rank == 0 ? -1 : tiedAt(rank);
    if (at < 0) {
      return true;
    }
    long from = NativeMemory.getU32(tiedOffsets + at * Integer.BYTES);
    long to = NativeMemory.getU32(tiedOffsets + (at + 1) * Integer.BYTES);
    return NativeMemory.compare(
            tiedBytes + from, (int) (to - from), key + commonLength, length - commonLength)
        <= 0;
  }

  /** Where the rest of a separator stands, or -1 where its prefix says all. */
  private long tiedAt(long rank) {
    long low = 0;
    long high = tied - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      long found = NativeMemory.getU32(tiedRanks + middle * Integer.BYTES);
      if (found == rank) {
        return middle;
      }
      if (found < rank) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  /** The page or block that may hold a key or, where none does, the one before it; any key. */
  long floor(long key, int length) {
    int shared = Math.min(length, commonLength);
    int order = NativeMemory.compare(key, shared, common, shared);
    if (order < 0 || (order == 0 && length < commonLength)) {
      return 0;
    }
    if (order > 0) {
      return Math.max(0, count - 1);
    }
    long prefix = prefixOf(key, length);
    long low = 0;
    for (long left = count; left > 1; ) {
      long half = left >>> 1;
      low = prefix(low + half) <= prefix ? low + half : low;
      left -= half;
    }
    return settle(low, prefix, key, length);
  }
}
