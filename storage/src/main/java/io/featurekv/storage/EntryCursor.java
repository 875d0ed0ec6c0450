package io.featurekv.storage;

/**
 * Walks the entries of one file in the order in which they were written, tombstones and expired
 * ones included. The addresses are good until the next move and under the lease. Not thread-safe.
 */
sealed interface EntryCursor extends AutoCloseable
    permits MemCursor, IdxCursor, BlkCursor, V1BlockCursor {
  /** Goes to the first entry; false if there is none. */
  boolean first();

  /**
   * Goes to the first entry whose key is not less; false if there is none. Not for kind {@code
   * mem}.
   */
  boolean seek(byte[] key);

  /**
   * Goes to an entry about that part of the way through the file: 0 is at the first, and nearly 1
   * near the last; false if there is none from there on.
   */
  boolean at(double part);

  /** Goes on; false at the end. */
  boolean next();

  long keyAddress();

  int keyLength();

  boolean isTombstone();

  /** {@link ShardWriter#NO_EXPIRY} for never. */
  int expirySeconds();

  long valueAddress();

  int valueLength();

  @Override
  void close();
}
