package io.featurekv.loader.sort;

/** Walks a part of a sorted buffer, of one shard. */
final class BufferCursor extends StoredCursor {
  private final SortBuffer buffer;
  private final int end;
  private int next;

  BufferCursor(SortBuffer buffer, KeyPrefix prefixes, int start, int end) {
    super(prefixes);
    this.buffer = buffer;
    this.next = start;
    this.end = end;
  }

  @Override
  public boolean next() {
    if (next == end) {
      return false;
    }
    standAt(buffer.record(next++));
    return true;
  }

  @Override
  public long valueAddress() {
    return RecordLayout.value(record);
  }

  /** The buffer belongs to another. */
  @Override
  public void close() {}
}
