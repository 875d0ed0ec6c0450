package io.featurekv.storage;

/**
 * Builds one shard file at a temporary name beside its target. Keys come in strictly ascending
 * unsigned byte order, each once. Not thread-safe. Closing without {@link #seal()} deletes what was
 * written. Equal specs and entries give equal files, on machines with equal page sizes.
 */
public interface ShardWriter extends AutoCloseable {
  /**
   * Appends an entry. 1 to 500 bytes of key, 0 to 64 MiB of value.
   *
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when the keys do not ascend,
   *     TOO_LARGE, NO_SPACE
   */
  void put(
      byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength);

  /** Appends a tombstone; in incremental files only. */
  void delete(byte[] key, int keyOffset, int keyLength);

  /**
   * Finishes: LMDB closed, file cut to its used length, forced, made read-only, renamed, directory
   * forced; pieces digested. The writer is closed then, whether it succeeds or not.
   */
  SealedShardFile seal();

  @Override
  void close();
}
