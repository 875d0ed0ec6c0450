package io.featurekv.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * A file that is mapped while it is open, and the parts of it that are kept in memory besides.
 *
 * @param arena of the map; shared, so that closing it anywhere ends every access
 * @param resident index, filter and the like
 */
record MappedShard(Path path, MemorySegment map, Arena arena, VirtualMemory resident)
    implements AutoCloseable {
  /** A file is shown to readers after so long, warm or not. */
  private static final long LONGEST_WARMING_NANOS = 60_000_000_000L;

  /** Pages that are brought in by one system call. */
  private static final int WARM_BYTES = 1 << 20;

  long address() {
    return map.address();
  }

  long lengthBytes() {
    return map.byteSize();
  }

  long residentBytes() {
    return resident.sizeBytes();
  }

  /** Brings the pages in, piece by piece, until some cannot be had. */
  void warm(IntConsumer paceBytes, long maxBytes) {
    long end = Math.min(maxBytes, lengthBytes());
    long startNanos = System.nanoTime();
    boolean isGoingOn = true;
    for (long at = 0; at < end && isGoingOn; at += WARM_BYTES) {
      int bytes = (int) Math.min(WARM_BYTES, end - at);
      isGoingOn =
          VirtualMemory.populate(address() + at, bytes)
              && System.nanoTime() - startNanos < LONGEST_WARMING_NANOS
              && !Thread.currentThread().isInterrupted();
      paceBytes.accept(bytes);
    }
  }

  /** Unmaps and frees. */
  @Override
  public void close() {
    resident.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
