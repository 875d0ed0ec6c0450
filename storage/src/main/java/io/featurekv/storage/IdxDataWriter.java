package io.featurekv.storage;

import java.util.Map;
import java.util.TreeMap;

/** Lays out an {@code idx} file: the ordered tree, the index of its leaves, the filter. */
final class IdxDataWriter implements DataWriter {
  private final LmdbFileWriter file;
  private final KeyIndexWriter index = new KeyIndexWriter();
  private final GrowingLongs hashes = new GrowingLongs();
  private final LmdbTreeWriter tree;
  private final EntryHead head = new EntryHead();

  IdxDataWriter(LmdbFileWriter file) {
    this.file = file;
    this.tree = new LmdbTreeWriter(file.pages(), (page, separator) -> index.add(separator, page));
  }

  @Override
  public void add(IncomingEntry entry) {
    int headLength = head.set(entry.isTombstone, entry.expirySeconds);
    tree.add(
        entry.key,
        entry.keyOffset,
        entry.keyLength,
        head.bytes(),
        headLength,
        entry.value,
        entry.valueOffset,
        entry.valueLength);
    index.key(entry.key, entry.keyOffset, entry.keyLength);
    hashes.add(entry.hash);
  }

  @Override
  public Map<String, byte[]> finish() {
    Map<String, byte[]> said = new TreeMap<>();
    file.add(ShardFileFormat.DATA, tree);
    try (BlobWriter blob = new BlobWriter(file.pages())) {
      index.write(blob, ShardFileFormat.PAGE_BITS, file.pages().nextPage());
      file.add(ShardFileFormat.INDEX, blob.finish());
      said.put(InfoDatabase.INDEX_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    try (BlobWriter blob = new BlobWriter(file.pages())) {
      KeyFilter.write(hashes, blob);
      file.add(ShardFileFormat.FILTER, blob.finish());
      said.put(InfoDatabase.FILTER_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    return said;
  }

  @Override
  public void close() {
    index.close();
    hashes.close();
  }
}
