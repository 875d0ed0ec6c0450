package io.featurekv.chaos.simulation;

import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.PlannedSplit;
import io.featurekv.metadata.ShardFigures;
import io.featurekv.metadata.ShardTallies;
import io.featurekv.metadata.ShardTally;
import io.featurekv.metadata.ShardWork;
import io.featurekv.metadata.SplitFigures;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskInputs;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.WorkLease;
import io.featurekv.metadata.WorkOutcome;
import io.featurekv.metadata.WorkRecord;
import io.featurekv.metadata.WorkState;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.build.HandoverRules;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Builders of loads that the cluster shares, as the leader and the state machine see them: they
 * look at the inputs, end what they are given or fail at it or do nothing, lose what they had, and
 * hand files over by the product's rules.
 */
final class SharedBuilds {
  private static final int SLOTS = 2;

  private SharedBuilds() {}

  static BuildPlan plan(int splits, boolean continued) {
    TaskInputs inputs =
        new TaskInputs(
            List.of("/in"),
            "csv",
            List.of("k"),
            ":",
            "utf8",
            "",
            "utf8",
            new TreeMap<>(),
            "",
            "",
            false,
            true,
            0,
            false,
            false,
            List.of(),
            "");
    List<PlannedSplit> planned = new ArrayList<>();
    for (int split = 0; split < splits; split++) {
      planned.add(new PlannedSplit("a split", 1_000, 1, split > 0 && continued));
    }
    return new BuildPlan(inputs, 1_000, planned, List.of());
  }

  /** What a node with the duty build does in one round. */
  static void work(SimulatedNode node, ClusterMetadata metadata) {
    for (TaskRecord task : metadata.tasks().values()) {
      ClusterBuild build = task.build();
      if (task.state() == TaskState.BUILDING && build != null) {
        work(node, metadata, task, build);
      }
    }
  }

  private static void work(
      SimulatedNode node, ClusterMetadata metadata, TaskRecord task, ClusterBuild build) {
    World world = node.world;
    BuilderCheck told = build.checks().get(node.id);
    if (told == null || told.session() != node.session()) {
      boolean isUnseen = world.isStruck(30);
      if (isUnseen) {
        world.fired(Fault.INPUT_NOT_SEEN);
      }
      propose(
          node,
          new Command.CheckInputs(
              task.id(),
              task.attempt(),
              new BuilderCheck(
                  node.id, node.session(), SLOTS, isUnseen ? "the input is not there" : "")));
      return;
    }
    for (int split = 0; split < build.splits().size(); split++) {
      SplitRecord record = build.splits().get(split);
      WorkLease lease = record.work().leaseOf(node.id, node.session()).orElse(null);
      if (lease != null && !isGivenUp(node, task, lease, split, true)) {
        read(node, task, build, split);
      } else {
        loseAtTimes(node, task, record.work(), split, true);
      }
    }
    for (int shard = 0; shard < build.shards().size(); shard++) {
      ShardWork record = build.shards().get(shard);
      WorkLease lease = record.work().leaseOf(node.id, node.session()).orElse(null);
      if (lease != null && !isGivenUp(node, task, lease, shard, false)) {
        build(node, metadata, task, build, shard);
      } else if (record.manifest() != null) {
        handOver(node, metadata, task, build, shard, record.manifest());
      }
    }
  }

  private static boolean isGivenUp(
      SimulatedNode node, TaskRecord task, WorkLease lease, int index, boolean isSplit) {
    World world = node.world;
    if (world.isStruck(4)) {
      world.fired(Fault.WORK_STALLED);
      if (world.chance.oneIn(2)) {
        TreeMap<Integer, Long> done = new TreeMap<>();
        done.put(index, lease.done() + 1);
        propose(
            node,
            new Command.ReportWork(
                task.id(),
                task.attempt(),
                node.id,
                node.session(),
                isSplit ? done : new TreeMap<>(),
                isSplit ? new TreeMap<>() : done));
      }
      return true;
    }
    if (world.isStruck(12)) {
      world.fired(Fault.WORK_FAILED);
      propose(
          node,
          new Command.FailWork(
              task.id(),
              task.attempt(),
              node.id,
              node.session(),
              isSplit ? set(index) : set(),
              isSplit ? set() : set(index),
              "it was made to",
              world.chance.of(List.of(WorkOutcome.FAILED, WorkOutcome.LOST))));
      return true;
    }
    return false;
  }

  private static void loseAtTimes(
      SimulatedNode node, TaskRecord task, WorkRecord work, int index, boolean isSplit) {
    boolean isHere = work.state() == WorkState.DONE && work.doneBy().equals(node.id);
    if (isHere && node.world.isStruck(40)) {
      node.world.fired(Fault.WORK_GONE);
      propose(
          node,
          new Command.LoseWork(
              task.id(),
              task.attempt(),
              node.id,
              isSplit ? set(index) : set(),
              isSplit ? set() : set(index),
              "it is gone"));
    }
  }

