package io.featurekv.loader.sort;

/** A record by the addresses of its parts, outside the heap. */
public interface SortedRecord {
  long keyAddress();

  int keyLength();

  /** Valid until the next move or the next call for another record, whichever comes first. */
  long valueAddress();

  int valueLength();

  /** Whether the record says that its key is to go; there is no value then. */
  boolean isDeletion();

  /** When the entry expires, as in {@link io.featurekv.storage.ShardWriter#put}. */
  int expirySeconds();

  /** {@link RowLocation} of the row that the record was made of; 0 where rows are not kept. */
  long row();
}
