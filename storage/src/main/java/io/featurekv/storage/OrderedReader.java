package io.featurekv.storage;

import java.lang.foreign.ValueLayout;

/** Kinds {@code mem} and {@code idx}: values are found in place. */
final class OrderedReader implements ShardReader {
  private final LmdbTree tree;
  private final LmdbImage image;

  OrderedReader(LmdbTree tree) {
    this.tree = tree;
    this.image = tree.image();
  }

  @Override
  public void lookup(KeyBatch batch, int key, LookupResult result) {
    long node = tree.find(batch.bytes(), batch.offset(key), batch.length(key));
    if (node == LmdbTree.NONE) {
      return;
    }
    int dataLength = checkedDataLength(image, node);
    long data = image.dataOffset(node);
    if (image.map().get(ValueLayout.JAVA_BYTE, data) == ShardFileFormat.FLAG_TOMBSTONE) {
      result.deleted(key);
    } else {
      result.found(key, image.map(), data + 1, dataLength - 1);
    }
  }

  /** Length of flags and value, once both can be. */
  static int checkedDataLength(LmdbImage image, long node) {
    int length = image.dataLength(node);
    if (length < 1) {
      throw image.corrupt("an entry at byte " + node + " has no flags");
    }
    byte flags = image.map().get(ValueLayout.JAVA_BYTE, image.dataOffset(node));
    if (flags != ShardFileFormat.FLAG_VALUE && flags != ShardFileFormat.FLAG_TOMBSTONE) {
      throw image.corrupt("an entry at byte " + node + " has the unknown flags " + flags);
    }
    return length;
  }

  @Override
  public EntryCursor cursor() {
    return new OrderedCursor(tree);
  }

  @Override
  public void close() {}
}
