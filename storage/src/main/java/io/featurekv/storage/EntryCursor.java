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
