package io.featurekv.node.serving;

import io.featurekv.node.server.Admission;
import io.featurekv.storage.KeyBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The keys of one batch in memory of their own, for reads that outlive the bytes that they came in.
 * Immutable; whoever made it releases it once nobody reads it.
 */
final class PackedKeys {
  private static final long MIN_HELD_BYTES = Admission.MAX_CONNECTION_BYTES / 1024;

  private final ByteBuf bytes;
  // Where each key begins; the last: where they all end.
  private final int[] offsets;
  private final int[] shards;

  private PackedKeys(ByteBuf bytes, int[] offsets, int[] shards) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.shards = shards;
  }

  /** A copy of routed keys. */
  static PackedKeys copyOf(KeyBatch keys) {
    int count = keys.count();
    int[] offsets = new int[count + 1];
    int[] shards = new int[count];
    for (int key = 0; key < count; key++) {
      offsets[key + 1] = offsets[key] + keys.length(key);
      shards[key] = keys.shard(key);
    }
    ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, offsets[count]));
    long address = bytes.memoryAddress();
    for (int key = 0; key < count; key++) {
      keys.copyKey(key, address + offsets[key]);
    }
    bytes.writerIndex(offsets[count]);
    return new PackedKeys(bytes, offsets, shards);
  }

  int count() {
    return shards.length;
  }

  /**
   * What a waiting batch counts for: so much at least that a connection cannot have more than a
   * thousand of them.
   */
  long heldBytes() {
    return MIN_HELD_BYTES + bytes.capacity();
  }

  int shard(int key) {
    return shards[key];
  }

  byte[] key(int key) {
    byte[] copy = new byte[offsets[key + 1] - offsets[key]];
    bytes.getBytes(offsets[key], copy);
    return copy;
  }

  /** Has a batch read these keys, in place. */
  void fill(KeyBatch keys) {
    keys.reset(bytes.memoryAddress(), bytes.readableBytes());
    for (int key = 0; key < count(); key++) {
      keys.add(offsets[key], offsets[key + 1] - offsets[key]);
    }
  }

  void release() {
    bytes.release();
  }
}
