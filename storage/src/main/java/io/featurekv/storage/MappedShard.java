package io.featurekv.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A file that is mapped while it is open, and the parts of it that are kept in memory besides.
 *
 * @param arena of the map; shared, so that closing it anywhere ends every access
 * @param resident index, filter and the like
 */
record MappedShard(Path path, MemorySegment map, Arena arena, VirtualMemory resident)
    implements AutoCloseable {
  long address() {
    return map.address();
  }

  long lengthBytes() {
    return map.byteSize();
  }

  long residentBytes() {
    return resident.sizeBytes();
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
