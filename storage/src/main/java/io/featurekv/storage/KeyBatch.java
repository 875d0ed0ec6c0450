package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The keys of one batch, lying in one segment that the caller keeps valid, with their hashes.
 * Reused from batch to batch; not thread-safe.
 */
public final class KeyBatch {
  private final long[] offsets;
  private final int[] lengths;
  private final long[] hashes;
  private final int[] shards;
  private final int[] byShard;
  private final int[] shardStart = new int[Limits.MAX_SHARDS + 2];
  private final byte[] hashed = new byte[Limits.MAX_KEY_BYTES];
  private MemorySegment bytes = MemorySegment.NULL;
  private int count;

  public KeyBatch(int maxKeys) {
    this.offsets = new long[maxKeys];
    this.lengths = new int[maxKeys];
    this.hashes = new long[maxKeys];
    this.shards = new int[maxKeys];
    this.byShard = new int[maxKeys];
  }

  /** Forgets the keys; the next ones lie in {@code bytes}. */
  public void reset(MemorySegment bytes) {
    this.bytes = bytes;
    this.count = 0;
  }

  /**
   * Adds the key at an offset of the segment and hashes it.
   *
   * @throws FeatureKvException TOO_LARGE when it is not of 1 to 500 bytes
   * @throws IndexOutOfBoundsException when it leaves the segment or there is no room for one more
   */
  public void add(long offset, int length) {
    if (length < 1 || length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a key: expected 1 to " + Limits.MAX_KEY_BYTES + " bytes, found " + length);
    }
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, offset, hashed, 0, length);
    offsets[count] = offset;
    lengths[count] = length;
    hashes[count] = KeyHash.of(hashed, 0, length);
    count++;
  }

  /** Finds the shard of every key and brings the keys of one shard together. */
  public void route(int shardCount) {
    Arrays.fill(shardStart, 0, shardCount + 2, 0);
    for (int key = 0; key < count; key++) {
      int shard = KeyHash.shardOf(hashes[key], shardCount);
      shards[key] = shard;
      shardStart[shard + 2]++;
    }
    for (int shard = 0; shard < shardCount; shard++) {
      shardStart[shard + 2] += shardStart[shard + 1];
    }
    for (int key = 0; key < count; key++) {
      byShard[shardStart[shards[key] + 1]++] = key;
    }
  }

  /** Shard of a key, once routed. */
  public int shard(int key) {
    return shards[key];
  }

  /** The key at a place of the order by shard. */
  public int byShard(int place) {
    return byShard[place];
  }

  /** First place of a shard's keys in the order by shard; for the count of shards: the end. */
  public int shardStart(int shard) {
    return shardStart[shard];
  }

  public int count() {
    return count;
  }

  public MemorySegment bytes() {
    return bytes;
  }

  public long offset(int key) {
    return offsets[key];
  }

  public int length(int key) {
    return lengths[key];
  }

  /** The {@link KeyHash} of a key. */
  public long hash(int key) {
    return hashes[key];
  }
}
