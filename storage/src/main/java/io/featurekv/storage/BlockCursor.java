package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Entries that lie in blocks. */
final class BlockCursor implements EntryCursor {
  private final LmdbImage image;
  private final LmdbCursor blocks;
  private final @Nullable ZstdDictDecompress dictionary;
  private final BlockDecoder block = new BlockDecoder();

  BlockCursor(LmdbTree tree, @Nullable ZstdDictDecompress dictionary) {
    this.image = tree.image();
    this.blocks = new LmdbCursor(tree);
    this.dictionary = dictionary;
  }

  @Override
  public boolean first() {
    return blocks.first() && enter();
  }

  @Override
  public boolean seek(byte[] key) {
    MemorySegment segment = MemorySegment.ofArray(key);
    boolean isThere = blocks.floorOrFirst(segment, 0, key.length) && enter();
    while (isThere
        && KeyOrder.compare(
                block.source(), block.keyOffset(), block.keyLength(), segment, 0, key.length)
            < 0) {
      isThere = next();
    }
    return isThere;
  }

  @Override
  public boolean next() {
    return block.next(image) || (blocks.next() && enter());
  }

  private boolean enter() {
    block.open(image, blocks.node(), dictionary);
    return true;
  }

  @Override
  public MemorySegment source() {
    return block.source();
  }

  @Override
  public long keyOffset() {
    return block.keyOffset();
  }

  @Override
  public int keyLength() {
    return block.keyLength();
  }

  @Override
  public boolean isTombstone() {
    return block.isTombstone();
  }

  @Override
  public long valueOffset() {
    return block.valueOffset();
  }

  @Override
  public int valueLength() {
    return block.valueLength();
  }

  @Override
  public void close() {
    block.close();
  }
}
