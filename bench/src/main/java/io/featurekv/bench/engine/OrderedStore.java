package io.featurekv.bench.engine;

import org.jspecify.annotations.Nullable;

/** A store that hands its entries over in the order of their keys. */
public interface OrderedStore extends Store {
  /**
   * Copies keys and values in order.
   *
   * @param from the first key that may come; null for the first of all
   * @return how many came
   */
  long scan(byte @Nullable [] from, long maxEntries, ScanReply reply);
}
