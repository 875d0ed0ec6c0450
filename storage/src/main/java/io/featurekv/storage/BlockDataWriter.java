package io.featurekv.storage;

import static io.featurekv.storage.ShardFileFormat.BLOCK_ENTRIES;
import static io.featurekv.storage.ShardFileFormat.BLOCK_ENTRY_HEADER_BYTES;
import static io.featurekv.storage.ShardFileFormat.BLOCK_HEADER_BYTES;
import static io.featurekv.storage.ShardFileFormat.BLOCK_TARGET_BYTES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Packs entries into compressed blocks, of kind {@code blk}. The first blocks are held back until
 * there is enough of them to train a dictionary on, or until the end.
 */
final class BlockDataWriter implements DataWriter {
  /** Blocks held back for the dictionary hold about this much. */
  private static final int SAMPLE_BYTES = 1 << 20;

  /** A larger buffer is given back after use. */
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private final LmdbBuilder builder;
  private final CRC32C checksum = new CRC32C();
  private byte[] entries = new byte[2 * BLOCK_TARGET_BYTES];
  private int length;
  private int count;

  /** Null until it is known whether there is a dictionary. */
  private @Nullable BlockCompressor compressor;

  private final List<Held> held = new ArrayList<>();
  private long heldBytes;
  private long records;

  private record Held(byte[] entries, int count) {}

  BlockDataWriter(LmdbBuilder builder) {
    this.builder = builder;
  }

  @Override
  public void add(
      byte[] key,
      int keyOffset,
      int keyLength,
      byte flags,
      byte[] value,
      int valueOffset,
      int valueLength) {
    int bytes = BLOCK_ENTRY_HEADER_BYTES + keyLength + valueLength;
    if (count == BLOCK_ENTRIES || (count > 0 && length + bytes > BLOCK_TARGET_BYTES)) {
      endBlock();
    }
    if (length + bytes > entries.length) {
      entries = Arrays.copyOf(entries, length + bytes);
    }
    ByteBuffer.wrap(entries, length, bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) keyLength)
        .put(flags)
        .put((byte) 0)
        .putInt(valueLength)
        .put(key, keyOffset, keyLength)
        .put(value, valueOffset, valueLength);
    length += bytes;
    count++;
  }

  @Override
  public void flush() {
    if (count > 0) {
      endBlock();
    }
    compressorOnceSampled();
  }

  @Override
  public InfoDatabase describe(ShardFileInfo info) {
    return new InfoDatabase(info, records, compressorOnceSampled().dictionary());
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
  }

  private void endBlock() {
    if (compressor == null) {
      held.add(new Held(Arrays.copyOf(entries, length), count));
      heldBytes += length;
      if (heldBytes >= SAMPLE_BYTES) {
        compressorOnceSampled();
      }
    } else {
      write(compressor, entries, length, count);
    }
    length = 0;
    count = 0;
    if (entries.length > KEPT_BUFFER_BYTES) {
      entries = new byte[2 * BLOCK_TARGET_BYTES];
    }
  }

  /** Decides on the dictionary and writes the blocks that were held back for it. */
  private BlockCompressor compressorOnceSampled() {
    BlockCompressor present = compressor;
    if (present != null) {
      return present;
    }
    BlockCompressor created = BlockCompressor.trainedOn(held.stream().map(Held::entries).toList());
    compressor = created;
    for (Held block : held) {
      write(created, block.entries(), block.entries().length, block.count());
    }
    held.clear();
    return created;
  }

  private void write(BlockCompressor to, byte[] plain, int plainLength, int entryCount) {
    to.compress(plain, plainLength);
    byte[] stored = to.stored();
    int storedLength = to.storedLength();
    byte[] header =
        ByteBuffer.allocate(BLOCK_HEADER_BYTES - Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(to.codec())
            .put((byte) 0)
            .putShort((short) entryCount)
            .putInt(plainLength)
            .array();
    checksum.reset();
    checksum.update(header);
    checksum.update(stored, 0, storedLength);
    int firstKeyLength =
        Short.toUnsignedInt(ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN).getShort(0));
    ByteBuffer place =
        builder.append(
            plain, BLOCK_ENTRY_HEADER_BYTES, firstKeyLength, BLOCK_HEADER_BYTES + storedLength);
    place.order(ByteOrder.LITTLE_ENDIAN).putInt((int) checksum.getValue());
    place.put(header).put(stored, 0, storedLength);
    records++;
  }
}
