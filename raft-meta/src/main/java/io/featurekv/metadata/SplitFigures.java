package io.featurekv.metadata;

/**
 * What reading one split came to.
 *
 * @param startedAt offset in its first file where it really began
 * @param endedAt offset in its last file where the next one has to begin
 * @param rows rows read
 * @param rejected rows refused
 * @param spanned lines or rows of its last file that it covers
 * @param inOneFile whether its first file is its last one
 * @param millis how long its builder took
 */
public record SplitFigures(
    long startedAt,
    long endedAt,
    long rows,
    long rejected,
    long spanned,
    boolean inOneFile,
    long millis) {
  /** Whether the same was read, however long it took. */
  boolean isSameReading(SplitFigures other) {
    return startedAt == other.startedAt
        && endedAt == other.endedAt
        && rows == other.rows
        && rejected == other.rejected
        && spanned == other.spanned;
  }
}
