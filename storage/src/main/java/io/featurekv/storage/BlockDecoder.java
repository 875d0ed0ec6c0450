package io.featurekv.storage;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one block at a time into memory of its own: the head as it stands in the file, the values
 * plain behind it. The next block overwrites it. Not thread-safe.
 */
final class BlockDecoder implements AutoCloseable {
  private static final int FIRST_BUFFER_BYTES = 64 << 10;

  /** A larger buffer is given back by {@link #trim()}. */
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private static final long MAX_BLOCK_BYTES =
      Limits.MAX_VALUE_BYTES
          + ShardFileFormat.BLOCK_TARGET_BYTES
          + (long) ShardBuildOptions.MAX_BLOCK_ENTRIES * (Limits.MAX_KEY_BYTES + 16);

  private final CRC32C checksum = new CRC32C();
  private @Nullable VirtualMemory memory;
  private @Nullable ByteBuffer buffer;
  private @Nullable ZstdDecompressCtx plainContext;
  private @Nullable ZstdDecompressCtx dictionaryContext;
  private @Nullable ZstdDictDecompress loadedDictionary;
  private boolean isClosed;

  /**
   * Checks the block at an offset of a file and decodes it.
   *
   * @return the length of head and values at {@link #address}, or -1 where the values are stored
   *     plain, so that the block can be read in place
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  int decode(BlockSource file, long offset, int headLength) {
    long block = file.address() + offset;
    byte codec = BlockLayout.codec(block);
    if (codec == ShardFileFormat.CODEC_PLAIN) {
      if (BlockLayout.plainLength(block) != BlockLayout.storedLength(block)) {
        throw file.corrupt(offset, "a plain block of two lengths");
      }
      return -1;
    }
    int plain = BlockLayout.plainLength(block);
    ByteBuffer target = room(file, offset, (long) headLength + plain);
    ByteBuffer source = file.window(offset);
    int at = file.inWindow(offset) + headLength;
    int written;
    try {
      written =
          context(file, offset, codec)
              .decompressDirectByteBuffer(
                  target, headLength, plain, source, at, BlockLayout.storedLength(block));
    } catch (ZstdException e) {
      throw file.corrupt(offset, String.valueOf(e.getMessage()));
    }
    if (written != plain) {
      throw file.corrupt(offset, "expected " + plain + " bytes inside, found " + written);
    }
    NativeMemory.copy(block, address(), headLength);
    return headLength + plain;
  }

  /** Compares the checksum of a block that lies whole within the file. */
  void check(BlockSource file, long offset, int length) {
    int at = file.inWindow(offset);
    checksum.reset();
    checksum.update(
        file.window(offset).duplicate().limit(at + length).position(at + Integer.BYTES));
    int expected = NativeMemory.getInt(file.address() + offset);
    if ((int) checksum.getValue() != expected) {
      throw file.corrupt(
          offset,
          "expected checksum "
              + Integer.toHexString(expected)
              + ", found "
              + Integer.toHexString((int) checksum.getValue()));
    }
  }

  private ByteBuffer room(BlockSource file, long offset, long bytes) {
    if (bytes > MAX_BLOCK_BYTES) {
      throw file.corrupt(offset, "a block of " + bytes + " bytes");
    }
    ByteBuffer present = buffer;
    if (present == null || present.capacity() < bytes) {
      release();
      VirtualMemory larger =
          VirtualMemory.allocate(Math.max(FIRST_BUFFER_BYTES, Long.highestOneBit(bytes) << 1));
      memory = larger;
      present = larger.segment().asByteBuffer();
      buffer = present;
    }
    return present;
  }

  /** Puts a block that was decoded earlier back. */
  void load(byte[] decoded) {
    ByteBuffer present = buffer;
    if (present == null || present.capacity() < decoded.length) {
      release();
      VirtualMemory larger =
          VirtualMemory.allocate(
              Math.max(FIRST_BUFFER_BYTES, Integer.highestOneBit(decoded.length) << 1));
      memory = larger;
      buffer = larger.segment().asByteBuffer();
    }
    NativeMemory.copy(decoded, 0, address(), decoded.length);
  }

  /** Where the decoded block lies until the next one. */
  long address() {
    VirtualMemory present = memory;
    if (present == null) {
      throw new IllegalStateException("nothing is decoded");
    }
    return present.address();
  }

  private ZstdDecompressCtx context(BlockSource file, long offset, byte codec) {
    if (isClosed) {
      throw new IllegalStateException("a closed decoder was asked for another block");
    }
    if (codec == ShardFileFormat.CODEC_ZSTD) {
      if (plainContext == null) {
        plainContext = newContext();
      }
      return plainContext;
    }
    ZstdDictDecompress dictionary = file.dictionary();
    if (codec != ShardFileFormat.CODEC_ZSTD_DICTIONARY || dictionary == null) {
      throw file.corrupt(offset, "the unknown codec " + codec);
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

  private static ZstdDecompressCtx newContext() {
    NativeLibraries.prepare();
    return new ZstdDecompressCtx().setMagicless(true);
  }

  /** Gives a large buffer back. */
  void trim() {
    if (memory != null && memory.sizeBytes() > KEPT_BUFFER_BYTES) {
      release();
    }
  }

  private void release() {
    if (memory != null) {
      memory.close();
      memory = null;
      buffer = null;
    }
  }

  /** Frees everything. Idempotent. */
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