  /** By the first and by every later reading the same. */
  private static void read(SimulatedNode node, TaskRecord task, ClusterBuild build, int split) {
    int shards = build.shards().size();
    List<ShardTally> tallies = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      tallies.add(tally(task, shard, split, build.splitCount()));
    }
    long rows = tallies.stream().mapToLong(ShardTally::rows).sum();
    boolean guessesWrong =
        split > 0
            && build.splits().get(split).planned().continued()
            && build.startOf(split) < 0
            && node.world.chance.oneIn(4);
    propose(
        node,
        new Command.FinishSplit(
            task.id(),
            task.attempt(),
            node.id,
            node.session(),
            split,
            new SplitFigures(
                split * 1_000L + (guessesWrong ? 1 : 0),
                (split + 1) * 1_000L,
                rows,
                0,
                rows,
                true,
                true,
                true,
                "",
                100),
            new ShardTallies(tallies),
            List.of()));
  }

  private static FileContent content(TaskRecord task, long tableId, int shard, int attempt) {
    return FileContent.built(
        task.table(), tableId, task.version(), attempt, shard, task.mode() == UpdateMode.FULL);
  }

  /** The whole of a shard comes with the last split, so that no split knows of another. */
  private static ShardTally tally(TaskRecord task, int shard, int split, int splits) {
    FileContent content = content(task, 0, shard, 0);
    return split == splits - 1
        ? new ShardTally(content.entries(), content.sum(), 0, 0)
        : new ShardTally(0, 0, 0, 0);
  }

  private static void build(
      SimulatedNode node,
      ClusterMetadata metadata,
      TaskRecord task,
      ClusterBuild build,
      int shard) {
    TableRecord table = metadata.tables().get(task.table());
    if (table == null || !build.isRead()) {
      return;
    }
    FileContent file = content(task, table.id(), shard, 0);
    node.world.contents.put(file.digest().hex(), file);
    node.disk.builtElsewhere.put(key(task, shard), file);
    propose(
        node,
        new Command.FinishShard(
            task.id(),
            task.attempt(),
            node.id,
            node.session(),
            shard,
            file.manifest(),
            new ShardFigures(0, 0, 0, 0, 0, 1, 100),
            List.of()));
  }

  private static FileKey key(TaskRecord task, int shard) {
    return FileKey.own(new ShardFileId(task.table(), task.version(), shard));
  }

  private static void handOver(
      SimulatedNode node,
      ClusterMetadata metadata,
      TaskRecord task,
      ClusterBuild build,
      int shard,
      FileManifest manifest) {
    TableRecord table = metadata.tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    if (version == null) {
      return;
    }
    FileKey key = key(task, shard);
    boolean isBuiltHere = build.shards().get(shard).work().doneBy().equals(node.id);
    FileContent file = find(node, key, manifest, isBuiltHere);
    if (file == null) {
      if (isBuiltHere
          && !HandoverRules.isHeldByAnother(metadata, version, shard, manifest, node.id)) {
        propose(
            node,
            new Command.LoseWork(
                task.id(), task.attempt(), node.id, set(), set(shard), "its file is gone"));
      }
      return;
    }
    String digest = manifest.digest().hex();
    if (isBuiltHere && !digest.equals(version.shards().get(shard).holders().get(node.id))) {
      node.reportHeld(key, file, task.attempt(), _ -> {});
    }
    if (HandoverRules.isShipper(metadata, build, version, shard, manifest, node.id)) {
      HandoverRules.Further further =
          HandoverRules.further(metadata, task.table(), version, shard, manifest, node.id);
      for (String target :
          further.targets().subList(0, Math.clamp(further.sects(), 0, further.targets().size()))) {
        SimulatedNode other = node.world.node(target);
        if (other != null && !node.isPartitioned) {
          other.upload(key, file, task.attempt(), _ -> {});
        }
      }
    }
  }

  private static @Nullable FileContent find(
      SimulatedNode node, FileKey key, FileManifest manifest, boolean isBuiltHere) {
    if (node.disk.digestOf(key).filter(manifest.digest()::equals).isPresent()) {
      return node.disk.files.get(key).content;
    }
    FileContent built = node.disk.builtElsewhere.remove(key);
    if (!isBuiltHere || built == null || !built.digest().equals(manifest.digest())) {
      return null;
    }
    node.disk.take(key, built);
    return built;
  }

  private static void propose(SimulatedNode node, Command command) {
    node.propose(command, VoterGroup.Origin.NODE, _ -> {});
  }

  private static SortedSet<Integer> set(Integer... indexes) {
    return new TreeSet<>(List.of(indexes));
  }
}
