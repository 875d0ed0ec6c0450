package io.featurekv.storage;

/**
 * The entry that is being written. One object is used for all entries of a file; the memory belongs
 * to whoever gave the entry, and is good until the next one.
 */
final class IncomingEntry {
  long hash;
  long key;
  int keyLength;
  boolean isTombstone;

  /** {@link ShardWriter#NO_EXPIRY} for never. */
  int expirySeconds;

  long value;
  int valueLength;

  /** Whether it is a value that never expires. */
  boolean isPlain() {
    return !isTombstone && expirySeconds == ShardWriter.NO_EXPIRY;
  }

  /** Bytes of key and value. */
  long bytes() {
    return (long) keyLength + valueLength;
  }

  /** One whose key and value are copied to an address. */
  IncomingEntry copyTo(long address) {
    IncomingEntry copy = new IncomingEntry();
    copy.hash = hash;
    copy.key = address;
    copy.keyLength = keyLength;
    copy.isTombstone = isTombstone;
    copy.expirySeconds = expirySeconds;
    copy.value = address + keyLength;
    copy.valueLength = valueLength;
    NativeMemory.copy(key, copy.key, keyLength);
    NativeMemory.copy(value, copy.value, valueLength);
    return copy;
  }
}
