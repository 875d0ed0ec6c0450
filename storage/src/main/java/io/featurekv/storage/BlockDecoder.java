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

  /** Larger buffers are given back by {@link #trim()}. */
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private static final long MAX_BLOCK_BYTES =
      Limits.MAX_VALUE_BYTES
          + ShardFileFormat.BLOCK_TARGET_BYTES
          + (long) ShardBuildOptions.MAX_BLOCK_ENTRIES * (Limits.MAX_KEY_BYTES + 16);

  private final CRC32C checksum = new CRC32C();
  private final Buffer stored = new Buffer();
  private final Buffer decoded = new Buffer();
  private @Nullable ZstdDecompressCtx plainContext;
  private @Nullable ZstdDecompressCtx dictionaryContext;
  private @Nullable ZstdDictDecompress loadedDictionary;
  private boolean isClosed;

  /** Memory that grows. */
  private static final class Buffer implements AutoCloseable {
    private @Nullable VirtualMemory memory;
    private @Nullable ByteBuffer bytes;

    /** Room for so many bytes; what was there is lost where it grows. */
    ByteBuffer room(long length) {
      ByteBuffer present = bytes;
      if (present == null || present.capacity() < length) {
        close();
        VirtualMemory larger =
            VirtualMemory.allocate(Math.max(FIRST_BUFFER_BYTES, Long.highestOneBit(length) << 1));
        memory = larger;
        present = larger.segment().asByteBuffer();
        bytes = present;
      }
      return present;
    }

    long address() {
      VirtualMemory present = memory;
      if (present == null) {
        throw new IllegalStateException("nothing is decoded");
      }
      return present.address();
    }

    void trim() {
      if (memory != null && memory.sizeBytes() > KEPT_BUFFER_BYTES) {
        close();
      }
    }

    @Override
    public void close() {
      if (memory != null) {
        memory.close();
        memory = null;
        bytes = null;
      }
    }
  }

  /**
   * Copies a block out of the map and checks it. The copy is what is looked at from then on: native
   * code must not touch the map, for a page that cannot be read would take the process down there.
   *
   * @param length of head and stored values, all within the file
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  void check(BlockSource file, long offset, long length) {
    if (length > MAX_BLOCK_BYTES) {
      throw file.corrupt(offset, "a block of " + length + " bytes");
    }
    ByteBuffer copy = stored.room(length);
    NativeMemory.copy(file.address() + offset, stored.address(), (int) length);
    checksum.reset();
    checksum.update(copy.duplicate().limit((int) length).position(Integer.BYTES));
    int expected = NativeMemory.getInt(stored.address());
    if ((int) checksum.getValue() != expected) {
      throw file.corrupt(
          offset,
          "expected checksum "
              + Integer.toHexString(expected)
              + ", found "
              + Integer.toHexString((int) checksum.getValue()));
    }
  }

  /**
   * Decodes the block that was checked last.
   *
   * @return the length of head and values at {@link #address}, or -1 where the values are stored
   *     plain, so that the block can be read in place
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  int decode(BlockSource file, long offset, int headLength) {
    long block = stored.address();
    byte codec = BlockLayout.codec(block);
    int plain = BlockLayout.plainLength(block);
    if (codec == ShardFileFormat.CODEC_PLAIN) {
      if (plain != BlockLayout.storedLength(block)) {
        throw file.corrupt(offset, "a plain block of two lengths");
      }
      return -1;
    }
    if (headLength + (long) plain > MAX_BLOCK_BYTES) {
      throw file.corrupt(offset, "a block of " + plain + " plain bytes");
    }
    ByteBuffer target = decoded.room(headLength + (long) plain);
    int written;
    try {
      written =
          context(file, offset, codec)
              .decompressDirectByteBuffer(
                  target,
                  headLength,
                  plain,
                  stored.room(0),
                  headLength,
                  BlockLayout.storedLength(block));
    } catch (ZstdException e) {
      throw file.corrupt(offset, String.valueOf(e.getMessage()));
    }
    if (written != plain) {
      throw file.corrupt(offset, "expected " + plain + " bytes inside, found " + written);
    }
    NativeMemory.copy(block, decoded.address(), headLength);
    return headLength + plain;
  }

  /** Puts a block that was decoded earlier back. */
  void load(byte[] block) {
    decoded.room(block.length);
    NativeMemory.copy(block, 0, decoded.address(), block.length);
  }

  /** Where the decoded block lies until the next one. */
  long address() {
    return decoded.address();
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

  /** Gives large buffers back. */
  void trim() {
    stored.trim();
    decoded.trim();
  }

  /** Frees everything. Idempotent. */
  @Override
  public void close() {
    isClosed = true;
    stored.close();
    decoded.close();
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
