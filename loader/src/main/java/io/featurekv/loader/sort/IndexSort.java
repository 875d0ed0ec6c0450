package io.featurekv.loader.sort;

import io.featurekv.model.Limits;
import io.featurekv.storage.NativeMemory;
import java.util.Arrays;

/**
 * Sorts the index of a {@link SortBuffer}: entries of two longs, what orders a record and where it
 * lies. A stable radix sort from the highest byte down (McIlroy, Bostic, McIlroy: "Engineering
 * radix sort", 1993), out of place, with a merge sort for what is left in small parts. Where all
 * eight bytes of keys are equal, their next eight take their place. Not thread-safe.
 */
final class IndexSort {
  static final int ENTRY_BYTES = 2 * Long.BYTES;

  private static final int DIGITS = 256;
  private static final int DIGIT_BITS = 8;
  private static final int TOP_SHIFT = Long.SIZE - DIGIT_BITS;
  private static final int RADIX_FROM = 192;
  private static final int INSERTION_BELOW = 12;

  /** No key has bytes beyond this. */
  private static final int LAST_DEPTH = (Limits.MAX_KEY_BYTES + 7) & -8;

  private final long data;
  private final long offsetMask;
  private final boolean byHash;
  private final int[][] countsOfLevel = new int[Long.BYTES][DIGITS];

  /**
   * A sort of one buffer.
   *
   * @param data where the records lie
   * @param offsetMask the bits of an entry's second long that say where in it
   * @param byHash whether the first long is a hash, with which no eight bytes of the key compare
   */
  IndexSort(long data, long offsetMask, boolean byHash) {
    this.data = data;
    this.offsetMask = offsetMask;
    this.byHash = byHash;
  }

  /**
   * Sorts {@code count} entries from {@code source}; the result lies at {@code target} if {@code
   * toTarget}, else where it was. Both have room for all of them.
   */
  void sort(long source, long target, int count, boolean toTarget) {
    sort(source, target, count, toTarget, TOP_SHIFT, Long.BYTES);
  }

  /**
   * The same from one byte on.
   *
   * @param shift of the byte that is looked at
   * @param depth bytes of the keys that the first longs and all before them cover
   */
  private void sort(long source, long target, int count, boolean toTarget, int shift, int depth) {
    if (count < RADIX_FROM) {
      mergeSort(source, target, count, toTarget, depth);
      return;
    }
    int at = shift;
    while (at >= 0) {
      int[] counts = countsOfLevel[at / DIGIT_BITS];
      if (count(source, count, at, counts) < count) {
        scatter(source, target, count, at, counts);
        sortParts(source, target, count, toTarget, at, depth);
        return;
      }
      at -= DIGIT_BITS;
    }
    sortTied(source, target, count, toTarget, depth);
  }

  /** Counts digits; the highest count. */
  private static int count(long source, int count, int shift, int[] counts) {
    Arrays.fill(counts, 0);
    for (long at = source, end = source + (long) count * ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
      counts[digit(NativeMemory.getLong(at), shift)]++;
    }
    // One digit for all is what matters; the first entry's will do.
    return counts[digit(NativeMemory.getLong(source), shift)];
  }

  /** Prefixes are signed. */
  private static int digit(long prefix, int shift) {
    return (int) ((prefix ^ Long.MIN_VALUE) >>> shift) & (DIGITS - 1);
  }

