package io.featurekv.storage;

import io.featurekv.model.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Lays out a {@code blk} file: blocks one behind the other, the index of them, the filter. */
final class BlkDataWriter implements DataWriter {
  private final LmdbFileWriter file;
  private final int maxEntries;
  private final BlockCompressor compressor;
  private final BlockStore store;
  private final KeyIndexWriter index = new KeyIndexWriter();
  private final KeyFilterWriter filter;
  private final CRC32C checksum = new CRC32C();
  private final BlockEntries entries = new BlockEntries();
  private final VirtualMemory last = VirtualMemory.allocate(Limits.MAX_KEY_BYTES);
  private int lastLength;
  private byte[] separator = {};
  private byte[] block = new byte[ShardFileFormat.BLOCK_TARGET_BYTES];
  private long blocks;
  private long plainBytes;
  private long storedBytes;

  BlkDataWriter(LmdbFileWriter file, ShardBuildOptions options) {
    this.file = file;
    this.filter = new KeyFilterWriter(options.expectedEntries());
    this.maxEntries = options.blockEntries();
    this.compressor = BlockCompressor.with(options.dictionary());
    this.store = new BlockStore(file.pages());
  }

  @Override
  public void add(IncomingEntry entry) {
    if (entries.count() == maxEntries
        || (entries.count() > 0
            && entries.bytes() + entry.bytes() > ShardFileFormat.BLOCK_TARGET_BYTES)) {
      endBlock();
      separator = KeyIndexWriter.separator(last.address(), lastLength, entry.key, entry.keyLength);
    }
    entries.add(entry);
    NativeMemory.copy(entry.key, last.address(), entry.keyLength);
    lastLength = entry.keyLength;
    index.key(entry.key, entry.keyLength);
    filter.add(entry.hash);
  }

  private void endBlock() {
    compressor.compress(entries.values(), entries.valueBytes());
    int headLength = entries.headLength();
    int length = headLength + compressor.storedLength();
    if (block.length < length) {
      block = new byte[length];
    }
    ByteBuffer out = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    out.position(Integer.BYTES);
    entries.writeHead(out, compressor.codec(), compressor.storedLength());
    out.put(compressor.stored(), 0, compressor.storedLength());
    checksum.reset();
    checksum.update(block, Integer.BYTES, length - Integer.BYTES);
    out.putInt(0, (int) checksum.getValue());
    long offset = store.append(block, length);
    index.add(separator, offset >>> ShardFileFormat.BLOCK_UNIT_BITS);
    blocks++;
    plainBytes += entries.valueBytes();
    storedBytes += compressor.storedLength();
    entries.clear();
  }

  @Override
  public Map<String, byte[]> finish() {
    if (entries.count() > 0) {
      endBlock();
    }
    Map<String, byte[]> said = new TreeMap<>();
    file.add(ShardFileFormat.DATA, store.finish());
    try (BlobWriter blob = BlobWriter.summed(file.pages())) {
      index.write(
          blob, ShardFileFormat.BLOCK_UNIT_BITS, store.end() >>> ShardFileFormat.BLOCK_UNIT_BITS);
      file.add(ShardFileFormat.INDEX, blob.finish());
      said.put(InfoDatabase.INDEX_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    try (BlobWriter blob = BlobWriter.summed(file.pages())) {
      filter.write(blob);
      file.add(ShardFileFormat.FILTER, blob.finish());
      said.put(InfoDatabase.FILTER_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    said.put(InfoDatabase.BLOCKS, InfoDatabase.text(blocks));
    said.put(InfoDatabase.BLOCK_ENTRIES, InfoDatabase.text(maxEntries));
    said.put(InfoDatabase.PLAIN_BYTES, InfoDatabase.text(plainBytes));
    said.put(InfoDatabase.STORED_BYTES, InfoDatabase.text(storedBytes));
    byte[] dictionary = compressor.dictionary();
    if (dictionary != null) {
      said.put(InfoDatabase.DICTIONARY, Arrays.copyOf(dictionary, dictionary.length));
      said.put(
          InfoDatabase.DICTIONARY_CHECKSUM, InfoDatabase.text(InfoDatabase.checksum(dictionary)));
    }
    return said;
  }

  @Override
  public void close() {
    compressor.close();
    store.close();
    index.close();
    filter.close();
    last.close();
  }
}
