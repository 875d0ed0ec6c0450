package io.featurekv.client.transport;

import io.netty.buffer.UnpooledByteBufAllocator;

/** A transport that counts every byte of network memory until it is given back. */
public final class CountedMemory {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

  /** A transport of this memory. */
  public Transport transport(int threads) {
    return Transport.start(threads, Transport.PING_AFTER_MILLIS, allocator);
  }

  /** Bytes that were taken and not given back. */
  public long usedBytes() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }
}
