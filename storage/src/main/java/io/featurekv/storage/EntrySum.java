package io.featurekv.storage;

import io.featurekv.model.Limits;

/** Adds entries up while a file is read back. One thread. */
final class EntrySum {
  private final byte[] scratch = new byte[Limits.MAX_KEY_BYTES];
  private long entries;
  private long tombstones;
  private long checksum;

  /** The hash of a key of at most as many bytes as a key may have. */
  long hash(long address, int length) {
    return NativeKeyHash.of(address, length, scratch);
  }

  /** Adds an entry whose key has that hash. */
  void add(
      long hash,
      long key,
      int keyLength,
      long value,
      int valueLength,
      int expirySeconds,
      boolean isTombstone) {
    checksum +=
        EntryChecksum.of(hash, key, keyLength, value, valueLength, expirySeconds, isTombstone);
    if (isTombstone) {
      tombstones++;
    } else {
      entries++;
    }
  }

  /** Adds what a cursor stands at; returns the hash of its key. */
  long add(EntryCursor at) {
    long hash = hash(at.keyAddress(), at.keyLength());
    add(
        hash,
        at.keyAddress(),
        at.keyLength(),
        at.valueAddress(),
        at.valueLength(),
        at.expirySeconds(),
        at.isTombstone());
    return hash;
  }

  /** Adds all that a cursor walks over. */
  static EntryTotals of(EntryCursor cursor) {
    EntrySum sum = new EntrySum();
    for (boolean has = cursor.first(); has; has = cursor.next()) {
      sum.add(cursor);
    }
    return sum.totals();
  }

  EntryTotals totals() {
    return new EntryTotals(entries, tombstones, checksum);
  }
}
