package io.featurekv.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Whether reads of a mapped file may have to wait for the disk, in which case all pages of a batch
 * are asked for before the first is touched. Asking costs a system call a page, so it ends when the
 * pages turn out to be in memory, and begins again when a batch has waited.
 *
 * <p>Any thread; a race costs a few calls too many or one slow batch.
 */
final class ColdReads {
  /** After so many batches a page is looked at. */
  private static final int BATCHES_BETWEEN_LOOKS = 16;

  /** So many looks in a row that find pages in memory end the asking. */
  private static final int WARM_LOOKS = 8;

  private final MemorySegment answer = Arena.ofAuto().allocate(1);
  private boolean isCold = true;
  private int batches;
  private int warmLooks;

  /** Whether to ask for the pages of a batch, of which one is given (0 for none). */
  boolean mayWait(long page) {
    if (isCold && page != 0 && ++batches >= BATCHES_BETWEEN_LOOKS) {
      batches = 0;
      warmLooks = VirtualMemory.isInMemory(page, answer) ? warmLooks + 1 : 0;
      if (warmLooks >= WARM_LOOKS) {
        isCold = false;
        warmLooks = 0;
      }
    }
    return isCold;
  }

  boolean isWaiting() {
    return isCold;
  }

  void noteFaults() {
    if (!isCold) {
      isCold = true;
      warmLooks = 0;
    }
  }
}
