package io.featurekv.model;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/**
 * The hash of a key, XXH3-64 with seed 0, and the shard it belongs to.
 *
 * <p>The low 32 bits choose the shard, so that an index inside a file may use the high ones.
 */
public final class KeyHash {
  private static final Hasher64 XXH3 = Hashing.xxh3_64();

  private KeyHash() {}

  /** XXH3-64 of {@code length} bytes from {@code offset}. */
  public static long of(byte[] key, int offset, int length) {
    return XXH3.hashBytesToLong(key, offset, length);
  }

  /** XXH3-64 of a whole array. */
  public static long of(byte[] key) {
    return of(key, 0, key.length);
  }

  /** {@code ((hash & 0xFFFFFFFF) * shards) >>> 32}, in 0 until {@code shards}. */
  public static int shardOf(long hash, int shards) {
    return (int) (((hash & 0xFFFFFFFFL) * shards) >>> 32);
  }
}
