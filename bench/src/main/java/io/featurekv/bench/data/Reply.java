package io.featurekv.bench.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Where every store puts what it found: copies of the values, one after the other in one native
 * buffer, and their lengths. Not thread-safe.
 */
public final class Reply implements AutoCloseable {
  private static final int ABSENT = -1;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ByteBuffer buffer;
  private final int[] offsets;
  private final int[] lengths;
  private int used;
  private int found;

  public Reply(int maxKeys) {
    this.memory = arena.allocate((long) maxKeys * ValueShape.MAX_BYTES, 64);
    this.buffer = memory.asByteBuffer();
    this.offsets = new int[maxKeys];
    this.lengths = new int[maxKeys];
  }

  /** Forgets everything. */
  public void reset() {
    used = 0;
    found = 0;
  }

  /** The buffer; the next value belongs at {@link #used}. */
  public MemorySegment memory() {
    return memory;
  }

  public int used() {
    return used;
  }

  /** Says that the value of a key was put at {@link #used}. */
  public void found(int key, int length) {
    offsets[key] = used;
    lengths[key] = length;
    used += length;
    found++;
  }

  /** Copies the value of a key. */
  public void found(int key, byte[] value) {
    MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, used, value.length);
    found(key, value.length);
  }

  /** Copies the value of a key: what remains of a buffer, which stays as it is. */
  public void found(int key, ByteBuffer value) {
    buffer.put(used, value, value.position(), value.remaining());
    found(key, value.remaining());
  }

  /** Says that a key is nowhere. */
  public void absent(int key) {
    lengths[key] = ABSENT;
  }

  /** Keys found. */
  public int found() {
    return found;
  }

  /** Whether a key was found. */
  public boolean isFound(int key) {
    return lengths[key] != ABSENT;
  }

  /** A copy of the value of a key that was found. */
  public byte[] value(int key) {
    return memory.asSlice(offsets[key], lengths[key]).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
