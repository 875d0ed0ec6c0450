package io.featurekv.metadata;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToLongFunction;

/** What was parsed, by shard. Immutable. */
public record ShardTallies(List<ShardTally> shards) {
  /** Of nothing. */
  static final ShardTallies NONE = new ShardTallies(List.of());

  private static final ShardTally ZERO = new ShardTally(0, 0, 0, 0);

  public ShardTallies {
    shards = List.copyOf(shards);
  }

  static ShardTallies zero(int shards) {
    return new ShardTallies(Collections.nCopies(shards, ZERO));
  }

  /** How many shards. */
  public int size() {
    return shards.size();
  }

  /** That of one shard. */
  public ShardTally get(int shard) {
    return shards.get(shard);
  }

  /** Rows of all shards. */
  public long rows() {
    return sum(ShardTally::rows);
  }

  /** Rows of all shards that sorting left out. */
  long droppedRows() {
    return sum(ShardTally::droppedRows);
  }

  private long sum(ToLongFunction<ShardTally> part) {
    return shards.stream().mapToLong(part).sum();
  }

  /** Whether every shard has dropped at most what it has. */
  boolean isPlausible() {
    return shards.stream()
        .allMatch(tally -> tally.droppedRows() >= 0 && tally.droppedRows() <= tally.rows());
  }

  /** What was parsed alone: it depends on the inputs, what sorting drops on the memory as well. */
  ShardTallies withoutDrops() {
    return new ShardTallies(
        shards.stream().map(tally -> new ShardTally(tally.rows(), tally.sum(), 0, 0)).toList());
  }

  /** With those of another part of the inputs, which has as many shards. */
  ShardTallies plus(ShardTallies other) {
    List<ShardTally> sums = new ArrayList<>(shards.size());
    for (int shard = 0; shard < shards.size(); shard++) {
      ShardTally one = shards.get(shard);
      ShardTally two = other.shards.get(shard);
      sums.add(
          new ShardTally(
              one.rows() + two.rows(),
              one.sum() + two.sum(),
              one.droppedRows() + two.droppedRows(),
              one.droppedSum() + two.droppedSum()));
    }
    return new ShardTallies(sums);
  }
}
