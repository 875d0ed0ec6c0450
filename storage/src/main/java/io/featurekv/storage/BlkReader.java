package io.featurekv.storage;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code blk} file: filter and index lie in memory, one block is read and decoded for a key
 * unless it is decoded already. The blocks of a batch are asked for together.
 */
final class BlkReader implements ShardReader {
  private static final int STAGES = 7;

  private final MappedShard file;
  private final BlockSource source;
  private final KeyIndex index;
  private final @Nullable KeyFilter filter;
  private final int blockEntries;
  private final BlockCache cache;
  private final ColdReads cold = new ColdReads();

  BlkReader(
      MappedShard file,
      BlockSource source,
      KeyIndex index,
      @Nullable KeyFilter filter,
      int blockEntries,
      BlockCache cache) {
    this.file = file;
    this.source = source;
    this.index = index;
    this.filter = filter;
    this.blockEntries = blockEntries;
    this.cache = cache;
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
      case 2 -> findBlocks(work, from, to);
      case 3 -> askCache(work, from, to);
      case 4 -> startReads(work, from, to);
      case 5 -> touchBlocks(work, from, to);
      default -> decodeBlocks(work, from, to);
    }
  }

  /** A place becomes the offset of a block, an extra its length; 0 and 0 for none. */
  private void findBlocks(LookupWork work, int from, int to) {
    KeySearch.ranks(index, work, from, to);
    for (int i = from; i < to; i++) {
      long rank = work.place[i];
      if (rank < 0) {
        work.place[i] = 0;
        continue;
      }
      int key = work.keys[i];
      long settled = index.settle(rank, work.extra[i], work.addresses[key], work.lengths[key]);
      long offset = index.place(settled);
      work.place[i] = offset;
      work.extra[i] = index.place(settled + 1) - offset;
    }
  }

  private void askCache(LookupWork work, int from, int to) {
    BlockDecoder decoder = work.result.decoder();
    for (int i = from; i < to; i++) {
      long offset = work.place[i];
      byte[] decoded = offset == 0 ? null : cache.get(source.id(), offset);
      if (decoded != null) {
        decoder.load(decoded);
        work.place[i] = 0;
        resolveDecoded(work, work.keys[i], decoder.address(), decoded.length);
      }
    }
  }

  private void startReads(LookupWork work, int from, int to) {
    long first = work.place[from];
    if (!cold.mayWait(first == 0 ? 0 : source.address() + first)) {
      return;
    }
    for (int i = from; i < to; i++) {
      if (work.place[i] != 0) {
        VirtualMemory.startReading(source.address() + work.place[i], work.extra[i]);
      }
    }
  }

  private void touchBlocks(LookupWork work, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      if (work.place[i] != 0) {
        long block = source.address() + work.place[i];
        sum += NativeMemory.getByte(block) + NativeMemory.getByte(block + 64);
      }
    }
    work.touched += sum;
  }

  private void decodeBlocks(LookupWork work, int from, int to) {
    BlockDecoder decoder = work.result.decoder();
    for (int i = from; i < to; i++) {
      long offset = work.place[i];
      if (offset == 0) {
        continue;
      }
      int key = work.keys[i];
      long block = source.address() + offset;
      int head = checkedHead(decoder, offset, work.extra[i]);
      int found = BlockLayout.find(block, work.addresses[key], work.lengths[key]);
      if (found < 0) {
        continue;
      }
      if (!work.result.hasScratchFor(0)) {
        work.result.defer(key);
        continue;
      }
      int length = decoder.decode(source, offset, head);
      if (length < 0) {
        resolve(work, key, block, head, found, true);
      } else {
        cache.put(source.id(), offset, decoder.address(), length);
        resolve(work, key, decoder.address(), head, found, false);
      }
    }
  }

  private int checkedHead(BlockDecoder decoder, long offset, long room) {
    if (room < BlockLayout.HEAD_BYTES || offset + room > source.lengthBytes()) {
      throw source.corrupt(offset, "it leaves the file");
    }
    int head = BlockLayout.check(source.address() + offset, room);
    if (head < 0) {
      throw source.corrupt(offset, "its head says what cannot be");
    }
    decoder.check(
        source, offset, (long) head + BlockLayout.storedLength(source.address() + offset));
    return head;
  }

  private static void resolveDecoded(LookupWork work, int key, long block, int length) {
    int found = BlockLayout.find(block, work.addresses[key], work.lengths[key]);
    if (found >= 0) {
      resolve(work, key, block, length - BlockLayout.plainLength(block), found, false);
    }
  }

  private static void resolve(
      LookupWork work, int key, long block, int head, int index, boolean isInPlace) {
    int word = BlockLayout.word(block, head, index);
    long value = block + head + BlockLayout.valueOffset(block, head, index);
    LookupResult result = work.result;
    result.resolve(
        key,
        word < 0,
        BlockLayout.expiry(block, head, index),
        work.readTimeSeconds,
        value,
        word & MemLayout.LENGTH_MASK);
    if (!isInPlace && result.state(key) == LookupResult.FOUND) {
      result.foundCopied(key, value, word & MemLayout.LENGTH_MASK);
    }
  }

  @Override
  public ShardBuildOptions builtWith(long expectedEntries) {
    return new ShardBuildOptions(expectedEntries, blockEntries, source.dictionaryBytes());
  }

  @Override
  public void noteFaults() {
    cold.noteFaults();
  }

  @Override
  public EntryCursor cursor() {
    return new BlkCursor(source, index);
  }

  @Override
  public EntryTotals readBack(IntConsumer paceBytes) {
    GuideCheck guides = new GuideCheck(file.path(), index, filter);
    try (BlkCursor cursor = new BlkCursor(source, index)) {
      return new BlkReadBack(cursor, guides, new ReadAhead(file, paceBytes)).run();
    }
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
    source.close();
    file.close();
  }
}
