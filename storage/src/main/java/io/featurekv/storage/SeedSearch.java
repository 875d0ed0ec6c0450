package io.featurekv.storage;

import java.util.Arrays;

/**
 * Finds, for one group of keys of a partition after the other, the first seed that sends all of
 * them to free slots, see {@link MemLayout}. One thread.
 *
 * <p>Most seeds of most groups fail, in no order that a processor could foresee. So the first keys
 * of a group are asked together, without a branch for each, and only where they find room are the
 * others asked.
 */
final class SeedSearch {
  /** By slot: 1 where it is taken. */
  private final byte[] taken = new byte[MemLayout.MAX_SLOTS + 1];

  private long slotCount;

  /** Begins a partition of so many slots, all free. */
  void begin(int slots) {
    slotCount = slots;
    Arrays.fill(taken, 0, slots, (byte) 0);
  }

  /** The first free slot from one on; the count of slots for none. */
  int nextFree(int from) {
    int slot = from;
    while (slot < slotCount && taken[slot] != 0) {
      slot++;
    }
    return slot;
  }

  /**
   * Takes slots for a group.
   *
   * @param hashes of keys, the group's from {@code from} until {@code to}, one at least
   * @param slotOf gets their slots
   * @return the seed, -1 for none
   */
  int place(long[] hashes, int from, int to, int[] slotOf) {
    long seed =
        switch (to - from) {
          case 1 -> ofOne(hashes[from]);
          case 2 -> ofTwo(hashes[from], hashes[from + 1]);
          default -> ofMore(hashes, from, to);
        };
    for (int i = from; i < to && seed >= 0; i++) {
      int slot = (int) MemLayout.slot(hashes[i], seed, slotCount);
      slotOf[i] = slot;
      taken[slot] = 1;
    }
    return (int) seed;
  }

  private long ofOne(long hash) {
    long slots = slotCount;
    long term = 0;
    for (int seed = 0; seed < MemLayout.SEEDS; seed++) {
      if (taken[slot(hash, term, slots)] == 0) {
        return seed;
      }
      term += MemLayout.SEED_FACTOR;
    }
    return -1;
  }

  private long ofTwo(long hash, long other) {
    long slots = slotCount;
    long term = 0;
    for (int seed = 0; seed < MemLayout.SEEDS; seed++) {
      int one = slot(hash, term, slots);
      int two = slot(other, term, slots);
      if ((taken[one] | taken[two]) == 0 && one != two) {
        return seed;
      }
      term += MemLayout.SEED_FACTOR;
    }
    return -1;
  }

  private long ofMore(long[] hashes, int from, int to) {
    long slots = slotCount;
    long first = hashes[from];
    long second = hashes[from + 1];
    long third = hashes[from + 2];
    long term = 0;
    for (int seed = 0; seed < MemLayout.SEEDS; seed++) {
      int one = slot(first, term, slots);
      int two = slot(second, term, slots);
      int three = slot(third, term, slots);
      if ((taken[one] | taken[two] | taken[three]) == 0
          && one != two
          && one != three
          && two != three
          && haveRoom(hashes, from, to, term)) {
        return seed;
      }
      term += MemLayout.SEED_FACTOR;
    }
    return -1;
  }

  /** Whether all keys of a group go to free slots of their own, once the first three do. */
  private boolean haveRoom(long[] hashes, int from, int to, long term) {
    int known = from;
    while (known < to) {
      int slot = slot(hashes[known], term, slotCount);
      if (taken[slot] != 0) {
        break;
      }
      taken[slot] = 1;
      known++;
    }
    for (int i = from; i < known; i++) {
      taken[slot(hashes[i], term, slotCount)] = 0;
    }
    return known == to;
  }

  /** {@link MemLayout#slot}, from the product of seed and factor. */
  private static int slot(long hash, long term, long slots) {
    return (int) MemLayout.slotOfTerm(hash, term, slots);
  }
}
