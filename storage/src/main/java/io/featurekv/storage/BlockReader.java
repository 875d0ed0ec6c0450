package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import org.jspecify.annotations.Nullable;

/** Kind {@code blk}: one block is decoded for each key. */
final class BlockReader implements ShardReader {
  private final LmdbTree tree;
  private final LmdbImage image;
  private final @Nullable ZstdDictDecompress dictionary;

  BlockReader(LmdbTree tree, byte @Nullable [] dictionary) {
    this.tree = tree;
    this.image = tree.image();
    if (dictionary == null) {
      this.dictionary = null;
    } else {
      NativeLibraries.prepare();
      this.dictionary = new ZstdDictDecompress(dictionary);
    }
  }

  @Override
  public void lookup(KeyBatch batch, int key, LookupResult result) {
    long keyOffset = batch.offset(key);
    int keyLength = batch.length(key);
    long node = tree.floor(batch.bytes(), keyOffset, keyLength);
    if (node == LmdbTree.NONE) {
      return;
    }
    if (!result.hasScratchFor(0)) {
      result.defer(key);
      return;
    }
    BlockDecoder block = result.decoder();
    block.open(image, node, dictionary);
    int order;
    do {
      order =
          KeyOrder.compare(
              block.source(),
              block.keyOffset(),
              block.keyLength(),
              batch.bytes(),
              keyOffset,
              keyLength);
    } while (order < 0 && block.next(image));
    if (order == 0) {
      found(block, key, result);
    }
  }

  private static void found(BlockDecoder block, int key, LookupResult result) {
    if (block.isTombstone()) {
      result.deleted(key);
    } else if (block.isInPlace()) {
      result.found(key, block.source(), block.valueOffset(), block.valueLength());
    } else {
      result.foundCopied(key, block.source(), block.valueOffset(), block.valueLength());
    }
  }

  @Override
  public EntryCursor cursor() {
    return new BlockCursor(tree, dictionary);
  }

  @Override
  public void close() {
    if (dictionary != null) {
      dictionary.close();
    }
  }
}
