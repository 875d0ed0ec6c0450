package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds that the builders of the cluster share: who may work on what, and what of it counts. Whose
 * turn it is, the leader decides and says in the command; here is only held what must never be.
 */
final class BuildCommands {
  private BuildCommands() {}

  /** A task that the cluster is building. */
  private record Building(TaskRecord task, ClusterBuild build) {
    static Building of(Step step, String taskId, int attempt) {
      TaskRecord task = step.task(taskId, attempt);
      ClusterBuild build = task.build();
      if (task.state() != TaskState.BUILDING || build == null) {
        throw Step.conflict(
            "task "
                + taskId
                + " is "
                + task.state()
                + (build == null ? ", and not built by the cluster" : ""));
      }
      return new Building(task, build);
    }

    SplitRecord split(int index) {
      return build.splits().get(checked("splits", build.splits().size(), index));
    }

    ShardWork shard(int index) {
      return build.shards().get(checked("shards", build.shards().size(), index));
    }

    private int checked(String what, int count, int index) {
      if (index < 0 || index >= count) {
        throw Step.invalid(
            "task " + task.id() + " has the " + what + " 0 to " + (count - 1) + ", not " + index);
      }
      return index;
    }

    String nameOfSplit(int index) {
      return "split " + index + " (" + build.splits().get(index).planned().what() + ")";
    }

    String nameOfShard(int index) {
      return "shard " + index + " of version " + task.version() + " of " + task.table();
    }
  }

  static Applied checkInputs(Step step, Command.CheckInputs command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    BuilderCheck check = command.check();
    NodeRecord node = ReportCommands.reporter(step, check.nodeId(), check.session());
    if (!node.builds() || check.slots() < 1 || check.slots() > BuilderCheck.MAX_SLOTS) {
      throw Step.invalid(
          "node "
              + node.id()
              + " with the duties "
              + node.duties()
              + " cannot take part in a build with "
              + check.slots()
              + " slots");
    }
    BuilderCheck kept =
        new BuilderCheck(
            check.nodeId(),
            check.session(),
            check.slots(),
            Step.cut(check.fault(), Step.MAX_TEXT_CHARS));
    ClusterBuild build = building.build();
    TaskRecord task = building.task();
    TaskRecord checked = told(step, task, build.with(kept));
    // Before anything was read all builders must see the inputs; later one that does not is left
    // out.
    return !kept.mayBuild() && build.isChecking()
        ? ended(step, checked, "node " + node.id() + ": " + kept.fault())
        : step.done(step.with(checked), task.version(), 0);
  }

  static Applied leaseWork(Step step, Command.LeaseWork command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    NodeRecord node = ReportCommands.reporter(step, command.nodeId(), command.session());
    ClusterBuild build = building.build();
    BuilderCheck check = build.checks().get(node.id());
    if (check == null || check.session() != command.session() || !check.mayBuild()) {
      throw Step.conflict(
          "node " + node.id() + " has not found the inputs of task " + command.taskId());
    }
    if (!command.shards().isEmpty() && !build.isRead()) {
      throw Step.conflict(
          "no shard of task " + command.taskId() + " can be built before every split is read");
    }
    WorkLease lease = new WorkLease(node.id(), command.session(), step.nowMillis(), 0, 0);
    for (int split : command.splits()) {
      WorkRecord work = leased(building.split(split).work(), lease, building.nameOfSplit(split));
      build = build.with(split, build.splits().get(split).with(work));
    }
    for (int shard : command.shards()) {
      WorkRecord work = leased(building.shard(shard).work(), lease, building.nameOfShard(shard));
      build = build.with(shard, build.shards().get(shard).with(work));
    }
    if (held(build, node.id()) > check.slots()) {
      throw Step.conflict(
          "node " + node.id() + " works on " + check.slots() + " units at once, not on more");
    }
    int given = command.splits().size() + command.shards().size();
    return step.done(
        step.with(told(step, building.task(), build.withLeases(build.leases() + given))),
        building.task().version(),
        0);
  }

  private static WorkRecord leased(WorkRecord work, WorkLease lease, String name) {
    boolean isFree =
        switch (work.state()) {
          case PENDING -> true;
          case LEASED ->
              work.leases().size() < WorkRecord.MAX_LEASES
                  && work.leases().stream().noneMatch(l -> l.nodeId().equals(lease.nodeId()));
          case DONE, FAILED -> false;
        };
    if (!isFree) {
      throw Step.conflict(name + " is " + work.state() + " and not to be had");
    }
    return work.leased(lease);
  }

