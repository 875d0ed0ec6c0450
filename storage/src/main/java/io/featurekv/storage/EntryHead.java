package io.featurekv.storage;

/** What stands before the value of an {@code idx} entry: flags, and the expiry if it has one. */
final class EntryHead {
  static final int MAX_BYTES = 1 + Integer.BYTES;

  private EntryHead() {}

  /** The flags of an entry. */
  static byte flags(IncomingEntry entry) {
    if (entry.expirySeconds != ShardWriter.NO_EXPIRY) {
      return ShardFileFormat.FLAG_EXPIRY;
    }
    return entry.isTombstone ? ShardFileFormat.FLAG_TOMBSTONE : ShardFileFormat.FLAG_VALUE;
  }

  /** Length of the head with these flags, or 0 where such flags cannot be. */
  static int lengthOf(byte flags) {
    return switch (flags) {
      case ShardFileFormat.FLAG_VALUE, ShardFileFormat.FLAG_TOMBSTONE -> 1;
      case ShardFileFormat.FLAG_EXPIRY -> MAX_BYTES;
      default -> 0;
    };
  }

  /** Writes the head of an entry with these flags. */
  static void put(long address, byte flags, int expirySeconds) {
    NativeMemory.putByte(address, flags);
    if (flags == ShardFileFormat.FLAG_EXPIRY) {
      NativeMemory.putInt(address + 1, expirySeconds);
    }
  }
}
