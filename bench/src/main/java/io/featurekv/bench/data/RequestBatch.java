package io.featurekv.bench.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of one batched get in both shapes that stores take: one after the other in native
 * memory, and as arrays. Refilled by {@link Requests}; not thread-safe.
 */
public final class RequestBatch {
  private final MemorySegment keys;
  private final List<byte[]> keyArrays = new ArrayList<>();
  private final long[] entries;
  private int present;

  RequestBatch(Arena arena, int size) {
    this.keys = arena.allocate((long) size * StandardKeys.KEY_BYTES);
    this.entries = new long[size];
    for (int i = 0; i < size; i++) {
      keyArrays.add(new byte[StandardKeys.KEY_BYTES]);
    }
  }

  void set(int index, long entry) {
    byte[] key = keyArrays.get(index);
    StandardKeys.write(StandardKeys.id(entry), key);
    MemorySegment.copy(key, 0, keys, ValueLayout.JAVA_BYTE, (long) index * key.length, key.length);
    entries[index] = entry;
  }

  void count(int entriesOfSet) {
    present = 0;
    for (long entry : entries) {
      present += entry < entriesOfSet ? 1 : 0;
    }
  }

  public int size() {
    return entries.length;
  }

  /** Keys that the set has. */
  public int present() {
    return present;
  }

  /** The number of the entry asked for at a place of the batch. */
  public long entry(int index) {
    return entries[index];
  }

  /** All keys, {@value StandardKeys#KEY_BYTES} bytes each; valid as long as the requests. */
  public MemorySegment keys() {
    return keys;
  }

  /** All keys; their arrays are used again for the next keys. */
  public List<byte[]> keyArrays() {
    return keyArrays;
  }
}
