package io.featurekv.metadata;

import java.util.Locale;
import java.util.Optional;

/** How many rejected rows a build by the cluster lets pass. Pure functions. */
final class RejectLimit {
  private RejectLimit() {}

  /**
   * Why the build has to end, if it has.
   *
   * @param isWhole whether every row is counted, without which a percentage means nothing
   */
  static Optional<String> excess(ClusterBuild build, boolean isWhole) {
    TaskInputs inputs = build.inputs();
    long rejected = build.rejected();
    long rows = build.rows();
    if (inputs.letsPass(rejected, rows, isWhole)) {
      return Optional.empty();
    }
    StringBuilder message = new StringBuilder();
    message
        .append(rejected)
        .append(" of ")
        .append(isWhole ? "" : "the first ")
        .append(rows)
        .append(" rows rejected; ")
        .append(limit(inputs))
        .append(" allowed:");
    for (TaskReject row : build.firstRejected()) {
      message
          .append("\n  ")
          .append(row.source())
          .append(':')
          .append(row.row())
          .append(": ")
          .append(row.reason());
    }
    long more = rejected - build.firstRejected().size();
    if (more > 0) {
      message.append("\n  and ").append(more).append(" more");
    }
    return Optional.of(message.toString());
  }

  private static String limit(TaskInputs inputs) {
    double limit = inputs.maxRejected();
    String number =
        limit == Math.rint(limit)
            ? String.format(Locale.ROOT, "%.0f", limit)
            : Double.toString(limit);
    return inputs.maxRejectedIsPercent()
        ? number + "% are"
        : number + (limit == 1 ? " is" : " are");
  }
}
