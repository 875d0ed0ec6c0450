package io.featurekv.storage;

import io.featurekv.model.Limits;

/**
 * Reads every entry of a {@code blk} file back, block by block as the index leads to them, each
 * decoded. One thread, used once.
 */
final class BlkReadBack {
  private final BlkCursor cursor;
  private final GuideCheck guides;
  private final ReadAhead ahead;
  private final EntrySum sum = new EntrySum();

  BlkReadBack(BlkCursor cursor, GuideCheck guides, ReadAhead ahead) {
    this.cursor = cursor;
    this.guides = guides;
    this.ahead = ahead;
  }

  EntryTotals run() {
    try (VirtualMemory last = VirtualMemory.allocate(Limits.MAX_KEY_BYTES)) {
      int lastLength = 0;
      for (boolean has = cursor.first(); has; has = cursor.next()) {
        long key = cursor.keyAddress();
        int length = cursor.keyLength();
        if (cursor.isAtEndOfBlock()) {
          guides.end(cursor.rank(), key, length);
          ahead.upTo(cursor.blockEnd());
        }
        if (lastLength > 0) {
          guides.follows(key, length, last.address(), lastLength, cursor.rank());
        }
        guides.hash(sum.add(cursor));
        NativeMemory.copy(key, last.address(), length);
        lastLength = length;
      }
    }
    guides.finish();
    return sum.totals();
  }
}
