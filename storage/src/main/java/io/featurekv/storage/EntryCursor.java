package io.featurekv.storage;

import java.lang.foreign.MemorySegment;

/**
 * Walks the entries of one file in key order, tombstones included. What it points at lives until
 * the next move and under the lease. Not thread-safe.
 */
sealed interface EntryCursor extends AutoCloseable permits OrderedCursor, BlockCursor {
  /** Goes to the first entry; false if there is none. */
  boolean first();

  /** Goes to the first entry whose key is not less; false if there is none. */
  boolean seek(byte[] key);

  /** Goes on; false at the end. */
  boolean next();

  /** Holds key and value. */
  MemorySegment source();

  long keyOffset();

  int keyLength();

  boolean isTombstone();

  long valueOffset();

  int valueLength();

  @Override
  void close();
}
