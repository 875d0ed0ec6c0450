package io.featurekv.storage;

/** Lays the entries of one kind of table into the database {@code data}. Not thread-safe. */
sealed interface DataWriter extends AutoCloseable permits OrderedDataWriter, BlockDataWriter {
  /** Takes the next entry in key order. */
  void add(
      byte[] key,
      int keyOffset,
      int keyLength,
      byte flags,
      byte[] value,
      int valueOffset,
      int valueLength);

  /** Appends what is still held back. */
  void flush();

  /** Adds what a reader must know to the info record; call after {@link #flush()}. */
  InfoDatabase describe(ShardFileInfo info);

  @Override
  void close();
}
