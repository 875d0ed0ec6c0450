package io.featurekv.loader.sort;

import io.featurekv.model.Limits;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.NativeKeyHash;
import io.featurekv.storage.NativeMemory;

/**
 * What orders a record before its key does, as a long whose signed order is that: the hash of the
 * key, or its first 8 bytes with zeros behind its end. Not thread-safe.
 */
final class KeyPrefix {
  private final boolean byHash;
  private final byte[] scratch = new byte[Limits.MAX_KEY_BYTES];

  KeyPrefix(EntryOrder order) {
    this.byHash =
        switch (order) {
          case BY_HASH -> true;
          case BY_KEY -> false;
        };
  }

  /** The prefix of a key whose hash is not known. */
  long of(long key, int keyLength) {
    return byHash
        ? NativeKeyHash.of(key, keyLength, scratch) ^ Long.MIN_VALUE
        : NativeMemory.prefix(key, keyLength);
  }

  /** The prefix of a key whose hash is known. */
  long of(long hash, long key, int keyLength) {
    return byHash ? hash ^ Long.MIN_VALUE : NativeMemory.prefix(key, keyLength);
  }

  /** The hash that a prefix was made of, where the order is by hash. */
  static long hash(long prefix) {
    return prefix ^ Long.MIN_VALUE;
  }
}
