package io.featurekv.storage;

/**
 * Finds keys in leaf pages of LMDB, in place, all keys of a batch in step so that cache misses
 * overlap. Every number of a page is checked before it is followed.
 */
final class LeafSearch {
  /** The page says what cannot be. */
  static final long DAMAGED = -1;

  private LeafSearch() {}

  /**
   * Turns places that are addresses of leaf pages into the addresses of the last nodes whose keys
   * are not greater (or the first nodes), {@link #DAMAGED} where the page is; 0 stays 0.
   *
   * @param common bytes that all keys of the file begin with, these too
   * @param work in {@code extra} the next eight bytes of the keys, as {@link NativeMemory#prefix}
   *     gives them
   */
  static void nodes(LookupWork work, int common, int from, int to) {
    int most = begin(work, from, to);
    for (; most > 1; most -= most >>> 1) {
      step(work, common, from, to);
    }
    long[] place = work.place;
    long sum = 0;
    for (int i = from; i < to; i++) {
      long page = place[i];
      if (page > 0) {
        int at = NativeMemory.getU16(page + LmdbImage.PAGE_HEADER_BYTES + 2L * work.low[i]);
        long node = keyLength(page, at) < 0 ? DAMAGED : page + at;
        place[i] = node;
        if (node > 0) {
          sum += NativeMemory.getByte(node + 64) + NativeMemory.getByte(node + 120);
        }
      }
    }
    work.touched += sum;
  }

  /** Checks the page headers; returns the largest count of nodes. */
  private static int begin(LookupWork work, int from, int to) {
    int most = 0;
    for (int i = from; i < to; i++) {
      long page = work.place[i];
      work.low[i] = 0;
      work.left[i] = 1;
      if (page == 0) {
        continue;
      }
      int lower = NativeMemory.getU16(page + 12);
      int upper = NativeMemory.getU16(page + 14);
      int count = (lower - LmdbImage.PAGE_HEADER_BYTES) >> 1;
      if (NativeMemory.getU16(page + 10) != LmdbImage.FLAG_LEAF
          || count < 1
          || lower > upper
          || upper > ShardFileFormat.PAGE_BYTES) {
        work.place[i] = DAMAGED;
      } else {
        work.left[i] = count;
        most = Math.max(most, count);
      }
    }
    return most;
  }

  private static void step(LookupWork work, int common, int from, int to) {
    long[] place = work.place;
    int[] lows = work.low;
    int[] lefts = work.left;
    for (int i = from; i < to; i++) {
      long page = place[i];
      int half = lefts[i] >>> 1;
      if (half == 0) {
        continue;
      }
      int middle = lows[i] + half;
      int at = NativeMemory.getU16(page + LmdbImage.PAGE_HEADER_BYTES + 2L * middle);
      int nodeLength = keyLength(page, at);
      if (nodeLength < common) {
        place[i] = DAMAGED;
        lefts[i] = 1;
        continue;
      }
      long nodeKey = page + at + LmdbImage.NODE_HEADER_BYTES;
      long nodePrefix = NativeMemory.prefix(nodeKey + common, nodeLength - common);
      long prefix = work.extra[i];
      boolean isNotGreater = nodePrefix < prefix;
      if (nodePrefix == prefix) {
        int key = work.keys[i];
        isNotGreater =
            NativeMemory.compare(nodeKey, nodeLength, work.addresses[key], work.lengths[key]) <= 0;
      }
      lows[i] = isNotGreater ? middle : lows[i];
      lefts[i] -= half;
    }
  }

  /** Key length of the node at an offset of a page, or -1 where it leaves the page. */
  private static int keyLength(long page, int at) {
    if (at < LmdbImage.PAGE_HEADER_BYTES
        || at + LmdbImage.NODE_HEADER_BYTES > ShardFileFormat.PAGE_BYTES) {
      return -1;
    }
    int length = NativeMemory.getU16(page + at + 6);
    return at + LmdbImage.NODE_HEADER_BYTES + length > ShardFileFormat.PAGE_BYTES ? -1 : length;
  }
}
