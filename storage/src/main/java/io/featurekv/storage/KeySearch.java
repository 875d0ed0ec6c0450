package io.featurekv.storage;

import org.jspecify.annotations.Nullable;

/**
 * Asks the {@link KeyFilter} and searches the {@link KeyIndex} of a file for many keys in step, so
 * that cache misses overlap.
 */
final class KeySearch {
  private KeySearch() {}

  /** Touches what the filter needs to know of the keys. */
  static void touchFilter(@Nullable KeyFilter filter, LookupWork work, int from, int to) {
    if (filter == null) {
      return;
    }
    long sum = 0;
    for (int i = from; i < to; i++) {
      long block = filter.block(work.hashes[work.keys[i]]);
      work.place[i] = block;
      sum += NativeMemory.getLong(block);
    }
    work.touched += sum;
  }

  /**
   * Asks the filter: place 0 stands for a key that is not here, 1 for one that may be, whose prefix
   * becomes the extra.
   */
  static void askFilter(
      @Nullable KeyFilter filter, KeyIndex index, LookupWork work, int from, int to) {
    for (int i = from; i < to; i++) {
      int key = work.keys[i];
      boolean isPossible =
          index.count() > 0
              && (filter == null || KeyFilter.mayContain(work.place[i], work.hashes[key]))
              && index.hasCommonStart(work.addresses[key], work.lengths[key]);
      work.place[i] = isPossible ? 1 : 0;
      work.extra[i] =
          isPossible ? index.prefixOf(work.addresses[key], work.lengths[key]) : Long.MIN_VALUE;
    }
  }

  /**
   * Turns places that are not 0 into the last rank whose prefix is not greater than the one in
   * {@code extra}, and 0 into -1.
   */
  static void ranks(KeyIndex index, LookupWork work, int from, int to) {
    long[] place = work.place;
    long[] extra = work.extra;
    for (int i = from; i < to; i++) {
      place[i] = place[i] == 0 ? Long.MIN_VALUE : 0;
    }
    long prefixes = index.prefixes();
    for (long left = index.count(); left > 1; ) {
      long half = left >>> 1;
      long ahead = prefixes + half * Long.BYTES;
      for (int i = from; i < to; i++) {
        // Whoever is not here walks along with the lowest prefix: no branch, no harm.
        long low = place[i] & Long.MAX_VALUE;
        boolean isThere = NativeMemory.getLong(ahead + low * Long.BYTES) <= extra[i];
        place[i] += isThere ? half : 0;
      }
      left -= half;
    }
    for (int i = from; i < to; i++) {
      place[i] = place[i] < 0 ? -1 : place[i];
    }
  }
}
