package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an {@code idx} file: the filter and the index of its leaves lie in memory, one leaf page is
 * read for a key, and the pages of its value where that is long. The pages of a batch are asked for
 * together before the first is touched, wherever some may be on disk.
 *
 * <p>The map was not proved when the file was opened: every number in a page is checked before it
 * is followed.
 */
final class IdxReader implements ShardReader {
  private static final int STAGES = 8;

  private final MappedShard file;
  private final KeyIndex index;
  private final @Nullable KeyFilter filter;
  private final LmdbTree tree;
  private final long map;
  private final long mapEnd;
  private final ColdReads cold;

  IdxReader(MappedShard file, KeyIndex index, @Nullable KeyFilter filter, LmdbTree tree) {
    this.file = file;
    this.index = index;
    this.filter = filter;
    this.tree = tree;
    this.map = file.address();
    this.mapEnd = file.address() + file.lengthBytes();
    this.cold = new ColdReads();
  }

  @Override
  public int stages() {
    return STAGES;
  }

  @Override
  public void stage(int stage, LookupWork work, int from, int to) {
    switch (stage) {
      case 0 -> KeySearch.touchFilter(filter, work, from, to);
      case 1 -> KeySearch.askFilter(filter, index, work, from, to);
      case 2 -> findPages(work, from, to);
      case 3 -> startReads(work, from, to);
      case 4 -> touchPages(work, from, to);
      case 5 -> findNodes(work, from, to);
      case 6 -> matchNodes(work, from, to);
      default -> readLongValues(work, from, to);
    }
  }

  private void findPages(LookupWork work, int from, int to) {
    KeySearch.ranks(index, work, from, to);
    for (int i = from; i < to; i++) {
      long rank = work.place[i];
      if (rank >= 0) {
        int key = work.keys[i];
        long settled = index.settle(rank, work.extra[i], work.addresses[key], work.lengths[key]);
        work.place[i] = map + index.place(settled);
      } else {
        work.place[i] = 0;
      }
    }
  }

  private void startReads(LookupWork work, int from, int to) {
    if (!cold.mayWait(work.place[from])) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (work.place[i] != 0) {
        VirtualMemory.startReading(work.place[i], ShardFileFormat.PAGE_BYTES);
      }
    }
  }

  private void touchPages(LookupWork work, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      long page = work.place[i];
      if (page != 0) {
        sum += NativeMemory.getU16(page + 12) + NativeMemory.getByte(page + 64);
      }
    }
    work.touched += sum;
  }

  private void findNodes(LookupWork work, int from, int to) {
    LeafSearch.nodes(work, index.commonLength(), from, to);
  }

  private void matchNodes(LookupWork work, int from, int to) {
    for (int i = from; i < to; i++) {
      long node = work.place[i];
      work.place[i] = 0;
      if (node == 0) {
        continue;
      }
      if (node < 0) {
        throw damaged("a leaf page");
      }
      int key = work.keys[i];
      if (NativeMemory.getU16(node + 6) != work.lengths[key]
          || !NativeMemory.equal(
              node + LmdbImage.NODE_HEADER_BYTES, work.addresses[key], work.lengths[key])) {
        continue;
      }
      long pageEnd = (node - map & -ShardFileFormat.PAGE_BYTES) + map + ShardFileFormat.PAGE_BYTES;
      long data = node + LmdbImage.NODE_HEADER_BYTES + work.lengths[key];
      int flags = NativeMemory.getU16(node + 4);
      if (flags == 0) {
        resolve(work, key, data, NativeMemory.getInt(node), pageEnd);
      } else if (flags == LmdbImage.NODE_BIG && data + Long.BYTES <= pageEnd) {
        work.place[i] = longValue(NativeMemory.getLong(data), NativeMemory.getInt(node));
        work.extra[i] = NativeMemory.getInt(node);
        if (cold.isWaiting()) {
          VirtualMemory.startReading(work.place[i], LmdbImage.PAGE_HEADER_BYTES + work.extra[i]);
        }
      } else {
        throw damaged("a node");
      }
    }
  }

  /** Address of the overflow pages of a long value, all within the file. */
  private long longValue(long page, int length) {
    long pages = file.lengthBytes() >>> ShardFileFormat.PAGE_BITS;
    if (page < 2
        || page >= pages
        || length < 0
        || (page << ShardFileFormat.PAGE_BITS) + LmdbImage.PAGE_HEADER_BYTES + length
            > file.lengthBytes()) {
      throw damaged("a reference to page " + page + " of " + pages);
    }
    return map + (page << ShardFileFormat.PAGE_BITS);
  }

  private void readLongValues(LookupWork work, int from, int to) {
    for (int i = from; i < to; i++) {
      long page = work.place[i];
      if (page != 0) {
        if (NativeMemory.getLong(page) != (page - map) >>> ShardFileFormat.PAGE_BITS
            || NativeMemory.getU16(page + 10) != LmdbImage.FLAG_OVERFLOW) {
          throw damaged("an overflow page");
        }
        resolve(
            work, work.keys[i], page + LmdbImage.PAGE_HEADER_BYTES, (int) work.extra[i], mapEnd);
      }
    }
  }

  private void resolve(LookupWork work, int key, long data, int length, long end) {
    int head = length < 1 || data >= end ? 0 : EntryHead.lengthOf(NativeMemory.getByte(data));
    if (head == 0 || length < head || data + length > end) {
      throw damaged("an entry");
    }
    byte flags = NativeMemory.getByte(data);
    int expiry =
        flags == ShardFileFormat.FLAG_EXPIRY
            ? NativeMemory.getInt(data + 1)
            : ShardWriter.NO_EXPIRY;
    work.result.resolve(
        key,
        flags == ShardFileFormat.FLAG_TOMBSTONE,
        expiry,
        work.readTimeSeconds,
        data + head,
        length - head);
  }

  private FeatureKvException damaged(String what) {
    return FileErrors.corrupt(path(), what + " says what cannot be");
  }

  private Path path() {
    return file.path();
  }

  @Override
  public void noteFaults() {
    cold.noteFaults();
  }

  @Override
  public EntryCursor cursor() {
    return new IdxCursor(tree);
  }

  @Override
  public EntryTotals readBack(IntConsumer paceBytes) {
    GuideCheck guides = new GuideCheck(path(), index, filter);
    return new IdxReadBack(file, tree.image(), index, guides, paceBytes).run();
  }

  @Override
  public void warm(IntConsumer paceBytes, long maxBytes) {
    file.warm(paceBytes, maxBytes);
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
