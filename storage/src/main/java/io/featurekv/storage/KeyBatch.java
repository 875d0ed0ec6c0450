package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * The keys of one batch, lying in one segment that the caller keeps valid, with their hashes.
 * Reused from batch to batch; not thread-safe.
 *
 * <p>Keys are read in place; those of a segment on the heap are copied first.
 */
public final class KeyBatch {
  private static final int MIN_COPY_BYTES = 64 << 10;

  private final long[] addresses;
  private final int[] lengths;
  private final long[] hashes;
  private final int[] shardOfKey;
  private final boolean[] isTouched = new boolean[Limits.MAX_SHARDS];
  private final int[] touched = new int[Limits.MAX_SHARDS];
  private final int[] byShard;
  private final int[] shardStart = new int[Limits.MAX_SHARDS + 2];
  private final byte[] hashed = new byte[Limits.MAX_KEY_BYTES];
  private MemorySegment bytes = MemorySegment.NULL;
  private boolean isCopied;
  private MemorySegment copy = MemorySegment.NULL;
  private long base;
  private long size;
  private int count;
  private int shards;
  private int touchedCount;
  private boolean isGrouped;

  public KeyBatch(int maxKeys) {
    this.addresses = new long[maxKeys];
    this.lengths = new int[maxKeys];
    this.hashes = new long[maxKeys];
    this.shardOfKey = new int[maxKeys];
    this.byShard = new int[maxKeys];
  }

  /** Forgets the keys; the next ones lie in {@code segment}. */
  public void reset(MemorySegment segment) {
    count = 0;
    size = segment.byteSize();
    bytes = segment;
    isCopied = !segment.isNative();
    if (isCopied && copy.byteSize() < size) {
      copy = Arena.ofAuto().allocate(Math.max(MIN_COPY_BYTES, Long.highestOneBit(size) << 1));
    }
    base = (isCopied ? copy : bytes).address();
  }

  /**
   * Forgets the keys; the next ones lie in memory outside the heap that the caller keeps mapped.
   *
   * @param address of offset 0
   * @param length bytes that may be read from there
   */
  public void reset(long address, long length) {
    count = 0;
    size = length;
    isCopied = false;
    base = address;
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
    Objects.checkFromIndexSize(offset, length, size);
    if (isCopied) {
      MemorySegment.copy(bytes, offset, copy, offset, length);
    }
    long address = base + offset;
    addresses[count] = address;
    lengths[count] = length;
    hashes[count] = NativeKeyHash.of(address, length, hashed);
    count++;
  }

  /** Finds the shard of every key. */
  public void route(int shardCount) {
    shards = shardCount;
    isGrouped = false;
    for (int i = 0; i < touchedCount; i++) {
      isTouched[touched[i]] = false;
    }
    touchedCount = 0;
    for (int key = 0; key < count; key++) {
      int shard = KeyHash.shardOf(hashes[key], shardCount);
      shardOfKey[key] = shard;
      if (!isTouched[shard]) {
        isTouched[shard] = true;
        touched[touchedCount++] = shard;
      }
    }
  }

  /** Shard of a key, once routed. */
  public int shard(int key) {
    return shardOfKey[key];
  }

  /** How many shards have keys, once routed. */
  public int touchedShards() {
    return touchedCount;
  }

  /** A shard that has keys, by an index below {@link #touchedShards}, in no special order. */
  public int touchedShard(int index) {
    return touched[index];
  }

  /** Brings the keys of one shard together (counting sort), unless they are already. */
  void group() {
    if (isGrouped) {
      return;
    }
    isGrouped = true;
    Arrays.fill(shardStart, 0, shards + 2, 0);
    for (int key = 0; key < count; key++) {
      shardStart[shardOfKey[key] + 2]++;
    }
    for (int shard = 2; shard < shards + 2; shard++) {
      shardStart[shard] += shardStart[shard - 1];
    }
    for (int key = 0; key < count; key++) {
      byShard[shardStart[shardOfKey[key] + 1]++] = key;
    }
  }

  /** First place of a shard's keys in the order by shard; for the count of shards: the end. */
  int shardStart(int shard) {
    return shardStart[shard];
  }

  public int count() {
    return count;
  }

  public int length(int key) {
    return lengths[key];
  }

  /** Copies a key to a place outside the heap where the caller has room for {@link #length}. */
  public void copyKey(int key, long target) {
    NativeMemory.copy(addresses[key], target, lengths[key]);
  }

  /** The {@link KeyHash} of a key. */
  public long hash(int key) {
    return hashes[key];
  }

  long address(int key) {
    return addresses[key];
  }

  long[] hashes() {
    return hashes;
  }

  long[] addresses() {
    return addresses;
  }

  int[] lengths() {
    return lengths;
  }

  int[] shardOfKeys() {
    return shardOfKey;
  }

  /** Keys in the order by shard, once grouped. */
  int[] byShard() {
    return byShard;
  }
}
