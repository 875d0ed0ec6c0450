package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Versions on trial in one sect. */
final class CanaryCommands {
  private static final String STAGE = "canary";

  private CanaryCommands() {}

  /** Refuses a plan that could never be carried out. */
  static void check(Step step, @Nullable CanaryPlan plan, boolean activateWhenReady) {
    if (plan == null) {
      return;
    }
    if (!activateWhenReady) {
      throw Step.invalid("a version that is not to become active cannot be a canary");
    }
    if (plan.bakeMillis() < 1 || plan.bakeMillis() > CanaryPlan.MAX_BAKE_MILLIS) {
      throw Step.invalid(
          "a canary bakes for 1 to "
              + CanaryPlan.MAX_BAKE_MILLIS
              + " ms, not for "
              + plan.bakeMillis());
    }
    List<String> sects = Placement.sects(step.state());
    if (!sects.contains(plan.sect())) {
      throw Step.invalid(
          "there is no sect '"
              + Step.cut(plan.sect(), 64)
              + "' with serving nodes; there are "
              + sects);
    }
    if (sects.size() == 1) {
      throw Step.invalid(
          "a canary needs another sect that stays with the active version; there is only "
              + plan.sect());
    }
  }

  static Applied startCanary(Step step, Command.StartCanary command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    Canary present = table.canary();
    if (present != null && present.version() == version.number()) {
      return step.done(step.state(), version.number(), 0);
    }
    TaskRecord task = TaskCommands.unfinishedTaskOf(step.state(), version);
    CanaryPlan plan = task == null ? null : task.canary();
    if (plan == null || task == null || version.state() != VersionState.READY) {
      throw Step.conflict(
          name(table, version) + " is " + version.state() + " and is not to be a canary");
    }
    if (present != null) {
      throw Step.conflict(
          "version " + present.version() + " of " + table.name() + " is a canary already");
    }
    if (running(step.state()) >= Canary.MAX_AT_A_TIME) {
      throw Step.conflict(Canary.MAX_AT_A_TIME + " tables have a canary already");
    }
    if (table.active() == null) {
      throw Step.conflict("table " + table.name() + " has no active version besides a canary");
    }
    checkReadyIn(step, table, version, plan.sect());
    Canary canary = new Canary(version.number(), plan.sect(), step.nowMillis(), plan.bakeMillis());
    return step.done(
        step.with(
            table.withCanary(canary),
            task.progressed(STAGE, StageFigures.NONE, task.counts(), step.nowMillis())),
        version.number(),
        0);
  }

  private static long running(ClusterMetadata state) {
    return state.tables().values().stream().filter(table -> table.canary() != null).count();
  }

  private static void checkReadyIn(
      Step step, TableRecord table, VersionRecord version, String sect) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      boolean isReady =
          version.shards().get(shard).ready().stream()
              .map(step.state().nodes()::get)
              .anyMatch(node -> node != null && node.sect().equals(sect));
      if (!isReady) {
        throw Step.conflict(
            "no node of sect "
                + sect
                + " is ready with shard "
                + shard
                + " of "
                + name(table, version));
      }
    }
  }

  static Applied reportCanary(Step step, Command.ReportCanary command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    checkSound(command.counts());
    Canary canary = table.canary();
    if (canary == null || canary.version() != version.number()) {
      return step.done(step.state(), version.number(), 0);
    }
    return step.done(
        step.with(table.withCanary(canary.counted(command.counts(), step.nowMillis()))),
        version.number(),
        0);
  }

  /** The task of a version that becomes active, with what its trial has shown if it had one. */
  static TaskRecord activated(TableRecord table, TaskRecord task, long nowMillis) {
    Canary canary = table.canary();
    TaskRecord told =
        canary == null || canary.version() != task.version() ? task : task.tried(canary.counts());
    return told.withState(TaskState.ACTIVE, nowMillis);
  }

  static Applied endCanary(Step step, Command.EndCanary command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    checkSound(command.counts());
    Canary canary = table.canary();
    if (canary == null || canary.version() != version.number()) {
      return step.done(step.state(), version.number(), 0);
    }
    TableRecord told = table.withCanary(canary.counted(command.counts(), step.nowMillis()));
    return step.done(
        ended(step, step.state(), told, TaskState.FAILED, command.reason()), version.number(), 0);
  }

  private static void checkSound(CanaryCounts counts) {
    if (!counts.isSound()) {
      throw Step.invalid(counts + " cannot have been counted");
    }
  }

  /**
   * With the table's canary rolled back, if it has one, and its task ended so; the table is as
   * given otherwise. Reads that pinned the version go on: it stays readable.
   */
  static ClusterMetadata ended(
      Step step, ClusterMetadata state, TableRecord table, TaskState end, String why) {
    Canary canary = table.canary();
    VersionRecord version = canary == null ? null : table.versions().get(canary.version());
    if (canary == null || version == null || version.state() != VersionState.READY) {
      return step.on(state).with(table.withCanary(null));
    }
    String reason = Step.cut(why, Step.MAX_TEXT_CHARS);
    TaskRecord task = TaskCommands.unfinishedTaskOf(state, version);
    return step.on(state)
        .with(
            table
                .withVersion(version.retired(VersionState.ROLLED_BACK, reason, step.nowMillis()))
                .withCanary(null),
            task == null ? null : task.tried(canary.counts()).ended(end, reason, step.nowMillis()));
  }

  /** Whether a version is on trial. */
  static boolean isCanary(TableRecord table, VersionRecord version) {
    Canary canary = table.canary();
    return canary != null && canary.version() == version.number();
  }

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }
}
