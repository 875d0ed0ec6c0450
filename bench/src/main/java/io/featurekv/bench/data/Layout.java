package io.featurekv.bench.data;

import io.featurekv.model.KeyHash;
import io.featurekv.storage.EntryOrder;
import org.jspecify.annotations.Nullable;

/**
 * How an engine wants its entries.
 *
 * @param parts how many shards
 * @param order of each part; null for any
 */
public record Layout(int parts, @Nullable EntryOrder order) {
  /** What entries of the standard keys are sorted by; {@code hash} is the key's. */
  static long rank(EntryOrder order, long id, long hash) {
    return switch (order) {
      case BY_KEY -> id;
      case BY_HASH -> hash;
    };
  }

  int part(long hash) {
    return parts == 1 ? 0 : KeyHash.shardOf(hash, parts);
  }
}
