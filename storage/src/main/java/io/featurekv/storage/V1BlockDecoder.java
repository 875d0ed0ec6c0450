package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.V1_BLOCK_ENTRY_HEADER_BYTES;
import static io.featurekv.storage.ShardFileFormat.V1_BLOCK_HEADER_BYTES;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import io.featurekv.model.Limits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one block of format 1 at a time and walks its entries. The entries lie in the file where
 * the block is stored plain, else in a buffer that the next block overwrites. Not thread-safe;
 * closed by its owner.
 */
final class V1BlockDecoder implements AutoCloseable {
  private static final int MAX_ENTRIES_BYTES =
      Limits.MAX_VALUE_BYTES
          + ShardFileFormat.BLOCK_TARGET_BYTES
          + ShardFileFormat.V1_BLOCK_ENTRIES * (V1_BLOCK_ENTRY_HEADER_BYTES + Limits.MAX_KEY_BYTES);

  private final CRC32C checksum = new CRC32C();
  private @Nullable VirtualMemory buffer;
  private @Nullable ZstdDecompressCtx plainContext;
  private @Nullable ZstdDecompressCtx dictionaryContext;
  private @Nullable ZstdDictDecompress loadedDictionary;

  private MemorySegment source = MemorySegment.NULL;
  private boolean isClosed;
  private long next;
  private long end;
  private int remaining;
  private long entry;
  private int keyLength;
  private int valueLength;

  /**
   * Decodes the block of a leaf node and goes to its first entry, whose key is that of the node.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT when the checksum or the contents are
   *     wrong
   */
  void open(LmdbImage image, long node, @Nullable ZstdDictDecompress dictionary) {
    decode(image, node, dictionary);
    if (!next(image) || image.compare(node, source, keyOffset(), keyLength) != 0) {
      throw image.corrupt("the block at byte " + node + " does not begin with its own key");
    }
  }

  private void decode(LmdbImage image, long node, @Nullable ZstdDictDecompress dictionary) {
    long block = image.dataOffset(node);
    int storedLength = image.dataLength(node) - V1_BLOCK_HEADER_BYTES;
    if (storedLength < 0) {
      throw image.corrupt("the block at byte " + block + " has no header");
    }
    MemorySegment map = image.map();
    checksum.reset();
    checksum.update(
        map.asSlice(block + Integer.BYTES, V1_BLOCK_HEADER_BYTES - Integer.BYTES + storedLength)
            .asByteBuffer());
    int expected = map.get(LmdbImage.U32, block);
    if ((int) checksum.getValue() != expected) {
      throw image.corrupt(
          "checksum of the block at byte "
              + block
              + ": expected "
              + Integer.toHexString(expected)
              + ", found "
              + Integer.toHexString((int) checksum.getValue()));
    }
    byte codec = map.get(ValueLayout.JAVA_BYTE, block + 4);
    remaining = map.get(LmdbImage.U16, block + 6) & 0xFFFF;
    int plainLength = map.get(LmdbImage.U32, block + 8);
    long stored = block + V1_BLOCK_HEADER_BYTES;
    if (codec == ShardFileFormat.CODEC_PLAIN) {
      source = map;
      next = stored;
      end = stored + storedLength;
      return;
    }
    if (plainLength < 0 || plainLength > MAX_ENTRIES_BYTES) {
      throw image.corrupt("the block at byte " + block + " has " + plainLength + " bytes inside");
    }
    ByteBuffer frame = map.asSlice(stored, storedLength).asByteBuffer();
    decompress(image, block, context(image, block, codec, dictionary), frame, plainLength);
  }

  private void decompress(
      LmdbImage image, long block, ZstdDecompressCtx context, ByteBuffer frame, int plainLength) {
    VirtualMemory target = buffer;
    if (target == null || target.sizeBytes() < plainLength) {
      release();
      target = VirtualMemory.allocate(Math.max(plainLength, ShardFileFormat.BLOCK_TARGET_BYTES));
      buffer = target;
    }
    int length;
    try {
      length =
          context.decompressDirectByteBuffer(
              target.segment().asByteBuffer(), 0, plainLength, frame, 0, frame.capacity());
    } catch (ZstdException e) {
      throw image.corrupt("the block at byte " + block + ": " + e.getMessage());
    }
    if (length != plainLength) {
      throw image.corrupt(
          "the block at byte "
              + block
              + ": expected "
              + plainLength
              + " bytes inside, found "
              + length);
    }
    source = target.segment();
    next = 0;
    end = length;
  }

  private ZstdDecompressCtx context(
      LmdbImage image, long block, byte codec, @Nullable ZstdDictDecompress dictionary) {
    if (codec == ShardFileFormat.CODEC_ZSTD) {
      if (plainContext == null) {
        plainContext = newContext();
      }
      return plainContext;
    }
    if (codec != ShardFileFormat.CODEC_ZSTD_DICTIONARY || dictionary == null) {
      throw image.corrupt("the block at byte " + block + " has the unknown codec " + codec);
    }
    if (dictionaryContext == null) {
      dictionaryContext = newContext();
    }
    if (!dictionary.equals(loadedDictionary)) {
      dictionaryContext.loadDict(dictionary);
      loadedDictionary = dictionary;
    }
    return dictionaryContext;
  }

  private ZstdDecompressCtx newContext() {
    if (isClosed) {
      throw new IllegalStateException("a closed decoder was asked for another block");
    }
    NativeLibraries.prepare();
    return new ZstdDecompressCtx().setMagicless(true);
  }

  /** Goes on to the next entry of the block; false after the last. */
  boolean next(LmdbImage image) {
    if (remaining == 0) {
      return false;
    }
    remaining--;
    entry = next;
    if (end - entry < V1_BLOCK_ENTRY_HEADER_BYTES) {
      throw image.corrupt("an entry leaves its block");
    }
    keyLength = source.get(LmdbImage.U16, entry) & 0xFFFF;
    valueLength = source.get(LmdbImage.U32, entry + 4);
    next = entry + V1_BLOCK_ENTRY_HEADER_BYTES + keyLength + valueLength;
    if (valueLength < 0 || next > end) {
      throw image.corrupt("an entry leaves its block");
    }
    return true;
  }

  long keyAddress() {
    return source.address() + keyOffset();
  }

  private long keyOffset() {
    return entry + V1_BLOCK_ENTRY_HEADER_BYTES;
  }

  int keyLength() {
    return keyLength;
  }

  boolean isTombstone() {
    return source.get(ValueLayout.JAVA_BYTE, entry + 2) == ShardFileFormat.FLAG_TOMBSTONE;
  }

  long valueAddress() {
    return keyAddress() + keyLength;
  }

  int valueLength() {
    return valueLength;
  }

  private void release() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }

  @Override
  public void close() {
    isClosed = true;
    release();
    if (plainContext != null) {
      plainContext.close();
      plainContext = null;
    }
    if (dictionaryContext != null) {
      dictionaryContext.close();
      dictionaryContext = null;
    }
    loadedDictionary = null;
  }
}
