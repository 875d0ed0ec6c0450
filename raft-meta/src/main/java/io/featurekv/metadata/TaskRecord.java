package io.featurekv.metadata;

import io.featurekv.model.UpdateMode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One batch write.
 *
 * @param id the operation id it was begun with, unique per cluster for as long as the table's name
 *     is in use
 * @param inputs what is loaded, for a person
 * @param inputsDigest digest over everything that decides the result, in hex: the same id with
 *     another digest is refused
 * @param attempt counts from 1
 * @param stage what the builder is doing: "read", "build", "ship", "load"
 * @param reason why it failed, empty otherwise
 * @param updatedAtMillis last sign of life of its builder
 * @param ignoredGates gates that are not asked of its version
 * @param canary which sect its version is to go to first; null: to all at once
 */
public record TaskRecord(
    String id,
    String table,
    long version,
    UpdateMode mode,
    String inputs,
    String inputsDigest,
    TaskState state,
    int attempt,
    String stage,
    TaskCounts counts,
    String reason,
    long createdAtMillis,
    long updatedAtMillis,
    Set<Gate> ignoredGates,
    @Nullable CanaryPlan canary) {
  public TaskRecord {
    ignoredGates = Set.copyOf(ignoredGates);
  }

  /** In another state, for a reason. */
  TaskRecord ended(TaskState newState, String newReason, long nowMillis) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        newState,
        attempt,
        stage,
        counts,
        newReason,
        createdAtMillis,
        nowMillis,
        ignoredGates,
        canary);
  }

  /** Begun again, as it is asked for now. */
  TaskRecord nextAttempt(
      String newInputs, Set<Gate> newIgnoredGates, @Nullable CanaryPlan newCanary, long nowMillis) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        newInputs,
        inputsDigest,
        TaskState.BUILDING,
        attempt + 1,
        "",
        TaskCounts.NONE,
        "",
        createdAtMillis,
        nowMillis,
        newIgnoredGates,
        newCanary);
  }

  /** With what its builder says. */
  TaskRecord progressed(String newStage, TaskCounts newCounts, long nowMillis) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        state,
        attempt,
        newStage,
        newCounts,
        reason,
        createdAtMillis,
        nowMillis,
        ignoredGates,
        canary);
  }

  /** In another state, without a reason. */
  TaskRecord withState(TaskState newState, long nowMillis) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        newState,
        attempt,
        stage,
        counts,
        "",
        createdAtMillis,
        nowMillis,
        ignoredGates,
        canary);
  }
}
