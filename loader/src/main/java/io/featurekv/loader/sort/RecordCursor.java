package io.featurekv.loader.sort;

/**
 * Walks records in the order of the sort, each key once. What the getters return is valid until the
 * next move. Not thread-safe.
 */
public interface RecordCursor {
  /** Moves to the next record, at first to the first one; false at the end. */
  boolean next();

  /** Orders the records, as a signed number; ties are broken by the key. */
  long prefix();

  /** Array that holds the key. */
  byte[] keyArray();

  int keyOffset();

  int keyLength();

  /** {@link RowLocation} of the row that the record was made of. */
  long location();

  /** When the entry expires, as in {@link io.featurekv.storage.ShardWriter#put}. */
  int expirySeconds();

  /** Whether the record says that its key is to go; there is no value then. */
  boolean isDelete();

  /**
   * Array that holds the value; call it before {@link #valueOffset()}, since it may read it first.
   */
  byte[] valueArray();

  int valueOffset();

  int valueLength();
}
