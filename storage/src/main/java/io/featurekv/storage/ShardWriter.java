package io.featurekv.storage;

/**
 * Builds one shard file at a temporary name beside its target. Keys come in strictly ascending unsigned byte order, each once. Not
 * thread-safe. Closing without {@link #seal()} deletes what was written.
 */
public interface ShardWriter extends AutoCloseable {
  /** Appends an entry. 1 to 500 bytes of key, 0 to 64 MiB of value. */
  void put(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength);

  /** Appends a tombstone; in incremental files only. */
  void delete(byte[] key, int keyOffset, int keyLength);

  /** Finishes: LMDB closed, file cut to its used length, forced, made read-only, renamed, directory forced; pieces digested. */
  SealedShardFile seal();

  @Override
  void close();
}
