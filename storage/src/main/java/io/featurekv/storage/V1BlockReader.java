package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Reads {@code blk} files of format 1: every key walks the tree and decodes for itself. */
final class V1BlockReader implements ShardReader {
  private final MappedShard file;
  private final LmdbTree tree;
  private final @Nullable ZstdDictDecompress dictionary;

  V1BlockReader(MappedShard file, LmdbTree tree, byte @Nullable [] dictionary) {
    this.file = file;
    this.tree = tree;
    if (dictionary == null) {
      this.dictionary = null;
    } else {
      NativeLibraries.prepare();
      this.dictionary = new ZstdDictDecompress(dictionary);
    }
  }

  @Override
  public int stages() {
    return 1;
  }

  @Override
  public void stage(int stage, LookupWork work, int from, int to) {
    try (V1BlockDecoder decoder = new V1BlockDecoder()) {
      for (int i = from; i < to; i++) {
        lookup(decoder, work, work.keys[i]);
      }
    }
  }

  private void lookup(V1BlockDecoder block, LookupWork work, int key) {
    long address = work.addresses[key];
    int length = work.lengths[key];
    MemorySegment bytes = NativeMemory.segment(address, length);
    long node = tree.floor(bytes, 0, length);
    if (node == LmdbTree.NONE) {
      return;
    }
    if (!work.result.hasScratchFor(0)) {
      work.result.defer(key);
      return;
    }
    block.open(tree.image(), node, dictionary);
    int order;
    do {
      order = NativeMemory.compare(block.keyAddress(), block.keyLength(), address, length);
    } while (order < 0 && block.next(tree.image()));
    if (order != 0) {
      return;
    }
    if (block.isTombstone()) {
      work.result.absent(key);
    } else {
      work.result.foundCopied(key, block.valueAddress(), block.valueLength());
    }
  }

  @Override
  public EntryCursor cursor() {
    return new V1BlockCursor(tree, dictionary);
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
    if (dictionary != null) {
      dictionary.close();
    }
    file.close();
  }
}
