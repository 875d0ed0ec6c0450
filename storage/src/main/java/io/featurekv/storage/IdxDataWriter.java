package io.featurekv.storage;

import java.util.Map;
import java.util.TreeMap;

/** Lays out an {@code idx} file: the ordered tree, the index of its leaves, the filter. */
final class IdxDataWriter implements DataWriter {
  private final LmdbFileWriter file;
  private final KeyIndexWriter index = new KeyIndexWriter();
  private final KeyFilterWriter filter;
  private final LmdbTreeWriter tree;

  IdxDataWriter(LmdbFileWriter file, long expectedEntries) {
    this.file = file;
    this.filter = new KeyFilterWriter(expectedEntries);
    this.tree = new LmdbTreeWriter(file.pages(), (page, separator) -> index.add(separator, page));
  }

  @Override
  public void add(IncomingEntry entry) {
    tree.add(entry);
    index.key(entry.key, entry.keyLength);
    filter.add(entry.hash);
  }

  @Override
  public Map<String, byte[]> finish() {
    Map<String, byte[]> said = new TreeMap<>();
    file.add(ShardFileFormat.DATA, tree);
    try (BlobWriter blob = BlobWriter.summed(file.pages())) {
      index.write(blob, ShardFileFormat.PAGE_BITS, file.pages().nextPage());
      file.add(ShardFileFormat.INDEX, blob.finish());
      said.put(InfoDatabase.INDEX_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    try (BlobWriter blob = BlobWriter.summed(file.pages())) {
      filter.write(blob);
      file.add(ShardFileFormat.FILTER, blob.finish());
      said.put(InfoDatabase.FILTER_CHECKSUM, InfoDatabase.text(blob.checksum()));
    }
    return said;
  }

  @Override
  public void close() {
    index.close();
    filter.close();
  }
}
