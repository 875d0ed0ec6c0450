package io.featurekv.loader;

import java.util.Arrays;

/**
 * How many rows there are of each shard, and the sum of their {@link
 * io.featurekv.storage.EntryChecksum}s, modulo 2^64. Thread-safe.
 */
public final class ShardTallies {
  private final long[] rows;
  private final long[] sums;

  public ShardTallies(int shards) {
    this(new long[shards], new long[shards]);
  }

  private ShardTallies(long[] rows, long[] sums) {
    this.rows = rows;
    this.sums = sums;
  }

  /** Tallies that are known. */
  public static ShardTallies of(long[] rows, long[] sums) {
    return new ShardTallies(rows.clone(), sums.clone());
  }

  /** Adds so many rows with a sum of checksums. */
  public synchronized void add(int shard, long count, long sum) {
    rows[shard] += count;
    sums[shard] += sum;
  }

  /** Adds those of another part of the input; as many shards. */
  public synchronized void add(ShardTallies other) {
    for (int shard = 0; shard < rows.length; shard++) {
      rows[shard] += other.rows(shard);
      sums[shard] += other.sum(shard);
    }
  }

  public int shards() {
    return rows.length;
  }

  public synchronized long rows(int shard) {
    return rows[shard];
  }

  public synchronized long sum(int shard) {
    return sums[shard];
  }

  /** Rows of all shards. */
  public synchronized long rows() {
    return Arrays.stream(rows).sum();
  }
}
