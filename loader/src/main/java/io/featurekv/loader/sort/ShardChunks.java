package io.featurekv.loader.sort;

import java.util.Arrays;

/**
 * Places for records in one piece of memory, such that those of a shard lie together: whoever walks
 * a shard in another order then stays in a small part of the memory.
 *
 * <p>A record that its shard's open chunk has no room for opens another one, and what is left of
 * the first is lost. Where a shard has lost more than an eighth of what its records take, they get
 * just their own length until it has not. So of any lengths in any order, the records of a shard
 * take at least 8/9 of all its memory but one chunk.
 *
 * <p>Invariants: of one shard, a later place lies behind an earlier one; {@code lost} is at most an
 * eighth of {@code placed} and a chunk, together with what is left of the open chunk. Not
 * thread-safe.
 */
final class ShardChunks {
  /** As much as a cache near the processor holds, and a whole number of pages. */
  private static final long MAX_CHUNK_BYTES = 256 << 10;

  /** So that what is left over at the ends of the last chunks is a small share of the memory. */
  private static final int MIN_CHUNKS_PER_SHARD = 16;

  /** Bytes of records per lost byte from which a shard may open a chunk. */
  private static final int PLACED_PER_LOST = 8;

  private final long chunkBytes;
  private final long[] next;
  private final long[] end;
  private final long[] placed;
  private final long[] lost;
  private long takenBytes;

  /** No place is taken. */
  ShardChunks(int shards, long memoryBytes) {
    long share = memoryBytes / ((long) shards * MIN_CHUNKS_PER_SHARD);
    this.chunkBytes = Math.clamp(share, 1, MAX_CHUNK_BYTES);
    this.next = new long[shards];
    this.end = new long[shards];
    this.placed = new long[shards];
    this.lost = new long[shards];
  }

  /** Bytes of the memory up to the end of the last chunk. */
  long takenBytes() {
    return takenBytes;
  }

  /** By how much {@link #takenBytes} grows if a record is given a place. */
  long growth(int shard, long length) {
    long left = end[shard] - next[shard];
    if (length <= left) {
      return 0;
    }
    boolean mayLose = (lost[shard] + left) * PLACED_PER_LOST <= placed[shard];
    return mayLose ? Math.max(chunkBytes, length) : length;
  }

  /** The offset of a place. */
  long take(int shard, long length) {
    long growth = growth(shard, length);
    if (growth > 0) {
      lost[shard] += end[shard] - next[shard];
      next[shard] = takenBytes;
      takenBytes += growth;
      end[shard] = takenBytes;
    }
    long place = next[shard];
    next[shard] += length;
    placed[shard] += length;
    return place;
  }

  /** Takes all places back. */
  void clear() {
    Arrays.fill(next, 0);
    Arrays.fill(end, 0);
    Arrays.fill(placed, 0);
    Arrays.fill(lost, 0);
    takenBytes = 0;
  }
}
