package io.featurekv.storage;

import java.util.Arrays;

/**
 * The entry that is being written. One object is used for all entries of a file; the arrays belong
 * to whoever gave the entry, and are good until the next one.
 */
@SuppressWarnings("NullAway.Init")
final class IncomingEntry {
  long hash;
  byte[] key;
  int keyOffset;
  int keyLength;
  boolean isTombstone;

  /** {@link ShardWriter#NO_EXPIRY} for never. */
  int expirySeconds;

  byte[] value;
  int valueOffset;
  int valueLength;

  /** Whether it is a value that never expires. */
  boolean isPlain() {
    return !isTombstone && expirySeconds == ShardWriter.NO_EXPIRY;
  }

  /** One that stays when the next entry comes. */
  IncomingEntry copy() {
    IncomingEntry copy = new IncomingEntry();
    copy.hash = hash;
    copy.key = Arrays.copyOfRange(key, keyOffset, keyOffset + keyLength);
    copy.keyLength = keyLength;
    copy.isTombstone = isTombstone;
    copy.expirySeconds = expirySeconds;
    copy.value = Arrays.copyOfRange(value, valueOffset, valueOffset + valueLength);
    copy.valueLength = valueLength;
    return copy;
  }
}
