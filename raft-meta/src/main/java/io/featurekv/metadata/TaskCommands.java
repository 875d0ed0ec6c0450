package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.UpdateMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batch writes, from their beginning to the point where their version is sealed or they end. */
final class TaskCommands {
  private static final int MAX_TASK_ID_CHARS = 128;
  private static final int MAX_DIGEST_CHARS = 128;
  private static final int MAX_STAGE_CHARS = 64;

  private TaskCommands() {}

  static Applied beginTask(Step step, Command.BeginTask command) {
    check(command);
    TaskRecord known = step.state().tasks().get(command.taskId());
    if (known == null) {
      return beginNew(step, command);
    }
    if (!known.table().equals(command.table())
        || known.mode() != command.mode()
        || !known.inputsDigest().equals(command.inputsDigest())) {
      throw Step.invalid(
          "task "
              + known.id()
              + " was begun as "
              + describe(known.table(), known.mode())
              + " with inputs digest "
              + known.inputsDigest()
              + ", not as "
              + describe(command.table(), command.mode())
              + " with "
              + command.inputsDigest());
    }
    // Builders of the cluster go on by themselves: whoever asks again only joins.
    boolean isUnderWay =
        known.state() == TaskState.BUILDING && known.build() != null && command.onCluster();
    return switch (known.state()) {
      case LOADING, READY, ACTIVE -> step.done(step.state(), known.version(), known.attempt());
      case BUILDING, FAILED, CANCELLED ->
          isUnderWay
              ? step.done(step.state(), known.version(), known.attempt())
              : beginAgain(step, known, command);
    };
  }

  private static void check(Command.BeginTask command) {
    String id = command.taskId();
    if (id.isEmpty()
        || id.length() > MAX_TASK_ID_CHARS
        || id.chars().anyMatch(c -> c <= ' ' || c == 127)) {
      throw Step.invalid(
          "a task id has 1 to "
              + MAX_TASK_ID_CHARS
              + " characters without blanks, not '"
              + Step.cut(id, MAX_TASK_ID_CHARS)
              + "'");
    }
    if (command.inputsDigest().length() > MAX_DIGEST_CHARS) {
      throw Step.invalid("an inputs digest has at most " + MAX_DIGEST_CHARS + " characters");
    }
    if (command.plan() != null) {
      command.plan().check();
    }
  }

  private static String describe(String table, UpdateMode mode) {
    return mode.word() + " load of " + table;
  }

  private static Applied beginNew(Step step, Command.BeginTask command) {
    CanaryCommands.check(step, command.canary(), command.activateWhenReady());
    TableRecord table = step.table(command.table());
    long number = table.nextVersion();
    int shards = shardsOf(table, command.mode());
    VersionRecord version =
        VersionRecord.begun(
            number,
            command.mode(),
            shards,
            step.nowMillis(),
            command.activateWhenReady(),
            command.verifyFull(),
            command.taskId());
    TaskRecord task =
        new TaskRecord(
            command.taskId(),
            table.name(),
            number,
            command.mode(),
            Step.cut(command.inputs(), Step.MAX_TEXT_CHARS),
            command.inputsDigest(),
            TaskState.BUILDING,
            1,
            "",
            TaskCounts.NONE,
            "",
            step.nowMillis(),
            step.nowMillis(),
            command.ignoredGates(),
            List.of(),
            buildOf(step, table, command, shards, null),
            command.canary(),
            List.of());
    return step.done(step.with(table.withVersion(version), task), number, 1);
  }

  /** How the cluster is to build it; null where it is not to. */
  private static @Nullable ClusterBuild buildOf(
      Step step,
      TableRecord table,
      Command.BeginTask command,
      int shards,
      @Nullable ClusterBuild known) {
    if (!command.onCluster()) {
      return null;
    }
    BuildPlan plan = command.plan();
    if (known != null && known.isDetailed() && known.shards().size() == shards) {
      return known.again(plan == null ? null : plan.inputs(), table.options(), step.nowMillis());
    }
    if (plan == null) {
      throw Step.conflict(
          "task "
              + command.taskId()
              + " has no plan any more, or one for another number of shards than the "
              + shards
              + " it needs now; load again where its inputs are, with --operation-id "
              + command.taskId());
    }
    return ClusterBuild.of(plan, table.options(), table.schema(), shards, step.nowMillis());
  }

