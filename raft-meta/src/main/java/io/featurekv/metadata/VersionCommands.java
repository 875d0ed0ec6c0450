package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import org.jspecify.annotations.Nullable;

/** The life of a version after it is sealed. */
final class VersionCommands {
  private VersionCommands() {}

  static Applied advanceVersion(Step step, Command.AdvanceVersion command) {
    if (command.to() != VersionState.LOADING && command.to() != VersionState.READY) {
      throw Step.invalid("a version advances to LOADING or READY, not to " + command.to());
    }
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    boolean toReady = command.to() == VersionState.READY;
    boolean already =
        switch (version.state()) {
          case READY, ACTIVE, RETAINED, ROLLED_BACK -> true;
          case LOADING -> !toReady;
          case BUILDING, SEALED, FAILED, DROPPED -> false;
        };
    if (already) {
      return step.done(step.state(), version.number(), 0);
    }
    if (version.state() != (toReady ? VersionState.LOADING : VersionState.SEALED)) {
      throw Step.conflict(
          name(table, version) + " is " + version.state() + " and cannot become " + command.to());
    }
    if (toReady) {
      checkReady(table, version);
      DataCheck check = version.dataCheck();
      if (check != null && !check.isComplete()) {
        throw Step.conflict(
            "shards "
                + check.pendingShards()
                + " of "
                + name(table, version)
                + " have not been looked into yet");
      }
      String refusals = check == null ? "" : GateRules.text(GateRules.refusals(table, check));
      if (!refusals.isEmpty()) {
        return fail(step, table, version, refusals);
      }
    }
    TaskRecord task = TaskCommands.unfinishedTaskOf(step.state(), version);
    TaskRecord ready =
        task == null || !toReady || version.activateWhenReady()
            ? null
            : task.withState(TaskState.READY, step.nowMillis());
    return step.done(
        step.with(table.withVersion(version.withState(command.to())), ready), version.number(), 0);
  }

  static Applied activateVersion(Step step, Command.ActivateVersion command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    if (version.state() == VersionState.ACTIVE) {
      return step.done(
          command.onlyIfReady() ? step.state() : withoutCanary(step, table, version),
          version.number(),
          0);
    }
    if (command.onlyIfReady()) {
      checkUndecided(table, version);
      checkNotOnTrial(table, version, command.tried());
    }
    return activate(step, table, version, VersionState.RETAINED);
  }

  /** What was decided since somebody saw the version READY stands. */
  private static void checkUndecided(TableRecord table, VersionRecord version) {
    if (version.state() != VersionState.READY) {
      throw Step.conflict(
          name(table, version)
              + " is "
              + version.state()
              + " and does not become active by itself any more");
    }
    if (table.isOvertaken(version)) {
      throw Step.conflict(
          name(table, version)
              + " does not become active by itself: version "
              + table.activeVersion()
              + " became active first");
    }
  }

  private static void checkNotOnTrial(TableRecord table, VersionRecord version, boolean tried) {
    Canary canary = table.canary();
    if (!tried && canary != null && canary.version() == version.number()) {
      throw Step.conflict(
          name(table, version)
              + " is on trial in sect "
              + canary.sect()
              + " and becomes active by itself only when that has gone well");
    }
  }

  static Applied rollback(Step step, Command.Rollback command) {
    TableRecord table = step.table(command.table());
    VersionRecord active = table.active();
    if (active == null) {
      throw Step.notFound("table " + table.name() + " has no active version to roll back from");
    }
    VersionRecord target =
        command.to() != 0
            ? step.version(table, command.to())
            : table.canary() == null ? newestRetainedBelow(table, active) : active;
    if (target.number() == active.number()) {
      return step.done(withoutCanary(step, table, target), target.number(), 0);
    }
    return activate(step, table, target, VersionState.ROLLED_BACK);
  }

  private static VersionRecord newestRetainedBelow(TableRecord table, VersionRecord active) {
    VersionRecord newest = null;
    for (VersionRecord version : table.versions().headMap(active.number()).values()) {
      newest = version.state() == VersionState.RETAINED ? version : newest;
    }
    if (newest == null) {
      throw Step.notFound(
          "table "
              + table.name()
              + " has no retained version below the active one, "
              + active.number());
    }
    return newest;
  }

  /**
   * The state without a trial of any version but {@code chosen}, which somebody has decided for.
   */
  private static ClusterMetadata withoutCanary(Step step, TableRecord table, VersionRecord chosen) {
    return table.canary() == null || CanaryCommands.isCanary(table, chosen)
        ? step.state()
        : CanaryCommands.ended(
            step,
            step.state(),
            table,
            TaskState.FAILED,
            "its trial was ended in favour of version " + chosen.number());
  }

