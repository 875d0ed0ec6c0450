package io.featurekv.metadata;

import java.util.AbstractList;
import java.util.Collections;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.UnaryOperator;

/**
 * The shards of a version: immutable, and hashed at most once, because a version may have thousands
 * of them.
 */
final class ShardList extends AbstractList<ShardRecord> implements RandomAccess {
  private final ShardRecord[] shards;

  /** 0 until it is computed, which any thread may do, with the same outcome. */
  private volatile long stateHash;

  private ShardList(ShardRecord[] shards) {
    this.shards = shards;
  }

  static ShardList copyOf(List<ShardRecord> shards) {
    return shards instanceof ShardList same
        ? same
        : new ShardList(shards.toArray(new ShardRecord[0]));
  }

  static ShardList empty(int count) {
    return copyOf(Collections.nCopies(count, ShardRecord.EMPTY));
  }

  /** This list with each shard replaced, called in the order of the shards. */
  ShardList mapped(UnaryOperator<ShardRecord> change) {
    ShardRecord[] changed = shards.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = change.apply(changed[i]);
    }
    return new ShardList(changed);
  }

  /** This list with some shards replaced. */
  ShardList mapped(Iterable<Integer> indexes, UnaryOperator<ShardRecord> change) {
    ShardRecord[] changed = shards.clone();
    for (int index : indexes) {
      changed[index] = change.apply(changed[index]);
    }
    return new ShardList(changed);
  }

  long stateHash() {
    long hash = stateHash;
    if (hash == 0) {
      hash = StateHash.ofShards(this);
      stateHash = hash;
    }
    return hash;
  }

  @Override
  public ShardRecord get(int index) {
    return shards[index];
  }

  @Override
  public int size() {
    return shards.length;
  }
}
