package io.featurekv.loader.sort;

import io.featurekv.model.Limits;
import io.featurekv.storage.UncachedFile;
import io.featurekv.storage.VirtualMemory;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks a part of a run through a buffer. A value that does not fit it is read when it is asked
 * for, so that memory does not grow with the number of runs times the longest value.
 *
 * <p>Invariants: the buffer holds the bytes of the file from {@code bufferStart}, the start of a
 * block, up to {@code bufferStart + filled}; the next record begins at {@code next}.
 */
final class FileCursor extends StoredCursor {
  /** Least that a buffer must take. */
  static final int MIN_BUFFER_BYTES = 2 * UncachedFile.ALIGNMENT;

  private static final int MAX_HEADER_AND_KEY =
      RecordLayout.MAX_HEADER_BYTES + Limits.MAX_KEY_BYTES;

  private final RunFile run;
  private final long end;
  private final VirtualMemory buffer;
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
    // A part may begin and end inside blocks.
    long most = wholeBlocks(end - start) + UncachedFile.ALIGNMENT;
    this.capacity = (int) blockStart(Math.max(MIN_BUFFER_BYTES, Math.min(bufferBytes, most)));
    this.buffer = VirtualMemory.allocate(capacity);
  }

  @Override
  public boolean next() {
    freeLongValue();
    if (next == end) {
      return false;
    }
    long at = buffered((int) Math.min(MAX_HEADER_AND_KEY, end - next));
    long length = RecordLayout.bytes(at);
    if (length <= capacity - UncachedFile.ALIGNMENT && next + length > bufferStart + filled) {
      at = buffered((int) length);
    }
    standAt(at);
    valuePosition = next + (key - at) + keyLength;
    next += length;
    return true;
  }

  /** Address of the next {@code length} bytes of the file, which fit the buffer. */
  private long buffered(int length) {
    if (next + length > bufferStart + filled) {
      bufferStart = blockStart(next);
      int wanted = (int) Math.min(capacity, end - bufferStart);
      filled = read(buffer.address(), bufferStart, wanted);
    }
    return buffer.address() + (next - bufferStart);
  }

  /** Reads whole blocks, at least up to {@code wanted} bytes; how many there are. */
  private int read(long address, long position, int wanted) {
    try {
      int count = run.file().read(address, (int) wholeBlocks(wanted), position);
      if (count < wanted) {
        throw DiskFailure.cut(run.path(), position + wanted, position + count);
      }
      return count;
    } catch (IOException e) {
      throw DiskFailure.of("sorted run " + run.path() + " cannot be read", e);
    }
  }

  private static long blockStart(long position) {
    return position & -UncachedFile.ALIGNMENT;
  }

  private static long wholeBlocks(long length) {
    return (length + UncachedFile.ALIGNMENT - 1) & -UncachedFile.ALIGNMENT;
  }

  @Override
  public long valueAddress() {
    int length = valueLength();
    long offset = valuePosition - bufferStart;
    if (offset + length <= filled) {
      return buffer.address() + offset;
    }
    VirtualMemory memory = longValue;
    long from = blockStart(valuePosition);
    if (memory == null) {
      int wanted = (int) (valuePosition - from) + length;
      memory = VirtualMemory.allocate(wholeBlocks(wanted));
      longValue = memory;
      int _ = read(memory.address(), from, wanted);
    }
    return memory.address() + (valuePosition - from);
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
