package io.featurekv.metadata;

/**
 * One row that a load refused.
 *
 * @param split the split it was read in; after all of them where it was refused later
 * @param source the file
 * @param row lines or rows, from 1
 * @param countsOn whether {@code row} is counted from where the split begins in its file, instead
 *     of from the beginning of the file
 * @param reason why
 */
public record TaskReject(int split, String source, long row, boolean countsOn, String reason) {
  /** Most that a task tells of. */
  public static final int MAX_SHOWN = 10;

  private static final int MAX_CHARS = 500;

  /** Within its bounds. */
  TaskReject cut() {
    return new TaskReject(
        split, Step.cut(source, MAX_CHARS), row, countsOn, Step.cut(reason, MAX_CHARS));
  }

  /** Counted from the beginning of the file, in which so many rows stand before the split. */
  TaskReject placed(long rowsBefore) {
    return new TaskReject(split, source, countsOn ? rowsBefore + row : row, false, reason);
  }
}
