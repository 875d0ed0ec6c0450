package io.featurekv.metadata;

/**
 * What reading one split came to.
 *
 * @param startedAt offset in its first file where it really began
 * @param endedAt offset in its last file where the next one has to begin
 * @param rows rows read
 * @param rejected rows refused, as duplicates while sorting too
 * @param spanned lines or rows of its last file that it covers
 * @param inOneFile whether its first file is its last one
 * @param firstHasColumns whether some row of its first file had all columns that are needed
 * @param lastHasColumns the same of its last file
 * @param lacking what is to be said if no row of such a file had; empty where there is nothing
 * @param millis how long its builder took
 */
public record SplitFigures(
    long startedAt,
    long endedAt,
    long rows,
    long rejected,
    long spanned,
    boolean inOneFile,
    boolean firstHasColumns,
    boolean lastHasColumns,
    String lacking,
    long millis) {
  private static final int MAX_LACKING_CHARS = 1_000;

  /** Within its bounds. */
  SplitFigures cut() {
    return new SplitFigures(
        startedAt,
        endedAt,
        rows,
        rejected,
        spanned,
        inOneFile,
        firstHasColumns,
        lastHasColumns,
        Step.cut(lacking, MAX_LACKING_CHARS),
        millis);
  }

  /**
   * Whether the same was read, however long it took, and whatever sorting dropped of it; what was
   * refused while reading is told by the tallies.
   */
  boolean isSameReading(SplitFigures other) {
    return startedAt == other.startedAt
        && endedAt == other.endedAt
        && rows == other.rows
        && spanned == other.spanned;
  }
}