  /** Moves entries to the target, by digit; counts become the ends of the digits' parts. */
  private static void scatter(long source, long target, int count, int shift, int[] counts) {
    int sum = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
      int here = counts[digit];
      counts[digit] = sum;
      sum += here;
    }
    for (long at = source, end = source + (long) count * ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
      long prefix = NativeMemory.getLong(at);
      long to = target + (long) counts[digit(prefix, shift)]++ * ENTRY_BYTES;
      NativeMemory.putLong(to, prefix);
      NativeMemory.putLong(to + Long.BYTES, NativeMemory.getLong(at + Long.BYTES));
    }
  }

  /** After a scatter the entries are at the target. */
  private void sortParts(
      long source, long target, int count, boolean toTarget, int shift, int depth) {
    int start = 0;
    while (start < count) {
      int end = endOfPart(target, start, count, shift);
      long offset = (long) start * ENTRY_BYTES;
      int part = end - start;
      if (shift > 0) {
        sort(target + offset, source + offset, part, !toTarget, shift - DIGIT_BITS, depth);
      } else {
        sortTied(target + offset, source + offset, part, !toTarget, depth);
      }
      start = end;
    }
  }

  /** The end of the entries with the digit of the one at {@code start}, by galloping. */
  private static int endOfPart(long target, int start, int count, int shift) {
    int digit = digitAt(target, start, shift);
    int step = 1;
    int low = start;
    while (low + step < count && digitAt(target, low + step, shift) == digit) {
      low += step;
      step <<= 1;
    }
    int high = Math.min(count, low + step);
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (digitAt(target, middle, shift) == digit) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private static int digitAt(long entries, int index, int shift) {
    return digit(NativeMemory.getLong(entries + (long) index * ENTRY_BYTES), shift);
  }

  /** Entries with equal first longs. */
  private void sortTied(long source, long target, int count, boolean toTarget, int depth) {
    if (count < RADIX_FROM || byHash || depth >= LAST_DEPTH) {
      mergeSort(source, target, count, toTarget, depth);
      return;
    }
    for (long at = source, end = source + (long) count * ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
      NativeMemory.putLong(at, prefixBehind(NativeMemory.getLong(at + Long.BYTES), depth));
    }
    sort(source, target, count, toTarget, TOP_SHIFT, depth + Long.BYTES);
  }

  /** Eight bytes of a key from {@code depth} on. */
  private long prefixBehind(long ref, int depth) {
    long record = data + (ref & offsetMask);
    int left = RecordLayout.keyLength(record) - depth;
    return left > 0 ? NativeMemory.prefix(RecordLayout.key(record) + depth, left) : Long.MIN_VALUE;
  }

  private void mergeSort(long source, long target, int count, boolean toTarget, int depth) {
    if (count < INSERTION_BELOW) {
      insertionSort(source, count);
      if (toTarget) {
        NativeMemory.copy(source, target, count * ENTRY_BYTES);
      }
      return;
    }
    int half = count >>> 1;
    long middle = (long) half * ENTRY_BYTES;
    mergeSort(source, target, half, !toTarget, depth);
    mergeSort(source + middle, target + middle, count - half, !toTarget, depth);
    if (toTarget) {
      merge(source, half, count, target);
    } else {
      merge(target, half, count, source);
    }
  }

  private void merge(long from, int half, int count, long to) {
    long left = from;
    long leftEnd = from + (long) half * ENTRY_BYTES;
    long right = leftEnd;
    long rightEnd = from + (long) count * ENTRY_BYTES;
    long out = to;
    while (left < leftEnd && right < rightEnd) {
      if (compare(left, right) <= 0) {
        move(left, out);
        left += ENTRY_BYTES;
      } else {
        move(right, out);
        right += ENTRY_BYTES;
      }
      out += ENTRY_BYTES;
    }
    for (; left < leftEnd; left += ENTRY_BYTES, out += ENTRY_BYTES) {
      move(left, out);
    }
    for (; right < rightEnd; right += ENTRY_BYTES, out += ENTRY_BYTES) {
      move(right, out);
    }
  }

  private static void move(long from, long to) {
    NativeMemory.putLong(to, NativeMemory.getLong(from));
    NativeMemory.putLong(to + Long.BYTES, NativeMemory.getLong(from + Long.BYTES));
  }

  private void insertionSort(long entries, int count) {
    long end = entries + (long) count * ENTRY_BYTES;
    for (long next = entries + ENTRY_BYTES; next < end; next += ENTRY_BYTES) {
      long prefix = NativeMemory.getLong(next);
      long ref = NativeMemory.getLong(next + Long.BYTES);
      long at = next;
      while (at > entries && compareTo(at - ENTRY_BYTES, prefix, ref) > 0) {
        move(at - ENTRY_BYTES, at);
        at -= ENTRY_BYTES;
      }
      NativeMemory.putLong(at, prefix);
      NativeMemory.putLong(at + Long.BYTES, ref);
    }
  }

  private int compare(long left, long right) {
    return compareTo(left, NativeMemory.getLong(right), NativeMemory.getLong(right + Long.BYTES));
  }

  private int compareTo(long entry, long prefix, long ref) {
    long own = NativeMemory.getLong(entry);
    return own != prefix
        ? Long.compare(own, prefix)
        : compareKeys(NativeMemory.getLong(entry + Long.BYTES), ref);
  }

  private int compareKeys(long leftRef, long rightRef) {
    return compareKeysOfRecords(data + (leftRef & offsetMask), data + (rightRef & offsetMask));
  }

  static int compareKeysOfRecords(long left, long right) {
    return NativeMemory.compare(
        RecordLayout.key(left),
        RecordLayout.keyLength(left),
        RecordLayout.key(right),
        RecordLayout.keyLength(right));
  }
}
