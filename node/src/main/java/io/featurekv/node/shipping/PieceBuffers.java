package io.featurekv.node.shipping;

import io.featurekv.model.PieceList;
import io.featurekv.storage.VirtualMemory;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Memory for pieces on their way to the disk, where a direct write can take them from. Kept for the
 * next ones, since memory that was touched before costs nothing. Thread-safe.
 */
final class PieceBuffers {
  /** Buffers that are kept; as many more as there are threads may be in use. */
  private static final int MAX_SPARE = 4;

  private final Deque<VirtualMemory> spare = new ArrayDeque<>();

  /** One of the length of a piece, to be given back. */
  VirtualMemory take() {
    synchronized (spare) {
      VirtualMemory kept = spare.pollFirst();
      if (kept != null) {
        return kept;
      }
    }
    return VirtualMemory.allocate(PieceList.PIECE_BYTES);
  }

  void giveBack(VirtualMemory buffer) {
    synchronized (spare) {
      if (spare.size() < MAX_SPARE) {
        spare.addFirst(buffer);
        return;
      }
    }
    buffer.close();
  }

  /** Frees what is kept, while nothing is on its way; what is given back later is kept again. */
  void free() {
    synchronized (spare) {
      spare.forEach(VirtualMemory::close);
      spare.clear();
    }
  }
}
