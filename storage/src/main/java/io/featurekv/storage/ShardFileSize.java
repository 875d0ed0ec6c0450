package io.featurekv.storage;

import io.featurekv.model.TableKind;

/**
 * What entries take in shard files at most, near enough to plan disks by: entries whose keys have
 * one length and whose values have one, none of which is compressed. What a file has besides, some
 * pages, is not counted.
 */
public final class ShardFileSize {
  private static final int LMDB_NODE_BYTES = 8;
  private static final int BLOCK_HEAD_BYTES = 24;

  /** Of {@link KeyIndex}, with what it needs of long separators. */
  private static final int INDEX_ENTRY_BYTES = 20;

  private static final double FILTER_BYTES = KeyFilter.BITS_PER_KEY / 8.0;

  /** Branch pages, ends of chunks, uneven shards. */
  private static final double SLACK = 1.02;

  private ShardFileSize() {}

  /** Bytes of all shards together. */
  public static long mostBytes(TableKind kind, long entries, int keyBytes, int valueBytes) {
    double perEntry =
        switch (kind) {
          case MEM -> mem(keyBytes + valueBytes);
          case IDX -> idx(keyBytes, valueBytes) + FILTER_BYTES;
          case BLK -> blk(keyBytes + valueBytes) + FILTER_BYTES;
        };
    return (long) Math.ceil(entries * perEntry * SLACK);
  }

  private static double mem(int bytes) {
    if (bytes <= MemLayout.MAX_STRIDE) {
      double seed = (double) Short.BYTES / MemLayout.KEYS_PER_GROUP;
      return MemLayout.stride(bytes) / MemLayout.LOAD + seed;
    }
    return MemLayout.ENTRY_HEADER_BYTES
        + bytes
        + MemLayout.LINE_BYTES
        + (double) MemLayout.BUCKET_BYTES / MemLayout.BUCKET_FILL;
  }

  private static double idx(int keyBytes, int valueBytes) {
    int page = ShardFileFormat.PAGE_BYTES;
    int room = page - LmdbImage.PAGE_HEADER_BYTES;
    int dataBytes = 1 + valueBytes;
    int nodeBytes = LMDB_NODE_BYTES + keyBytes + dataBytes;
    double overflow = 0;
    if (nodeBytes > LmdbTreeWriter.MAX_NODE_BYTES) {
      overflow = (double) PageFileWriter.overflowPages(dataBytes) * page;
      nodeBytes = LMDB_NODE_BYTES + keyBytes + Long.BYTES;
    }
    int perPage = room / (((nodeBytes + 1) & ~1) + Short.BYTES);
    return overflow + (double) (page + INDEX_ENTRY_BYTES) / perPage;
  }

  private static double blk(int bytes) {
    int perBlock =
        Math.clamp(
            ShardFileFormat.BLOCK_TARGET_BYTES / bytes, 1, ShardBuildOptions.DEFAULT_BLOCK_ENTRIES);
    double head = BLOCK_HEAD_BYTES + (1 << ShardFileFormat.BLOCK_UNIT_BITS) + INDEX_ENTRY_BYTES;
    return bytes + head / perBlock;
  }
}
