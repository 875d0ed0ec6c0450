package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.jspecify.annotations.Nullable;

/**
 * How a shard file is built; none of it changes what a reader sees.
 *
 * @param expectedEntries about how many entries and tombstones will come, 0 if unknown. Index or
 *     filter are sized by it: kind {@code mem} reads fastest where it is right within a tenth, and
 *     more absent keys of {@code idx} and {@code blk} cost a read where far more came. Where it is
 *     unknown, {@code idx} and {@code blk} need 8 bytes more an entry while they are built
 * @param blockEntries kind {@code blk}: entries of a block, 1 to {@value #MAX_BLOCK_ENTRIES}
 * @param dictionary kind {@code blk}: what {@link BlockDictionary#train} gave for the table, or
 *     null to compress without one
 */
public record ShardBuildOptions(
    long expectedEntries, int blockEntries, byte @Nullable [] dictionary) {
  /** Entries of a block unless the table says otherwise. */
  public static final int DEFAULT_BLOCK_ENTRIES = 8;

  /** Most entries of a block. */
  public static final int MAX_BLOCK_ENTRIES = 1024;

  /** Most entries that can be expected of one file. */
  public static final long MAX_EXPECTED_ENTRIES = 1L << 36;

  /** Nothing is known of the entries. */
  public static final ShardBuildOptions DEFAULT =
      new ShardBuildOptions(0, DEFAULT_BLOCK_ENTRIES, null);

  public ShardBuildOptions {
    if (expectedEntries < 0
        || expectedEntries > MAX_EXPECTED_ENTRIES
        || blockEntries < 1
        || blockEntries > MAX_BLOCK_ENTRIES) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "build options: expected 0 to "
              + MAX_EXPECTED_ENTRIES
              + " entries and blocks of 1 to "
              + MAX_BLOCK_ENTRIES
              + ", found "
              + expectedEntries
              + " and "
              + blockEntries);
    }
  }

  /** For about so many entries and tombstones. */
  public static ShardBuildOptions forEntries(long expectedEntries) {
    return new ShardBuildOptions(expectedEntries, DEFAULT_BLOCK_ENTRIES, null);
  }
}
