package io.featurekv.metadata;

import java.util.List;

/**
 * When the rows of a split count. A split that begins within a file was read from the first line
 * break on; whether that is where a record begins is known when the split before it has ended. Pure
 * functions.
 */
final class SplitProof {
  private SplitProof() {}

  /** Proves what can be proved now that {@code from} was read: it, and the splits that follow. */
  static ClusterBuild prove(ClusterBuild build, int from) {
    ClusterBuild proved = build;
    for (int index = from; index < build.splits().size(); index++) {
      SplitRecord split = proved.splits().get(index);
      SplitRecord before = index == 0 ? null : proved.splits().get(index - 1);
      SplitFigures figures = split.figures();
      ShardTallies tallies = split.tallies();
      if (split.proved() || figures == null || tallies == null) {
        return proved;
      }
      boolean isContinued = split.planned().continued();
      SplitFigures ended = before == null || !before.proved() ? null : before.figures();
      if (isContinued && (before == null || ended == null)) {
        return proved;
      }
      if (isContinued && ended != null && ended.endedAt() != figures.startedAt()) {
        String why =
            "it was begun at "
                + figures.startedAt()
                + ", the split before it ends at "
                + ended.endedAt();
        return proved.with(index, split.unread(split.work().undone(why)));
      }
      long rowsBefore =
          isContinued && before != null && ended != null ? rowsThrough(before, ended) : 0;
      List<TaskReject> rejected =
          split.rejected().stream().map(row -> row.placed(rowsBefore)).toList();
      proved = proved.withProved(index, split.proved(rowsBefore), tallies, rejected);
    }
    return proved;
  }

  /** Rows of the file in which a proved split ends, up to there. */
  private static long rowsThrough(SplitRecord split, SplitFigures figures) {
    return figures.spanned() + (figures.inOneFile() ? split.rowsBefore() : 0);
  }
}
