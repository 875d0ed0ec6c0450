package io.featurekv.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up all keys of a batch in all shards of one version at once. One thread; reused from batch
 * to batch.
 */
public final class BatchLookup {
  private final int[] which;

  public BatchLookup(int maxKeys) {
    this.which = new int[maxKeys];
  }

  /**
   * Looks up the keys of a routed batch. Each becomes FOUND, ABSENT, FAILED or, where the result
   * has no room left for its value, DEFERRED; those of shards that are not here stay UNRESOLVED.
   * The caller holds a lease of every chain for as long as it reads the result.
   *
   * @param keys routed by {@link KeyBatch#route} over as many shards as there are chains
   * @param chains by shard; null where a shard is not here
   * @param readTimeSeconds entries that expire at this time (seconds since 1970) or before are
   *     ABSENT
   * @param result reset to the count of the keys
   */
  public void lookup(
      KeyBatch keys, List<@Nullable ShardChain> chains, long readTimeSeconds, LookupResult result) {
    for (int shard = 0; shard < chains.size(); shard++) {
      ShardChain chain = chains.get(shard);
      int from = keys.shardStart(shard);
      int count = keys.shardStart(shard + 1) - from;
      if (chain != null && count > 0) {
        for (int i = 0; i < count; i++) {
          which[i] = keys.byShard(from + i);
        }
        chain.lookup(keys, which, count, result);
      }
    }
  }
}
