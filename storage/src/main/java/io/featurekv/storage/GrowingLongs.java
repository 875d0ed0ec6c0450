package io.featurekv.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A list of numbers that grows without copying, outside the heap. One thread. */
final class GrowingLongs implements AutoCloseable {
  private static final int CHUNK_BITS = 18;
  private static final int CHUNK_LONGS = 1 << CHUNK_BITS;

  private final List<VirtualMemory> chunks = new ArrayList<>();
  private long[] addresses = new long[16];
  private long size;

  void add(long value) {
    int chunk = (int) (size >>> CHUNK_BITS);
    if (chunk == chunks.size()) {
      grow();
    }
    NativeMemory.putLong(addresses[chunk] + (size & CHUNK_LONGS - 1) * Long.BYTES, value);
    size++;
  }

  private void grow() {
    VirtualMemory chunk = VirtualMemory.allocate((long) CHUNK_LONGS * Long.BYTES);
    if (chunks.size() == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * addresses.length);
    }
    addresses[chunks.size()] = chunk.address();
    chunks.add(chunk);
  }

  long get(long index) {
    return NativeMemory.getLong(
        addresses[(int) (index >>> CHUNK_BITS)] + (index & CHUNK_LONGS - 1) * Long.BYTES);
  }

  long size() {
    return size;
  }

  /** Frees its memory. Idempotent. */
  @Override
  public void close() {
    chunks.forEach(VirtualMemory::close);
  }
}
