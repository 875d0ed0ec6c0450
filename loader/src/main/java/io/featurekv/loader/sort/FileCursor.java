package io.featurekv.loader.sort;

import io.featurekv.model.Limits;
import io.featurekv.storage.VirtualMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks a part of a run through a buffer. A value that does not fit it is read when it is asked
 * for, so that memory does not grow with the number of runs times the longest value.
 *
 * <p>Invariants: the buffer holds the bytes of the file from {@code bufferStart} up to {@code
 * bufferStart + filled}; the next record begins at {@code next}.
 */
final class FileCursor extends StoredCursor {
  /** Least that a buffer must take. */
  static final int MIN_BUFFER_BYTES = 4096;

  private static final int MAX_HEADER_AND_KEY =
      RecordLayout.MAX_HEADER_BYTES + Limits.MAX_KEY_BYTES;

  private final RunFile run;
  private final long end;
  private final VirtualMemory buffer;
  private final ByteBuffer view;
  private final int capacity;
  private long bufferStart;
  private int filled;
  private long next;
  private long valuePosition;
  private @Nullable VirtualMemory longValue;

  FileCursor(RunFile run, KeyPrefix prefixes, long start, long end, int bufferBytes) {
    super(prefixes);
    this.run = run;
    this.end = end;
    this.next = start;
    this.bufferStart = start;
    this.capacity = (int) Math.max(MIN_BUFFER_BYTES, Math.min(bufferBytes, end - start));
    this.buffer = VirtualMemory.allocate(capacity);
    this.view = buffer.segment().asByteBuffer();
  }

  @Override
  public boolean next() {
    freeLongValue();
    if (next == end) {
      return false;
    }
    long at = buffered((int) Math.min(MAX_HEADER_AND_KEY, end - next));
    long length = RecordLayout.bytes(at);
    if (length <= capacity && next + length > bufferStart + filled) {
      at = buffered((int) length);
    }
    standAt(at);
    valuePosition = next + (key - at) + keyLength;
    next += length;
    return true;
  }

  /** Address of the next {@code length} bytes of the file, which fit the buffer. */
  private long buffered(int length) {
    int offset = (int) Math.min(next - bufferStart, Integer.MAX_VALUE >>> 1);
    if (offset + length > filled) {
      // A long value that was passed over may reach beyond the buffer.
      int kept = Math.max(0, filled - offset);
      if (kept > 0) {
        // What is kept is less than a record; the two may overlap.
        moveDown(offset, kept);
      }
      int wanted = (int) Math.min(capacity - kept, end - next - kept);
      view.limit(kept + wanted).position(kept);
      read(next + kept);
      bufferStart = next;
      filled = kept + wanted;
      offset = 0;
    }
    return buffer.address() + offset;
  }

  private void moveDown(int offset, int count) {
    view.limit(offset + count).position(offset);
    view.compact();
  }

  private void read(long position) {
    long at = position;
    try {
      while (view.hasRemaining()) {
        int count = run.channel().read(view, at);
        if (count < 0) {
          throw DiskFailure.cut(run.path(), at + view.remaining(), at);
        }
        at += count;
      }
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + run.path() + " cannot be read", e);
    }
  }

  @Override
  public long valueAddress() {
    int length = valueLength();
    long offset = valuePosition - bufferStart;
    if (offset + length <= filled) {
      return buffer.address() + offset;
    }
    VirtualMemory memory = longValue;
    if (memory == null) {
      memory = VirtualMemory.allocate(length);
      longValue = memory;
      ByteBuffer whole = memory.segment().asByteBuffer();
      long position = valuePosition;
      try {
        while (whole.hasRemaining()) {
          int count = run.channel().read(whole, position);
          if (count < 0) {
            throw DiskFailure.cut(run.path(), position + whole.remaining(), position);
          }
          position += count;
        }
      } catch (IOException e) {
        throw DiskFailure.of("sorted run " + run.path() + " cannot be read", e);
      }
    }
    return memory.address();
  }

  private void freeLongValue() {
    VirtualMemory memory = longValue;
    if (memory != null) {
      memory.close();
      longValue = null;
    }
  }

  @Override
  public void close() {
    freeLongValue();
    buffer.close();
  }
}
