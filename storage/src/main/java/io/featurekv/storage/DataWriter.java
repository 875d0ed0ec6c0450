package io.featurekv.storage;

import java.util.Map;

/** Lays the entries of one kind of table into a file. Not thread-safe. */
sealed interface DataWriter extends AutoCloseable
    permits MemDataWriter, IdxDataWriter, BlkDataWriter {
  /** Takes the next entry in the order of the kind. */
  void add(IncomingEntry entry);

  /** Writes what is left; returns what else the database {@code info} has to say. */
  Map<String, byte[]> finish();

  /** Frees its memory. Idempotent. */
  @Override
  void close();
}
