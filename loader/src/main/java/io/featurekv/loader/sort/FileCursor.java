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
 * <p>Invariants: the buffer holds the bytes of the file from {@code bufferStart}, the start of a
 * block, up to {@code bufferStart + filled}; the next record begins at {@code next}.
 */
final class FileCursor extends StoredCursor {
  /** Least that a buffer must take. */
  static final int MIN_BUFFER_BYTES = 2 * BulkFile.BLOCK_BYTES;

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
    // A part may begin and end inside blocks.
    long most = BulkFile.wholeBlocks(end - start) + BulkFile.BLOCK_BYTES;
    this.capacity =
        (int) BulkFile.blockStart(Math.max(MIN_BUFFER_BYTES, Math.min(bufferBytes, most)));
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
    if (length <= capacity - BulkFile.BLOCK_BYTES && next + length > bufferStart + filled) {
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
      bufferStart = BulkFile.blockStart(next);
      int wanted = (int) Math.min(capacity, end - bufferStart);
      view.limit((int) BulkFile.wholeBlocks(wanted)).position(0);
      filled = read(view, bufferStart, wanted);
    }
    return buffer.address() + (next - bufferStart);
  }

  /** Reads whole blocks, at least up to {@code wanted} bytes; how many there are. */
  private int read(ByteBuffer into, long position, int wanted) {
    try {
      while (into.position() < wanted) {
        int count = run.channel().read(into, position + into.position());
        boolean atEnd = into.position() % BulkFile.BLOCK_BYTES != 0;
        if (count < 0 || (atEnd && into.position() < wanted)) {
          throw DiskFailure.cut(run.path(), position + wanted, position + into.position());
        }
      }
      return into.position();
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
    long from = BulkFile.blockStart(valuePosition);
    if (memory == null) {
      int wanted = (int) (valuePosition - from) + length;
      memory = VirtualMemory.allocate(BulkFile.wholeBlocks(wanted));
      longValue = memory;
      read(memory.segment().asByteBuffer(), from, wanted);
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
