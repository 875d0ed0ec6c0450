package io.featurekv.storage;

import java.lang.foreign.MemorySegment;

/** Walks the leaf nodes of an {@code idx} file. */
final class IdxCursor implements EntryCursor {
  private final LmdbImage image;
  private final LmdbCursor cursor;
  private final long map;
  private long node;
  private long data;
  private int dataLength;
  private int headLength;

  IdxCursor(LmdbTree tree) {
    this.image = tree.image();
    this.cursor = new LmdbCursor(tree);
    this.map = image.map().address();
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
  public boolean at(double part) {
    return arrived(cursor.fraction(part));
  }

  @Override
  public boolean next() {
    return arrived(cursor.next());
  }

  private boolean arrived(boolean isThere) {
    if (isThere) {
      node = cursor.node();
      data = image.dataOffset(node);
      dataLength = image.dataLength(node);
      headLength = dataLength < 1 ? 0 : EntryHead.lengthOf(flags());
      if (headLength == 0 || headLength > dataLength) {
        throw image.corrupt("an entry at byte " + node + " has no head that could be");
      }
    }
    return isThere;
  }

  private byte flags() {
    return NativeMemory.getByte(map + data);
  }

  @Override
  public long keyAddress() {
    return map + image.keyOffset(node);
  }

  @Override
  public int keyLength() {
    return image.keyLength(node);
  }

  @Override
  public boolean isTombstone() {
    return flags() == ShardFileFormat.FLAG_TOMBSTONE;
  }

  @Override
  public int expirySeconds() {
    return flags() == ShardFileFormat.FLAG_EXPIRY
        ? NativeMemory.getInt(map + data + 1)
        : ShardWriter.NO_EXPIRY;
  }

  @Override
  public long valueAddress() {
    return map + data + headLength;
  }

  @Override
  public int valueLength() {
    return dataLength - headLength;
  }

  @Override
  public void close() {}
}
