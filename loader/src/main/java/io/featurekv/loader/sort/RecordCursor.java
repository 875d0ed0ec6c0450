package io.featurekv.loader.sort;

/**
 * Walks records in the order of the sort. The record it stands at is valid until the next move. Not
 * thread-safe; closing frees its buffers.
 */
public interface RecordCursor extends SortedRecord, AutoCloseable {
  /** Moves to the next record, at first to the first one; false at the end. */
  boolean next();

  /** {@link io.featurekv.model.KeyHash} of the key where the order is by hash, else undefined. */
  long hash();

  @Override
  void close();
}
