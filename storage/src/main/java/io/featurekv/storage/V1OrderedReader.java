package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

/** Reads {@code mem} and {@code idx} files of format 1: every key walks the tree for itself. */
final class V1OrderedReader implements ShardReader {
  private final MappedShard file;
  private final LmdbTree tree;
  private final LmdbImage image;

  V1OrderedReader(MappedShard file, LmdbTree tree) {
    this.file = file;
    this.tree = tree;
    this.image = tree.image();
  }

  @Override
  public int stages() {
    return 1;
  }

  @Override
  public void stage(int stage, LookupWork work, int from, int to) {
    for (int i = from; i < to; i++) {
      int key = work.keys[i];
      MemorySegment bytes = NativeMemory.segment(work.addresses[key], work.lengths[key]);
      long node = tree.find(bytes, 0, work.lengths[key]);
      if (node != LmdbTree.NONE) {
        resolve(work, key, node);
      }
    }
  }

  private void resolve(LookupWork work, int key, long node) {
    long data = file.address() + image.dataOffset(node);
    int length = image.dataLength(node);
    byte flags = length < 1 ? -1 : NativeMemory.getByte(data);
    if (flags != ShardFileFormat.FLAG_VALUE && flags != ShardFileFormat.FLAG_TOMBSTONE) {
      throw image.corrupt("an entry at byte " + node + " has the unknown flags " + flags);
    }
    work.result.resolve(
        key,
        flags == ShardFileFormat.FLAG_TOMBSTONE,
        ShardWriter.NO_EXPIRY,
        work.readTimeSeconds,
        data + 1,
        length - 1);
  }

  @Override
  public EntryCursor cursor() {
    return new IdxCursor(tree);
  }

  @Override
  public EntryTotals readBack(IntConsumer paceBytes) {
    try (EntryCursor cursor = cursor()) {
      return EntrySum.of(cursor);
    }
  }

  @Override
  public long residentBytes() {
    return file.residentBytes();
  }

  @Override
  public void close() {
    file.close();
  }
}