  /** How many leases a node has. */
  private static int held(ClusterBuild build, String nodeId) {
    int held = 0;
    for (SplitRecord split : build.splits()) {
      held += split.work().leases().stream().anyMatch(l -> l.nodeId().equals(nodeId)) ? 1 : 0;
    }
    for (ShardWork shard : build.shards()) {
      held += shard.work().leases().stream().anyMatch(l -> l.nodeId().equals(nodeId)) ? 1 : 0;
    }
    return held;
  }

  static Applied reportWork(Step step, Command.ReportWork command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    ClusterBuild build = building.build();
    for (Map.Entry<Integer, Long> done : command.splits().entrySet()) {
      SplitRecord split = building.split(done.getKey());
      Optional<WorkLease> lease = split.work().leaseOf(command.nodeId(), command.session());
      if (lease.isPresent()) {
        WorkRecord renewed = split.work().renewed(lease.get(), done.getValue());
        build = build.with(done.getKey(), split.with(renewed));
      }
    }
    for (Map.Entry<Integer, Long> done : command.shards().entrySet()) {
      ShardWork shard = building.shard(done.getKey());
      Optional<WorkLease> lease = shard.work().leaseOf(command.nodeId(), command.session());
      if (lease.isPresent()) {
        WorkRecord renewed = shard.work().renewed(lease.get(), done.getValue());
        build = build.with(done.getKey(), shard.with(renewed));
      }
    }
    return step.done(step.with(told(step, building.task(), build)), building.task().version(), 0);
  }

  static Applied finishSplit(Step step, Command.FinishSplit command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    SplitRecord split = building.split(command.split());
    String name = building.nameOfSplit(command.split());
    if (isRepeated(split.work(), command.nodeId())
        && command.figures().cut().equals(split.figures())) {
      return step.done(step.state(), building.task().version(), 0);
    }
    checkLease(split.work(), name, command.nodeId(), command.session());
    checkTallies(building, command, name);
    ClusterBuild build = building.build();
    WorkRecord work = split.work().finished(command.nodeId());
    SplitFigures figures = command.figures().cut();
    SplitFigures before = split.figures();
    if (split.proved() && before != null) {
      if (!before.isSameReading(figures)
          || split.talliesHash() != BuildCodec.hash(command.tallies().withoutDrops())) {
        return ended(
            step,
            building.task(),
            name
                + " came to "
                + before
                + " first and to "
                + figures
                + " when it was read again: the input has changed, or reading it depends on chance");
      }
      build = build.with(command.split(), split.readAgain(work, figures));
    } else {
      List<TaskReject> rejected = bounded(command.rejected(), command.split());
      build = build.with(command.split(), split.read(work, figures, command.tallies(), rejected));
      build = SplitProof.prove(build, command.split());
    }
    return withinLimits(step, told(step, building.task(), build), build);
  }

  private static List<TaskReject> bounded(List<TaskReject> rejected, int split) {
    return rejected.stream()
        .limit(TaskReject.MAX_SHOWN)
        .map(row -> new TaskReject(split, row.source(), row.row(), row.countsOn(), row.reason()))
        .map(TaskReject::cut)
        .toList();
  }

  private static void checkTallies(Building building, Command.FinishSplit command, String name) {
    ShardTallies tallies = command.tallies();
    SplitFigures figures = command.figures();
    int shards = building.build().shards().size();
    if (tallies.size() != shards || !tallies.isPlausible()) {
      throw Step.invalid(
          name + " was read for " + tallies.size() + " shards, the version has " + shards);
    }
    // Duplicates that are errors were parsed before they were rejected.
    boolean dropsAreRejected = !building.build().inputs().lastDuplicateWins();
    long refused = figures.rejected() - (dropsAreRejected ? tallies.droppedRows() : 0);
    if (refused < 0 || tallies.rows() + refused != figures.rows()) {
      throw Step.invalid(
          name
              + " has "
              + figures.rows()
              + " rows, of which "
              + tallies.rows()
              + " were parsed and "
              + figures.rejected()
              + " rejected");
    }
  }

