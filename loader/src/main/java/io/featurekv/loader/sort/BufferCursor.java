package io.featurekv.loader.sort;

/** Walks a part of a sorted buffer, of one shard. */
final class BufferCursor implements RecordCursor {
  private static final byte[] NONE = {};

  private final SortBuffer buffer;
  private final int end;
  private int next;
  private byte[] chunk = NONE;
  private int at;
  private long prefix;

  BufferCursor(SortBuffer buffer, int start, int end) {
    this.buffer = buffer;
    this.next = start;
    this.end = end;
  }

  @Override
  public boolean next() {
    if (next == end) {
      return false;
    }
    long ref = buffer.ref(next);
    prefix = buffer.prefix(next++);
    chunk = buffer.chunkOf(ref);
    at = (int) ref;
    return true;
  }

  @Override
  public long prefix() {
    return prefix;
  }

  @Override
  public byte[] keyArray() {
    return chunk;
  }

  @Override
  public int keyOffset() {
    return at + RecordLayout.headerBytes(chunk, at);
  }

  @Override
  public int keyLength() {
    return RecordLayout.keyLength(chunk, at);
  }

  @Override
  public long location() {
    return RecordLayout.location(chunk, at);
  }

  @Override
  public int expirySeconds() {
    return RecordLayout.expirySeconds(chunk, at);
  }

  @Override
  public boolean isDelete() {
    return RecordLayout.valueLength(chunk, at) == RecordLayout.DELETED;
  }

  @Override
  public byte[] valueArray() {
    return chunk;
  }

  @Override
  public int valueOffset() {
    return keyOffset() + keyLength();
  }

  @Override
  public int valueLength() {
    return Math.max(0, RecordLayout.valueLength(chunk, at));
  }
}
