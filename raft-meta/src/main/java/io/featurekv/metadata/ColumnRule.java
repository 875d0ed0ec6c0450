package io.featurekv.metadata;

import java.util.Optional;

/**
 * Inputs whose rows bring their own columns, as JSON lines do: a column that no row of a file has
 * was never meant to be there. What lies within one split its builder checks; here is held what
 * goes on over several. Pure functions.
 */
final class ColumnRule {
  private ColumnRule() {}

  /** What is wrong with some file, once everything is read. */
  static Optional<String> lacking(ClusterBuild build) {
    if (!build.isRead()) {
      return Optional.empty();
    }
    boolean hasColumns = true;
    String lacking = "";
    for (SplitRecord split : build.splits()) {
      SplitFigures figures = split.figures();
      if (figures == null) {
        return Optional.empty();
      }
      if (!split.planned().continued()) {
        if (!hasColumns && !lacking.isEmpty()) {
          return Optional.of(lacking);
        }
        hasColumns = false;
        lacking = "";
      }
      hasColumns |= figures.firstHasColumns();
      lacking = lacking.isEmpty() ? figures.lacking() : lacking;
      if (!figures.inOneFile()) {
        if (!hasColumns && !lacking.isEmpty()) {
          return Optional.of(lacking);
        }
        hasColumns = figures.lastHasColumns();
        lacking = figures.lacking();
      }
    }
    return hasColumns || lacking.isEmpty() ? Optional.empty() : Optional.of(lacking);
  }
}
