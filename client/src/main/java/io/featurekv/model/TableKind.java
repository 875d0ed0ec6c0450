package io.featurekv.model;

import java.util.Locale;

/** How a table's shard files are laid out and where they live while they are open. */
public enum TableKind {
  /** The whole image in memory. */
  MEM,
  /** An ordered index in memory, values on disk. */
  IDX,
  /** Compressed ordered blocks on disk, the block index in memory. */
  BLK;

  /**
   * The word used on the command line, in files and on the wire: {@code mem}, {@code idx} or {@code
   * blk}.
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind of a {@link #word()}.
   *
   * @throws FeatureKvException with {@link ErrorCode#INVALID_ARGUMENT} for any other word
   */
  public static TableKind ofWord(String word) {
    for (TableKind kind : values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "table kind '" + word + "' is none of mem, idx, blk");
  }
}
