package io.featurekv.loader.sort;

import java.util.Arrays;

/**
 * Places for records in one piece of memory, such that those of a shard lie together: whoever walks
 * a shard in another order then stays in a small part of the memory.
 *
 * <p>Invariant: of one shard, a later place lies behind an earlier one. Not thread-safe.
 */
final class ShardChunks {
  /** As much as a cache near the processor holds, and a whole number of pages. */
  private static final long MAX_CHUNK_BYTES = 256 << 10;

  /** So that what is left over at the ends of the last chunks is a small share of the memory. */
  private static final int MIN_CHUNKS_PER_SHARD = 16;

  private final long chunkBytes;
  private final long[] next;
  private final long[] end;
  private long takenBytes;

  /** No place is taken. */
  ShardChunks(int shards, long memoryBytes) {
    long share = memoryBytes / ((long) shards * MIN_CHUNKS_PER_SHARD);
    this.chunkBytes = Math.clamp(share, 1, MAX_CHUNK_BYTES);
    this.next = new long[shards];
    this.end = new long[shards];
  }

  /** Bytes of the memory up to the end of the last chunk. */
  long takenBytes() {
    return takenBytes;
  }

  /** By how much {@link #takenBytes} grows if a record is given a place. */
  long growth(int shard, long length) {
    return length <= end[shard] - next[shard] ? 0 : Math.max(chunkBytes, length);
  }

  /** The offset of a place. */
  long take(int shard, long length) {
    long growth = growth(shard, length);
    if (growth > 0) {
      next[shard] = takenBytes;
      takenBytes += growth;
      end[shard] = takenBytes;
    }
    long place = next[shard];
    next[shard] += length;
    return place;
  }

  /** Takes all places back. */
  void clear() {
    Arrays.fill(next, 0);
    Arrays.fill(end, 0);
    takenBytes = 0;
  }
}
