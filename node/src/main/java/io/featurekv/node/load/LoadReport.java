package io.featurekv.node.load;

import io.featurekv.loader.BuildResult;
import io.featurekv.metadata.CanaryCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a batch write.
 *
 * @param state ACTIVE, READY or FAILED
 * @param seconds whole, from start to served
 * @param reason why it failed, empty otherwise
 * @param firstRejected the first rejected rows
 * @param trial what was read while it was a canary; null where it was none
 */
public record LoadReport(
    String taskId,
    String table,
    long version,
    String state,
    long entries,
    long rejected,
    long duplicates,
    long deleted,
    long bytes,
    double seconds,
    List<BuildResult.Stage> stages,
    List<BuildResult.RejectedRow> firstRejected,
    String reason,
    @Nullable CanaryCounts trial) {
  /** Of a version that was no canary. */
  public LoadReport(
      String taskId,
      String table,
      long version,
      String state,
      long entries,
      long rejected,
      long duplicates,
      long deleted,
      long bytes,
      double seconds,
      List<BuildResult.Stage> stages,
      List<BuildResult.RejectedRow> firstRejected,
      String reason) {
    this(
        taskId,
        table,
        version,
        state,
        entries,
        rejected,
        duplicates,
        deleted,
        bytes,
        seconds,
        stages,
        firstRejected,
        reason,
        null);
  }
}