  private static Applied beginAgain(Step step, TaskRecord task, Command.BeginTask command) {
    TableRecord table = step.table(task.table());
    VersionRecord version = table.versions().get(task.version());
    if (version == null
        || (version.state() != VersionState.BUILDING && version.state() != VersionState.FAILED)) {
      throw Step.conflict(
          "version "
              + task.version()
              + " of "
              + table.name()
              + ", which task "
              + task.id()
              + " was to build, is "
              + (version == null ? "no longer kept" : version.state())
              + "; load under another operation id");
    }
    CanaryCommands.check(step, command.canary(), command.activateWhenReady());
    if (command.canary() != null && !version.activateWhenReady()) {
      throw Step.conflict(
          "version "
              + version.number()
              + " of "
              + table.name()
              + " was begun as one that is not to become active and cannot be a canary; load under"
              + " another operation id");
    }
    // A full version keeps its number of shards; an increment takes that of what it will build on.
    int shards =
        task.mode() == UpdateMode.FULL ? version.shardCount() : shardsOf(table, task.mode());
    VersionRecord again =
        VersionRecord.begun(
            version.number(),
            version.mode(),
            shards,
            version.createdAtMillis(),
            version.activateWhenReady(),
            version.verifyFull(),
            version.taskId());
    TaskRecord next =
        task.nextAttempt(
            Step.cut(command.inputs(), Step.MAX_TEXT_CHARS),
            command.ignoredGates(),
            buildOf(step, table, command, shards, task.build()),
            command.canary(),
            step.nowMillis());
    return step.done(step.with(table.withVersion(again), next), version.number(), next.attempt());
  }

  private static int shardsOf(TableRecord table, UpdateMode mode) {
    if (mode == UpdateMode.FULL) {
      return table.options().shards();
    }
    VersionRecord active = table.active();
    if (active == null) {
      throw Step.notFound(
          "table " + table.name() + " has no active version to build an increment on");
    }
    return active.shardCount();
  }

  static Applied reportProgress(Step step, Command.ReportProgress command) {
    TaskRecord task = step.task(command.taskId(), command.attempt());
    if (task.state() != TaskState.BUILDING) {
      // A report that was on its way when the version was sealed: the final counts stand.
      throw Step.conflict("task " + task.id() + " is " + task.state() + reasonOf(task));
    }
    return step.done(
        step.with(
            task.progressed(
                Step.cut(command.stage(), MAX_STAGE_CHARS),
                command.figures(),
                command.counts(),
                step.nowMillis())),
        task.version(),
        0);
  }

  static Applied failTask(Step step, Command.FailTask command) {
    TaskRecord task = step.task(command.taskId(), command.attempt());
    switch (task.state()) {
      case FAILED, CANCELLED -> {
        return step.done(step.state(), task.version(), 0);
      }
      case READY, ACTIVE ->
          throw Step.conflict("task " + task.id() + " has ended before, it is " + task.state());
      case BUILDING, LOADING -> {
        // Goes on below.
      }
    }
    TableRecord table = step.table(task.table());
    VersionRecord version = step.version(table, task.version());
    String reason = Step.cut(command.reason(), Step.MAX_TEXT_CHARS);
    TaskState end = command.cancelled() ? TaskState.CANCELLED : TaskState.FAILED;
    if (CanaryCommands.isCanary(table, version)) {
      return step.done(
          CanaryCommands.ended(step, step.state(), table, end, reason), version.number(), 0);
    }
    return step.done(
        step.with(
            table.withVersion(version.retired(VersionState.FAILED, reason, step.nowMillis())),
            task.ended(end, reason, step.nowMillis())),
        version.number(),
        0);
  }

  /** The task of a version if it has not ended, or null. */
  static @Nullable TaskRecord unfinishedTaskOf(ClusterMetadata state, VersionRecord version) {
    TaskRecord task = state.tasks().get(version.taskId());
    return task == null || task.state().isFinal() ? null : task;
  }

  private static String reasonOf(TaskRecord task) {
    return task.reason().isEmpty() ? "" : ": " + task.reason();
  }
}
