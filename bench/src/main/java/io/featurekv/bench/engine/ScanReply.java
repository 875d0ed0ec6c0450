package io.featurekv.bench.engine;

import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Where scans put their entries: a native buffer that is filled from its start again when it is
 * full. It holds the last {@value #MIN_ENTRIES} entries at least. Not thread-safe.
 */
public final class ScanReply implements AutoCloseable {
  /** Entries that always fit. */
  public static final int MIN_ENTRIES = 1000;

  private static final int SLOT_BYTES = StandardKeys.KEY_BYTES + ValueShape.MAX_BYTES;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate((long) MIN_ENTRIES * SLOT_BYTES, 64);
  private final ByteBuffer buffer = memory.asByteBuffer();
  private final int[] valueLengths = new int[MIN_ENTRIES];
  private int next;

  /** The next entry is the first. */
  public void reset() {
    next = 0;
  }

  /** Takes an entry; the buffers stay as they are. */
  public void add(ByteBuffer key, ByteBuffer value) {
    int at = slot(value.remaining());
    buffer.put(at, key, key.position(), key.remaining());
    buffer.put(at + StandardKeys.KEY_BYTES, value, value.position(), value.remaining());
  }

  /** Takes an entry. */
  public void add(byte[] key, byte[] value) {
    int at = slot(value.length);
    MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, at, key.length);
    MemorySegment.copy(
        value, 0, memory, ValueLayout.JAVA_BYTE, at + StandardKeys.KEY_BYTES, value.length);
  }

  private int slot(int valueLength) {
    if (next == MIN_ENTRIES) {
      next = 0;
    }
    valueLengths[next] = valueLength;
    return next++ * SLOT_BYTES;
  }

  /** A copy of the key of an entry since the reset, if they all fit. */
  public byte[] key(int index) {
    return memory
        .asSlice((long) index * SLOT_BYTES, StandardKeys.KEY_BYTES)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** A copy of its value. */
  public byte[] value(int index) {
    return memory
        .asSlice((long) index * SLOT_BYTES + StandardKeys.KEY_BYTES, valueLengths[index])
        .toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    arena.close();
  }
}
