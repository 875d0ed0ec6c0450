package io.featurekv.loader.sort;

import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.VirtualMemory;

/**
 * Walks a part of a sorted buffer, of one shard. Records lie all over the buffer: they are copied
 * side by side some at a time, lengths first, so that the waits for memory overlap. A record too
 * long for that is walked where it lies.
 */
final class BufferCursor extends StoredCursor {
  private static final int STAGE_RECORDS = 64;
  private static final int STAGE_BYTES = 64 << 10;

  private final SortBuffer buffer;
  private final int end;
  private final VirtualMemory stage = VirtualMemory.allocate(STAGE_BYTES);
  private final long[] staged = new long[STAGE_RECORDS];
  private final long[] lengths = new long[STAGE_RECORDS];
  private int next;
  private int stagedCount;
  private int stagedNext;

  BufferCursor(SortBuffer buffer, KeyPrefix prefixes, int start, int end) {
    super(prefixes);
    this.buffer = buffer;
    this.next = start;
    this.end = end;
  }

  @Override
  public boolean next() {
    if (stagedNext == stagedCount && !stageMore()) {
      return false;
    }
    standAt(staged[stagedNext++]);
    return true;
  }

  private boolean stageMore() {
    int count = Math.min(STAGE_RECORDS, end - next);
    for (int i = 0; i < count; i++) {
      staged[i] = buffer.record(next + i);
      lengths[i] = RecordLayout.bytes(staged[i]);
    }
    long at = stage.address();
    long left = STAGE_BYTES;
    for (int i = 0; i < count; i++) {
      int length = (int) lengths[i];
      if (length <= left) {
        NativeMemory.copy(staged[i], at, length);
        staged[i] = at;
        at += length;
        left -= length;
      }
    }
    next += count;
    stagedCount = count;
    stagedNext = 0;
    return count > 0;
  }

  @Override
  public long valueAddress() {
    return RecordLayout.value(record);
  }

  /** Frees the copies; the buffer belongs to another. */
  @Override
  public void close() {
    stage.close();
  }
}
