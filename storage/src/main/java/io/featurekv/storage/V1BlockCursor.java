package io.featurekv.storage;

import com.github.luben.zstd.ZstdDictDecompress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Walks the entries of a {@code blk} file of format 1. */
final class V1BlockCursor implements EntryCursor {
  private final LmdbImage image;
  private final LmdbCursor blocks;
  private final @Nullable ZstdDictDecompress dictionary;
  private final V1BlockDecoder block = new V1BlockDecoder();

  V1BlockCursor(LmdbTree tree, @Nullable ZstdDictDecompress dictionary) {
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
    while (isThere && isLess(segment)) {
      isThere = next();
    }
    return isThere;
  }

  @Override
  public boolean at(double part) {
    return blocks.fraction(part) && enter();
  }

  @Override
  public boolean next() {
    return block.next(image) || (blocks.next() && enter());
  }

  private boolean enter() {
    block.open(image, blocks.node(), dictionary);
    return true;
  }

  private boolean isLess(MemorySegment key) {
    return KeyOrder.compare(
            NativeMemory.segment(block.keyAddress(), block.keyLength()),
            0,
            block.keyLength(),
            key,
            0,
            (int) key.byteSize())
        < 0;
  }

  @Override
  public long keyAddress() {
    return block.keyAddress();
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
  public int expirySeconds() {
    return ShardWriter.NO_EXPIRY;
  }

  @Override
  public long valueAddress() {
    return block.valueAddress();
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
