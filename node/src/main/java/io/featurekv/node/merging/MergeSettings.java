package io.featurekv.node.merging;

/**
 * When a node merges, and how fast.
 *
 * @param maxChainFiles a chain of more files is merged; 0 turns merging off
 * @param bytesPerSecond how many bytes a merge reads in a second at most
 */
public record MergeSettings(int maxChainFiles, long bytesPerSecond) {
  /** Files of a chain that are left as they are, unless the property says otherwise. */
  public static final int DEFAULT_MAX_CHAIN_FILES = 4;

  /** Pace unless the property says otherwise: slow enough for the disk to serve reads besides. */
  public static final long DEFAULT_BYTES_PER_SECOND = 32L << 20;

  public MergeSettings {
    if (maxChainFiles < 0 || bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "merging chains of more than " + maxChainFiles + " files, " + bytesPerSecond + " B/s");
    }
  }

  /**
   * From the system properties {@code featurekv.merge.files} and {@code
   * featurekv.merge.bytes.per.second}.
   */
  public static MergeSettings ofProperties() {
    return new MergeSettings(
        Integer.getInteger("featurekv.merge.files", DEFAULT_MAX_CHAIN_FILES),
        Long.getLong("featurekv.merge.bytes.per.second", DEFAULT_BYTES_PER_SECOND));
  }
}
