package io.featurekv.storage;

import io.featurekv.model.UpdateMode;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A mapped shard file whose info record was read and fits the rest.
 *
 * @param data the database {@code data}
 */
record ShardFileContents(
    ShardFileInfo info, LmdbTree data, byte @Nullable [] dictionary, long lengthBytes) {
  /**
   * Reads what stands in the map.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  static ShardFileContents read(Path file, MemorySegment map, SealRecord seal) {
    try {
      LmdbImage image = LmdbImage.of(file, map);
      if (image.pageSize() != seal.pageSize()
          || image.pageCount() * image.pageSize() != seal.lengthBytes()) {
        throw FileErrors.corrupt(
            file,
            "expected pages of "
                + seal.pageSize()
                + " in "
                + seal.lengthBytes()
                + " bytes, LMDB's meta page says "
                + image.pageCount()
                + " of "
                + image.pageSize());
      }
      InfoDatabase database = InfoDatabase.read(image);
      LmdbTree data = image.namedTree(ShardFileFormat.dataDatabase());
      check(image, database, data, seal);
      return new ShardFileContents(
          database.info(), data, database.dictionary(), seal.lengthBytes());
    } catch (IndexOutOfBoundsException e) {
      throw FileErrors.corrupt(file, String.valueOf(e.getMessage()));
    }
  }

  private static void check(
      LmdbImage image, InfoDatabase database, LmdbTree data, SealRecord seal) {
    ShardFileInfo info = database.info();
    ShardFileSpec spec = info.spec();
    long keys = info.entries() + info.tombstones();
    long most = ShardFileFormat.isBlocked(spec.kind()) ? ShardFileFormat.BLOCK_ENTRIES : 1;
    boolean fits =
        info.formatVersion() == seal.formatVersion()
            && spec.id().shard() < spec.shards()
            && info.entries() >= 0
            && info.tombstones() >= 0
            && (info.tombstones() == 0 || spec.mode() == UpdateMode.INCREMENTAL)
            && database.records() == data.entries()
            && database.records() <= keys
            && keys <= database.records() * most;
    if (!fits) {
      throw image.corrupt(
          "its info record does not fit: "
              + info
              + ", "
              + database.records()
              + " records, LMDB counts "
              + data.entries());
    }
  }

  /** A reader of the map; valid as long as that. */
  ShardReader reader() {
    return ShardFileFormat.isBlocked(info.spec().kind())
        ? new BlockReader(data, dictionary)
        : new OrderedReader(data);
  }
}
