package io.featurekv.storage;

/**
 * Builds one shard file at a temporary name beside its target. Entries come in the {@link
 * EntryOrder} of the table's kind, each key once. Not thread-safe. Closing without {@link #seal()}
 * deletes what was written. Equal specs and entries give equal files, on machines with equal page
 * sizes.
 */
public interface ShardWriter extends AutoCloseable {
  /** Says that an entry never expires. */
  int NO_EXPIRY = 0;

  /**
   * Appends an entry. 1 to 500 bytes of key, 0 to 64 MiB of value.
   *
   * @param expirySeconds from this time on (seconds since 1970, unsigned) the entry reads ABSENT;
   *     {@link #NO_EXPIRY} for never
   * @throws io.featurekv.model.FeatureKvException INVALID_ARGUMENT when the entries are out of
   *     order, TOO_LARGE, NO_SPACE
   */
  void put(
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      int expirySeconds);

  /** Appends an entry that never expires. */
  default void put(
      byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength) {
    put(key, keyOffset, keyLength, value, valueOffset, valueLength, NO_EXPIRY);
  }

  /**
   * Appends an entry whose {@link io.featurekv.model.KeyHash} the caller has at hand; another
   * number than that makes a file in which the key is not found.
   */
  void put(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      int expirySeconds);

  /**
   * Appends an entry that lies outside the heap, see {@link NativeMemory}; its bytes are copied
   * before this returns.
   *
   * @param hash as above
   */
  void putNative(
      long hash,
      long keyAddress,
      int keyLength,
      long valueAddress,
      int valueLength,
      int expirySeconds);

  /** Appends a tombstone; in incremental files only. */
  void delete(byte[] key, int keyOffset, int keyLength);

  /** Appends a tombstone for a key whose hash is known; as {@link #put}. */
  void delete(long hash, byte[] key, int keyOffset, int keyLength);

  /** Appends a tombstone for a key outside the heap; as {@link #putNative}. */
  void deleteNative(long hash, long keyAddress, int keyLength);

  /**
   * Finishes: LMDB closed, file cut to its used length, forced, made read-only, renamed, directory
   * forced; pieces digested. The writer is closed then, whether it succeeds or not.
   */
  SealedShardFile seal();

  @Override
  void close();
}
