package io.featurekv.bench.data;

import java.util.Arrays;

/** Sorts pairs of numbers by the first as unsigned, least significant digit first; stable. */
final class RadixSort {
  private static final int DIGIT_BITS = 11;
  private static final int DIGITS = 6;
  private static final int RADIX = 1 << DIGIT_BITS;

  private RadixSort() {}

  /** Sorts the first {@code count} pairs. */
  static void sort(long[] ranks, long[] payloads, int count) {
    long[] fromRanks = ranks;
    long[] fromPayloads = payloads;
    long[] toRanks = new long[count];
    long[] toPayloads = new long[count];
    int[] starts = new int[RADIX];
    boolean isElsewhere = false;
    for (int digit = 0; digit < DIGITS; digit++) {
      int shift = digit * DIGIT_BITS;
      if (!countDigits(fromRanks, count, shift, starts)) {
        continue;
      }
      for (int i = 0; i < count; i++) {
        int at = starts[(int) (fromRanks[i] >>> shift) & (RADIX - 1)]++;
        toRanks[at] = fromRanks[i];
        toPayloads[at] = fromPayloads[i];
      }
      long[] swap = fromRanks;
      fromRanks = toRanks;
      toRanks = swap;
      swap = fromPayloads;
      fromPayloads = toPayloads;
      toPayloads = swap;
      isElsewhere = !isElsewhere;
    }
    if (isElsewhere) {
      System.arraycopy(fromRanks, 0, ranks, 0, count);
      System.arraycopy(fromPayloads, 0, payloads, 0, count);
    }
  }

  /** Where each digit begins; false when all are the same. */
  private static boolean countDigits(long[] ranks, int count, int shift, int[] starts) {
    Arrays.fill(starts, 0);
    for (int i = 0; i < count; i++) {
      starts[(int) (ranks[i] >>> shift) & (RADIX - 1)]++;
    }
    int at = 0;
    boolean differs = true;
    for (int value = 0; value < RADIX; value++) {
      differs &= starts[value] != count;
      int next = at + starts[value];
      starts[value] = at;
      at = next;
    }
    return differs;
  }
}
