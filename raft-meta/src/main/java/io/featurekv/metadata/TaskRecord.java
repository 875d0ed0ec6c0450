package io.featurekv.metadata;

import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.List;
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
 * @param stage what the builder is doing, the last of {@code stages}; empty at first
 * @param reason why it failed, empty otherwise
 * @param updatedAtMillis last sign of life of its builder
 * @param ignoredGates gates that are not asked of its version
 * @param stages of this attempt, in the order in which they began
 * @param build of a task that the builders of the cluster share; null where whoever began it builds
 * @param canary which sect its version is to go to first; null: to all at once
 * @param earlier the last of the attempts before this one, oldest first
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
    List<TaskStage> stages,
    @Nullable ClusterBuild build,
    @Nullable CanaryPlan canary,
    List<EarlierAttempt> earlier) {
  public TaskRecord {
    earlier = List.copyOf(earlier);
    ignoredGates = Set.copyOf(ignoredGates);
    stages = List.copyOf(stages);
  }

  /** Of whose stages nothing is known, and which whoever began it builds. */
  public TaskRecord(
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
      Set<Gate> ignoredGates) {
    this(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        state,
        attempt,
        stage,
        counts,
        reason,
        createdAtMillis,
        updatedAtMillis,
        ignoredGates,
        List.of(),
        null,
        null,
        List.of());
  }

  /** In another state, for a reason. */
  TaskRecord ended(TaskState newState, String newReason, long nowMillis) {
    return copy(
        newState, stage, counts, newReason, nowMillis, stagesIn(newState, nowMillis), build);
  }

  /** Begun again, as it is asked for now. */
  TaskRecord nextAttempt(
      String newInputs,
      Set<Gate> newIgnoredGates,
      @Nullable ClusterBuild newBuild,
      @Nullable CanaryPlan newCanary,
      long nowMillis) {
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
        List.of(),
        newBuild,
        newCanary,
        EarlierAttempt.with(this));
  }

  /** With what its builder says. */
  TaskRecord progressed(
      String newStage, StageFigures figures, TaskCounts newCounts, long nowMillis) {
    List<TaskStage> all = new ArrayList<>(stages);
    TaskStage last = all.isEmpty() ? null : all.getLast();
    if (last != null && last.name().equals(newStage)) {
      all.set(all.size() - 1, last.at(figures, nowMillis));
    } else {
      all.add(new TaskStage(newStage, nowMillis, nowMillis, figures));
    }
    if (all.size() > TaskStage.MAX_STAGES) {
      all.removeFirst();
    }
    return copy(state, newStage, newCounts, reason, nowMillis, all, build);
  }

  /**
   * With what was done on the cluster, and the stage and the counts that follow from it. The stage
   * before keeps what it came to.
   *
   * @param shipped how far the files are on their way to the nodes
   */
  TaskRecord built(ClusterBuild newBuild, StageFigures shipped, long nowMillis) {
    TaskCounts counted = newBuild.counts();
    ClusterBuild.Stage now = newBuild.stage();
    ClusterBuild.Stage before = ClusterBuild.Stage.of(stage);
    TaskRecord told = copy(state, stage, counts, reason, nowMillis, stages, newBuild);
    if (before != null && before != now && before != ClusterBuild.Stage.SHIP) {
      told = told.progressed(stage, newBuild.figures(before, shipped), counted, nowMillis);
    }
    return told.progressed(now.word(), newBuild.figures(now, shipped), counted, nowMillis);
  }

  /**
   * The stages once the task is in another state: the last one ends when the task first comes to an
   * end, and has done all then that it had to do where that is a good one.
   */
  private List<TaskStage> stagesIn(TaskState newState, long nowMillis) {
    if (stages.isEmpty() || state.isFinal() || !newState.isFinal()) {
      return stages;
    }
    boolean isGood = newState == TaskState.READY || newState == TaskState.ACTIVE;
    TaskStage last = stages.getLast();
    List<TaskStage> all = new ArrayList<>(stages);
    all.set(all.size() - 1, last.at(isGood ? last.figures().whole() : last.figures(), nowMillis));
    return all;
  }

  /** With another build, about which there is nothing new to tell. */
  TaskRecord withBuild(ClusterBuild newBuild) {
    return copy(state, stage, counts, reason, updatedAtMillis, stages, newBuild);
  }

  /** With what was read of its version while that was on trial. */
  TaskRecord tried(CanaryCounts shown) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        state,
        attempt,
        stage,
        counts,
        reason,
        createdAtMillis,
        updatedAtMillis,
        ignoredGates,
        stages,
        build,
        canary == null ? null : new CanaryPlan(canary.sect(), canary.bakeMillis(), shown),
        earlier);
  }

  /** In another state, without a reason. */
  TaskRecord withState(TaskState newState, long nowMillis) {
    return copy(newState, stage, counts, "", nowMillis, stagesIn(newState, nowMillis), build);
  }

  private TaskRecord copy(
      TaskState newState,
      String newStage,
      TaskCounts newCounts,
      String newReason,
      long newUpdatedAtMillis,
      List<TaskStage> newStages,
      @Nullable ClusterBuild newBuild) {
    return new TaskRecord(
        id,
        table,
        version,
        mode,
        inputs,
        inputsDigest,
        newState,
        attempt,
        newStage,
        newCounts,
        newReason,
        createdAtMillis,
        newUpdatedAtMillis,
        ignoredGates,
        newStages,
        newBuild,
        canary,
        earlier);
  }
}
