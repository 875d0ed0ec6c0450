package io.featurekv.metadata;

import java.util.Arrays;
import java.util.List;

/** What was parsed, by shard. Immutable. */
public final class ShardTallies {
  /** Of nothing. */
  static final ShardTallies NONE = new ShardTallies(new long[0], new long[0], new long[0]);

  private final long[] rows;
  private final long[] sums;
  private final long[] bytes;

  private ShardTallies(long[] rows, long[] sums, long[] bytes) {
    this.rows = rows;
    this.sums = sums;
    this.bytes = bytes;
  }

  /** One for each shard, in order. */
  public static ShardTallies of(List<ShardTally> tallies) {
    return new ShardTallies(
        tallies.stream().mapToLong(ShardTally::rows).toArray(),
        tallies.stream().mapToLong(ShardTally::sum).toArray(),
        tallies.stream().mapToLong(ShardTally::bytes).toArray());
  }

  static ShardTallies zero(int shards) {
    return new ShardTallies(new long[shards], new long[shards], new long[shards]);
  }

  /** How many shards. */
  public int size() {
    return rows.length;
  }

  /** That of one shard. */
  public ShardTally get(int shard) {
    return new ShardTally(rows[shard], sums[shard], bytes[shard]);
  }

  /** Rows of all shards. */
  public long rows() {
    return Arrays.stream(rows).sum();
  }

  boolean hasNegative() {
    return Arrays.stream(rows).anyMatch(n -> n < 0) || Arrays.stream(bytes).anyMatch(n -> n < 0);
  }

  ShardTallies plus(ShardTallies other) {
    long[] allRows = rows.clone();
    long[] allSums = sums.clone();
    long[] allBytes = bytes.clone();
    for (int shard = 0; shard < allRows.length; shard++) {
      allRows[shard] += other.rows[shard];
      allSums[shard] += other.sums[shard];
      allBytes[shard] += other.bytes[shard];
    }
    return new ShardTallies(allRows, allSums, allBytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardTallies that
        && Arrays.equals(rows, that.rows)
        && Arrays.equals(sums, that.sums)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(rows) + Arrays.hashCode(sums);
  }

  @Override
  public String toString() {
    return rows() + " rows of " + size() + " shards";
  }
}
