package io.featurekv.node.load;

import io.featurekv.loader.BuildResult;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
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
  /**
   * Of a load that failed.
   *
   * @param task what the cluster still says of it; null where it says nothing
   */
  public static LoadReport failed(
      String operationId, String table, @Nullable TaskRecord task, double seconds, String reason) {
    TaskCounts counts = task == null ? TaskCounts.NONE : task.counts();
    return new LoadReport(
        task == null ? operationId : task.id(),
        table,
        task == null ? 0 : task.version(),
        "FAILED",
        counts.entries(),
        counts.rejected(),
        counts.duplicates(),
        counts.deleted(),
        counts.bytes(),
        seconds,
        List.of(),
        List.of(),
        reason,
        task == null || task.canary() == null ? null : task.canary().shown());
  }

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
