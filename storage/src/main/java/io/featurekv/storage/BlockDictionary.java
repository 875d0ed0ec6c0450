package io.featurekv.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The zstd dictionary that all blocks of a version of a {@code blk} table share. */
public final class BlockDictionary {
  /** This many bytes of samples are enough; more are left alone. */
  public static final int SAMPLE_BYTES = 4 << 20;

  private BlockDictionary() {}

  /**
   * Trains a dictionary, once for all shards of a version.
   *
   * @param samples each the values of some neighbours in key order (as many as a block has
   *     entries), one after the other; best from all over the table
   * @return null where there are too few samples or a dictionary would not pay
   */
  public static byte @Nullable [] train(List<byte[]> samples) {
    return BlockCompressor.dictionaryFor(samples);
  }
}
