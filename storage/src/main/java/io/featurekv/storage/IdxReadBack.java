package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.util.function.IntConsumer;

/**
 * Reads every entry of an {@code idx} file back, leaf by leaf as the index leads to them. One
 * thread, used once.
 */
final class IdxReadBack {
  private final MappedShard file;
  private final LmdbImage image;
  private final KeyIndex index;
  private final GuideCheck guides;
  private final ReadAhead ahead;
  private final EntrySum sum = new EntrySum();
  private long lastKey;
  private int lastLength;

  IdxReadBack(
      MappedShard file, LmdbImage image, KeyIndex index, GuideCheck guides, IntConsumer paceBytes) {
    this.file = file;
    this.image = image;
    this.index = index;
    this.guides = guides;
    this.ahead = new ReadAhead(file, paceBytes);
  }

  EntryTotals run() {
    for (long rank = 0; rank < index.count(); rank++) {
      long offset = index.place(rank);
      ahead.upTo(offset + ShardFileFormat.PAGE_BYTES);
      addLeaf(rank, image.page(offset >>> ShardFileFormat.PAGE_BITS, LmdbImage.FLAG_LEAF));
    }
    guides.finish();
    return sum.totals();
  }

  private void addLeaf(long rank, long offset) {
    long page = file.address() + offset;
    int count = image.nodeCount(offset);
    for (int i = 0; i < count; i++) {
      int at = NativeMemory.getU16(page + LmdbImage.PAGE_HEADER_BYTES + 2L * i);
      if (at < LmdbImage.PAGE_HEADER_BYTES
          || at + LmdbImage.NODE_HEADER_BYTES > ShardFileFormat.PAGE_BYTES) {
        throw damaged(rank, "node " + i + " at " + at);
      }
      long node = page + at;
      int keyLength = NativeMemory.getU16(node + 6);
      long key = node + LmdbImage.NODE_HEADER_BYTES;
      if (keyLength < 1
          || keyLength > Limits.MAX_KEY_BYTES
          || key + keyLength > page + ShardFileFormat.PAGE_BYTES) {
        throw damaged(rank, "node " + i + " leaves the page");
      }
      if (i == 0 || i == count - 1) {
        guides.end(rank, key, keyLength);
      }
      if (lastLength > 0) {
        guides.follows(key, keyLength, lastKey, lastLength, rank);
      }
      add(rank, offset + at, key, keyLength);
      lastKey = key;
      lastLength = keyLength;
    }
  }

  private void add(long rank, long node, long key, int keyLength) {
    long dataOffset = image.dataOffset(node);
    int dataLength = image.dataLength(node);
    long data = file.address() + dataOffset;
    byte flags = dataLength < 1 ? -1 : NativeMemory.getByte(data);
    int head = EntryHead.lengthOf(flags);
    if (head == 0 || head > dataLength) {
      throw damaged(rank, "an entry has no head that could be");
    }
    ahead.upTo(dataOffset + dataLength);
    long hash = sum.hash(key, keyLength);
    guides.hash(hash);
    sum.add(
        hash,
        key,
        keyLength,
        data + head,
        dataLength - head,
        flags == ShardFileFormat.FLAG_EXPIRY
            ? NativeMemory.getInt(data + 1)
            : ShardWriter.NO_EXPIRY,
        flags == ShardFileFormat.FLAG_TOMBSTONE);
  }

  private FeatureKvException damaged(long rank, String what) {
    return FileErrors.corrupt(file.path(), "leaf " + rank + ": " + what);
  }
}