  /**
   * Makes {@code version} the active one and gives the one before the state {@code formerState}.
   */
  private static Applied activate(
      Step step, TableRecord table, VersionRecord version, VersionState formerState) {
    switch (version.state()) {
      case READY, RETAINED, ROLLED_BACK -> checkReady(table, version);
      case BUILDING, SEALED, LOADING, ACTIVE, FAILED, DROPPED ->
          throw Step.conflict(
              name(table, version)
                  + " is "
                  + version.state()
                  + "; only one that is READY, RETAINED or ROLLED_BACK can become active");
    }
    ClusterMetadata before = withoutCanary(step, table, version);
    TableRecord after = before.tables().getOrDefault(table.name(), table);
    VersionRecord former = table.active();
    if (former != null) {
      String why =
          formerState == VersionState.ROLLED_BACK ? "rolled back to " + version.number() : "";
      after = after.withVersion(former.retired(formerState, why, step.nowMillis()));
    }
    after = after.withVersion(version.activated(step.nowMillis())).withActive(version.number());
    return step.done(
        step.on(before).with(after, activatedTask(step, table, version)), version.number(), 0);
  }

  private static @Nullable TaskRecord activatedTask(
      Step step, TableRecord table, VersionRecord version) {
    TaskRecord task = step.state().tasks().get(version.taskId());
    return task == null || task.state() == TaskState.ACTIVE
        ? null
        : CanaryCommands.activated(table, task, step.nowMillis());
  }

  static Applied dropVersion(Step step, Command.DropVersion command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    TaskRecord task = TaskCommands.unfinishedTaskOf(step.state(), version);
    boolean mayStay =
        command.onlyIfSurplus()
            && version.state() != VersionState.DROPPED
            && !RetentionRules.surplus(table, step.nowMillis()).contains(version.number());
    if (mayStay) {
      throw Step.conflict(
          name(table, version) + " is " + version.state() + " and not to be collected any more");
    }
    switch (version.state()) {
      case DROPPED -> {
        return step.done(step.state(), version.number(), 0);
      }
      case ACTIVE -> throw Step.conflict(name(table, version) + " is the active one");
      case BUILDING -> {
        if (task != null) {
          throw Step.conflict(
              name(table, version) + " is being built; cancel the task " + task.id());
        }
      }
      case SEALED, LOADING, READY, RETAINED, ROLLED_BACK, FAILED -> checkNotNeeded(table, version);
    }
    String reason = version.reason().isEmpty() ? "dropped" : version.reason();
    return step.done(
        step.with(
            table.withVersion(
                compacted(version).retired(VersionState.DROPPED, reason, step.nowMillis())),
            task == null
                ? null
                : task.ended(TaskState.CANCELLED, "its version was dropped", step.nowMillis())),
        version.number(),
        0);
  }

  /** Without what is known of shards that nobody holds. */
  private static VersionRecord compacted(VersionRecord version) {
    return version.withShards(
        version.shardList().mapped(shard -> shard.isHeld() ? shard : ShardRecord.EMPTY));
  }

  private static void checkNotNeeded(TableRecord table, VersionRecord version) {
    for (VersionRecord other : table.versions().values()) {
      if (other.number() != version.number()
          && other.state().isKept()
          && table.chain(other).stream().anyMatch(part -> part.number() == version.number())) {
        throw Step.conflict(
            name(table, version)
                + " is needed by version "
                + other.number()
                + ", which builds on it and is "
                + other.state());
      }
    }
  }

  static Applied failVersion(Step step, Command.FailVersion command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    switch (version.state()) {
      case FAILED -> {
        return step.done(step.state(), version.number(), 0);
      }
      case ACTIVE, RETAINED, ROLLED_BACK, DROPPED ->
          throw Step.conflict(
              name(table, version) + " is " + version.state() + " and can no longer fail");
      case BUILDING, SEALED, LOADING, READY -> {
        // Goes on below; a READY one may be overtaken before it was ever active.
      }
    }
    return fail(step, table, version, command.reason());
  }

  private static Applied fail(Step step, TableRecord table, VersionRecord version, String why) {
    if (CanaryCommands.isCanary(table, version)) {
      return step.done(
          CanaryCommands.ended(step, step.state(), table, TaskState.FAILED, why),
          version.number(),
          0);
    }
    String reason = Step.cut(why, Step.MAX_TEXT_CHARS);
    TaskRecord task = TaskCommands.unfinishedTaskOf(step.state(), version);
    return step.done(
        step.with(
            table.withVersion(version.retired(VersionState.FAILED, reason, step.nowMillis())),
            task == null ? null : task.ended(TaskState.FAILED, reason, step.nowMillis())),
        version.number(),
        0);
  }

  /** Somebody must be able to answer for every shard, whatever the policy is. */
  private static void checkReady(TableRecord table, VersionRecord version) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      if (!version.shards().get(shard).isReadySomewhere()) {
        throw Step.conflict("no node is ready with shard " + shard + " of " + name(table, version));
      }
    }
  }

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }
}
