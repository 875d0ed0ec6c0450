package io.featurekv.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What stands before the value of an {@code idx} entry: flags, and the expiry if it has one. */
final class EntryHead {
  static final int MAX_BYTES = 1 + Integer.BYTES;

  private final byte[] bytes = new byte[MAX_BYTES];

  /** Sets it; returns its length. */
  int set(boolean isTombstone, int expirySeconds) {
    if (expirySeconds == ShardWriter.NO_EXPIRY) {
      bytes[0] = isTombstone ? ShardFileFormat.FLAG_TOMBSTONE : ShardFileFormat.FLAG_VALUE;
      return 1;
    }
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ShardFileFormat.FLAG_EXPIRY)
        .putInt(expirySeconds);
    return MAX_BYTES;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Length of the head with these flags, or 0 where such flags cannot be. */
  static int lengthOf(byte flags) {
    return switch (flags) {
      case ShardFileFormat.FLAG_VALUE, ShardFileFormat.FLAG_TOMBSTONE -> 1;
      case ShardFileFormat.FLAG_EXPIRY -> MAX_BYTES;
      default -> 0;
    };
  }
}
