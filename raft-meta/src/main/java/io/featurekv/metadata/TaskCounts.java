package io.featurekv.metadata;

/**
 * What a builder counted: {@code rows = entries + duplicates + rejected + deleted}.
 *
 * @param rows rows read from the inputs
 * @param entries keys with a value
 * @param rejected rows refused
 * @param duplicates rows that a later row with the same key replaced
 * @param deleted keys deleted
 * @param bytes length of all files
 */
public record TaskCounts(
    long rows, long entries, long rejected, long duplicates, long deleted, long bytes) {
  /** Nothing yet. */
  public static final TaskCounts NONE = new TaskCounts(0, 0, 0, 0, 0, 0);
}
