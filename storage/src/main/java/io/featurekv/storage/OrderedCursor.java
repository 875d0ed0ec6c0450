package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Entries that are LMDB entries each. */
final class OrderedCursor implements EntryCursor {
  private final LmdbImage image;
  private final LmdbCursor cursor;
  private long data;
  private int dataLength;

  OrderedCursor(LmdbTree tree) {
    this.image = tree.image();
    this.cursor = new LmdbCursor(tree);
  }

  @Override
  public boolean first() {
    return arrived(cursor.first());
  }

  @Override
  public boolean seek(byte[] key) {
    MemorySegment segment = MemorySegment.ofArray(key);
    boolean isThere = cursor.floorOrFirst(segment, 0, key.length);
    if (isThere && image.compare(cursor.node(), segment, 0, key.length) < 0) {
      isThere = cursor.next();
    }
    return arrived(isThere);
  }

  @Override
  public boolean next() {
    return arrived(cursor.next());
  }

  private boolean arrived(boolean isThere) {
    if (isThere) {
      long node = cursor.node();
      data = image.dataOffset(node);
      dataLength = OrderedReader.checkedDataLength(image, node);
    }
    return isThere;
  }

  @Override
  public MemorySegment source() {
    return image.map();
  }

  @Override
  public long keyOffset() {
    return image.keyOffset(cursor.node());
  }

  @Override
  public int keyLength() {
    return image.keyLength(cursor.node());
  }

  @Override
  public boolean isTombstone() {
    return image.map().get(ValueLayout.JAVA_BYTE, data) == ShardFileFormat.FLAG_TOMBSTONE;
  }

  @Override
  public long valueOffset() {
    return data + 1;
  }

  @Override
  public int valueLength() {
    return dataLength - 1;
  }

  @Override
  public void close() {}
}