  static Applied finishShard(Step step, Command.FinishShard command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    ShardWork shard = building.shard(command.shard());
    String name = building.nameOfShard(command.shard());
    if (isRepeated(shard.work(), command.nodeId()) && command.manifest().equals(shard.manifest())) {
      return step.done(step.state(), building.task().version(), 0);
    }
    checkLease(shard.work(), name, command.nodeId(), command.session());
    ClusterBuild build = building.build();
    if (!build.isRead()) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN, "splits of task " + command.taskId() + " are being read again");
    }
    ShardTally parsed = build.parsed().get(command.shard());
    ShardProof.of(parsed, command.figures())
        .check(
            "version " + building.task().version() + " of " + building.task().table(),
            command.shard(),
            command.manifest());
    build =
        build.with(
            command.shard(),
            new ShardWork(
                shard.work().finished(command.nodeId()), command.manifest(), command.figures()));
    build = build.withRejected(bounded(command.rejected(), build.splitCount()));
    return withinLimits(step, told(step, building.task(), build), build);
  }

  private static boolean isRepeated(WorkRecord work, String nodeId) {
    return work.state() == WorkState.DONE && work.doneBy().equals(nodeId);
  }

  private static void checkLease(WorkRecord work, String name, String nodeId, long session) {
    if (work.leaseOf(nodeId, session).isEmpty()) {
      throw Step.conflict(
          "node "
              + nodeId
              + " has no lease of "
              + name
              + " any more: it is "
              + work.state()
              + (work.doneBy().isEmpty() ? "" : ", done by " + work.doneBy()));
    }
  }

  /** The task with its progress, or failed for the rows that were refused, or for all of them. */
  private static Applied withinLimits(Step step, TaskRecord task, ClusterBuild build) {
    Optional<String> fault =
        RejectLimit.excess(build, build.isRead()).or(() -> ColumnRule.lacking(build));
    return fault.isPresent()
        ? ended(step, task, fault.get())
        : step.done(step.with(task), task.version(), 0);
  }

  static Applied failWork(Step step, Command.FailWork command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    ClusterBuild build = building.build();
    List<String> givenUp = new ArrayList<>();
    for (int index : command.splits()) {
      SplitRecord split = building.split(index);
      Optional<WorkLease> lease = split.work().leaseOf(command.nodeId(), command.session());
      if (lease.isPresent()) {
        WorkRecord work = failed(split.work(), lease.get(), command);
        boolean isDoubted = command.outcome() == WorkOutcome.DOUBTFUL;
        build = build.with(index, isDoubted ? split.doubted(work) : split.with(work));
        noteGivenUp(givenUp, work, building.nameOfSplit(index));
      }
    }
    for (int index : command.shards()) {
      ShardWork shard = building.shard(index);
      Optional<WorkLease> lease = shard.work().leaseOf(command.nodeId(), command.session());
      if (lease.isPresent()) {
        WorkRecord work = failed(shard.work(), lease.get(), command);
        build = build.with(index, shard.with(work));
        noteGivenUp(givenUp, work, building.nameOfShard(index));
      }
    }
    TaskRecord task = told(step, building.task(), build);
    return givenUp.isEmpty()
        ? step.done(step.with(task), task.version(), 0)
        : ended(step, task, givenUp.getFirst());
  }

  private static WorkRecord failed(WorkRecord work, WorkLease lease, Command.FailWork command) {
    return switch (command.outcome()) {
      case LOST, DOUBTFUL -> {
        WorkRecord rest = work.without(lease, command.reason());
        yield rest.attempts() < WorkRecord.MAX_ATTEMPTS ? rest : rest.givenUp();
      }
      case FAILED -> {
        WorkRecord rest = work.failed(lease, command.reason());
        boolean mayGoOn =
            rest.failures() < WorkRecord.MAX_FAILURES && rest.attempts() < WorkRecord.MAX_ATTEMPTS;
        yield mayGoOn ? rest : rest.givenUp();
      }
      case HOPELESS -> work.failed(lease, command.reason()).givenUp();
    };
  }

  private static void noteGivenUp(List<String> givenUp, WorkRecord work, String name) {
    if (work.state() == WorkState.FAILED) {
      givenUp.add(
          name
              + " failed on node "
              + work.failedOn()
              + " (attempt "
              + work.attempts()
              + "): "
              + work.lastError());
    }
  }

  static Applied loseWork(Step step, Command.LoseWork command) {
    Building building = Building.of(step, command.taskId(), command.attempt());
    ClusterBuild build = building.build();
    List<String> givenUp = new ArrayList<>();
    for (int index : command.splits()) {
      SplitRecord split = building.split(index);
      if (isRepeated(split.work(), command.nodeId())) {
        WorkRecord undone = undone(split.work(), command);
        noteGivenUp(givenUp, undone, building.nameOfSplit(index));
        build = build.with(index, split.proved() ? split.with(undone) : split.unread(undone));
      }
    }
    for (int index : command.shards()) {
      ShardWork shard = building.shard(index);
      if (isRepeated(shard.work(), command.nodeId())) {
        WorkRecord undone = undone(shard.work(), command);
        noteGivenUp(givenUp, undone, building.nameOfShard(index));
        build = build.with(index, shard.with(undone)).withShardsLost();
      }
    }
    TaskRecord task = told(step, building.task(), build);
    return givenUp.isEmpty()
        ? step.done(step.with(task), task.version(), 0)
        : ended(step, task, givenUp.getFirst());
  }

  private static WorkRecord undone(WorkRecord work, Command.LoseWork command) {
    WorkRecord undone = work.undone(command.reason());
    return undone.attempts() < WorkRecord.MAX_ATTEMPTS ? undone : undone.givenUp();
  }

  static Applied sealBuild(Step step, Command.SealBuild command) {
    TaskRecord known = step.task(command.taskId(), command.attempt());
    if (known.state() == TaskState.LOADING) {
      return step.done(step.state(), known.version(), 0);
    }
    Building building = Building.of(step, command.taskId(), command.attempt());
    ClusterBuild build = building.build();
    List<FileManifest> manifests = new ArrayList<>();
    List<ShardProof> proofs = new ArrayList<>();
    for (int shard = 0; shard < build.shards().size(); shard++) {
      ShardWork work = build.shards().get(shard);
      if (work.manifest() == null || work.figures() == null) {
        throw Step.conflict(building.nameOfShard(shard) + " is not built yet");
      }
      manifests.add(work.manifest());
      proofs.add(ShardProof.of(build.parsed().get(shard), work.figures()));
    }
    SealCommand.requireHeld(step, building.task(), manifests);
    try {
      return SealCommand.sealVersion(
          step.on(step.with(told(step, building.task(), build))),
          new Command.SealVersion(
              command.taskId(), command.attempt(), manifests, build.counts(), proofs));
    } catch (FeatureKvException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      return ended(step, building.task(), String.valueOf(e.getMessage()));
    }
  }

  /** The task with its build as it is now, how far its files are shipped included. */
  static TaskRecord told(Step step, TaskRecord task, ClusterBuild build) {
    StageFigures shipped = build.isBuilt() ? shipped(step, task, build) : StageFigures.NONE;
    return task.built(build, shipped, step.nowMillis());
  }

  /**
   * Files on their way to as many sects as sealing needs: an entry has arrived once it is in all of
   * them, bytes count once for each.
   */
  private static StageFigures shipped(Step step, TaskRecord task, ClusterBuild build) {
    TableRecord table = step.state().tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    int needed = SectRules.sectsNeeded(step.state());
    StageFigures sum = new StageFigures(0, 0, 0, 0);
    for (int shard = 0; version != null && shard < build.shards().size(); shard++) {
      FileManifest manifest = build.shards().get(shard).manifest();
      if (manifest != null) {
        int sects = SectRules.sectsHolding(step.state(), version, shard, manifest).size();
        long entries = manifest.entries();
        long bytes = manifest.lengthBytes();
        sum =
            new StageFigures(
                sum.entries() + (sects >= needed ? entries : 0),
                sum.entriesTotal() + entries,
                sum.bytes() + Math.min(sects, needed) * bytes,
                sum.bytesTotal() + needed * bytes);
      }
    }
    return sum;
  }

  /** The task is over, and its version with it. */
  private static Applied ended(Step step, TaskRecord task, String reason) {
    TableRecord table = step.table(task.table());
    VersionRecord version = step.version(table, task.version());
    String why = Step.cut(reason, Step.MAX_TEXT_CHARS);
    return step.done(
        step.with(
            table.withVersion(version.retired(VersionState.FAILED, why, step.nowMillis())),
            task.ended(TaskState.FAILED, why, step.nowMillis())),
        version.number(),
        0);
  }
}
