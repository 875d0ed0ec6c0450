package io.featurekv.node.control;

import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.SectRules;
import io.featurekv.metadata.ShardWork;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.WorkLease;
import io.featurekv.metadata.WorkOutcome;
import io.featurekv.metadata.WorkRecord;
import io.featurekv.metadata.WorkState;
import io.featurekv.model.FileManifest;
import io.featurekv.node.build.HandoverRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the leader proposes next for builds that the builders of the cluster share: which leases and
 * results are lost, who gets what, when all is there. Pure functions of the metadata and of how
 * long things have been as they are; all commands of a call can be proposed at once.
 */
final class BuildRules {
  /** A lease that was not renewed for so long is lost. Builders renew theirs every 2 s. */
  static final long LEASE_SILENCE_MILLIS = 30_000;

  /** How long builders may take to look at the inputs. */
  static final long CHECK_PATIENCE_MILLIS = 60_000;

  /** What a node has done is done again elsewhere when the node was away for so long. */
  static final long AWAY_MILLIS = 10_000;

  /** How long a build waits without any builder before its task fails. */
  static final long NO_BUILDER_MILLIS = 300_000;

  private BuildRules() {}

  /** One lease as it was last renewed, for how long it has been so. */
  record Renewal(String taskId, boolean isSplit, int index, WorkLease lease) {}

  /** Steps that are due; the meaning of the arguments is that of {@link LifecycleRules#due}. */
  static List<Command> due(
      ClusterMetadata metadata,
      long nowMillis,
      long slowMillis,
      ToLongFunction<Object> unchangedMillis) {
    List<Command> commands = new ArrayList<>();
    for (TaskRecord task : metadata.tasks().values()) {
      ClusterBuild build = task.build();
      if (task.state() == TaskState.BUILDING && build != null) {
        commands.addAll(due(metadata, task, build, nowMillis, slowMillis, unchangedMillis));
      }
    }
    return commands;
  }

  private static List<Command> due(
      ClusterMetadata metadata,
      TaskRecord task,
      ClusterBuild build,
      long nowMillis,
      long slowMillis,
      ToLongFunction<Object> unchangedMillis) {
    List<Command> lost = lostLeases(metadata, task, build, unchangedMillis);
    lost.addAll(lostResults(metadata, task, build, nowMillis));
    if (!lost.isEmpty()) {
      return lost;
    }
    if (build.isBuilt()) {
      return isHeld(metadata, task, build)
          ? List.of(new Command.SealBuild(task.id(), task.attempt()))
          : List.of();
    }
    long idleMillis = unchangedMillis.applyAsLong(task);
    List<NodeRecord> builders = builders(metadata);
    if (builders.isEmpty() && idleMillis > NO_BUILDER_MILLIS) {
      return List.of(fail(task, "no node with the duty build is up"));
    }
    boolean isNobodyLeft =
        !builders.isEmpty()
            && builders.stream().allMatch(node -> isLeftOut(metadata, build, node.id()));
    if (isNobodyLeft && idleMillis > NO_BUILDER_MILLIS) {
      return List.of(
          fail(
              task,
              build.checks().values().stream()
                  .filter(check -> !check.mayBuild())
                  .map(check -> check.nodeId() + ": " + check.fault())
                  .collect(Collectors.joining("; ", "no builder sees the inputs any more: ", ""))));
    }
    List<String> silent = notChecked(build, builders);
    if (build.isChecking() && !silent.isEmpty()) {
      return idleMillis <= CHECK_PATIENCE_MILLIS
          ? List.of()
          : List.of(
              fail(
                  task,
                  "the builders "
                      + String.join(", ", silent)
                      + " have not said within "
                      + CHECK_PATIENCE_MILLIS / 1000
                      + " s whether they see the inputs"));
    }
    return new WorkGrants(metadata, task, build, builders, nowMillis, slowMillis).commands();
  }

  private static Command fail(TaskRecord task, String reason) {
    return new Command.FailTask(task.id(), task.attempt(), reason, false);
  }

  private static List<NodeRecord> builders(ClusterMetadata metadata) {
    return metadata.nodes().values().stream()
        .filter(node -> node.builds() && node.state() == NodeState.UP)
        .toList();
  }

  private static List<String> notChecked(ClusterBuild build, List<NodeRecord> builders) {
    return builders.stream()
        .filter(
            node ->
                !build.checks().containsKey(node.id())
                    || build.checks().get(node.id()).session() != node.session())
        .map(NodeRecord::id)
        .toList();
  }

  /** Every lease that is under way, to be watched. */
  static List<Renewal> renewals(ClusterMetadata metadata) {
    List<Renewal> all = new ArrayList<>();
    for (TaskRecord task : metadata.tasks().values()) {
      ClusterBuild build = task.build();
      if (task.state() == TaskState.BUILDING && build != null) {
        all.addAll(renewals(task, build));
      }
    }
    return all;
  }

  private static List<Renewal> renewals(TaskRecord task, ClusterBuild build) {
    List<Renewal> all = new ArrayList<>();
    for (int i = 0; i < build.splits().size(); i++) {
      for (WorkLease lease : build.splits().get(i).work().leases()) {
        all.add(new Renewal(task.id(), true, i, lease));
      }
    }
    for (int i = 0; i < build.shards().size(); i++) {
      for (WorkLease lease : build.shards().get(i).work().leases()) {
        all.add(new Renewal(task.id(), false, i, lease));
      }
    }
    return all;
  }

  /** Why, and how, the leases of one session of a node end. */
  private record Ending(String nodeId, long session, String reason, WorkOutcome outcome) {}

  private static List<Command> lostLeases(
      ClusterMetadata metadata,
      TaskRecord task,
      ClusterBuild build,
      ToLongFunction<Object> unchangedMillis) {
    Map<Ending, SortedSet<Integer>> splits = new LinkedHashMap<>();
    Map<Ending, SortedSet<Integer>> shards = new LinkedHashMap<>();
    for (Renewal renewal : renewals(task, build)) {
      Optional<Ending> ending = ending(metadata, renewal, unchangedMillis);
      if (ending.isPresent()) {
        (renewal.isSplit() ? splits : shards)
            .computeIfAbsent(ending.get(), e -> new TreeSet<>())
            .add(renewal.index());
      }
    }
    Set<Ending> endings = new LinkedHashSet<>(splits.keySet());
    endings.addAll(shards.keySet());
    List<Command> commands = new ArrayList<>();
    for (Ending ending : endings) {
      commands.add(
          new Command.FailWork(
              task.id(),
              task.attempt(),
              ending.nodeId(),
              ending.session(),
              splits.getOrDefault(ending, new TreeSet<>()),
              shards.getOrDefault(ending, new TreeSet<>()),
              ending.reason(),
              ending.outcome()));
    }
    return commands;
  }

  private static Optional<Ending> ending(
      ClusterMetadata metadata, Renewal renewal, ToLongFunction<Object> unchangedMillis) {
    WorkLease lease = renewal.lease();
    NodeRecord node = metadata.nodes().get(lease.nodeId());
    if (node == null || node.state() != NodeState.UP) {
      return Optional.of(ending(lease, "its builder is down", WorkOutcome.LOST));
    }
    if (node.session() != lease.session()) {
      return Optional.of(ending(lease, "its builder was restarted", WorkOutcome.LOST));
    }
    return unchangedMillis.applyAsLong(renewal) > LEASE_SILENCE_MILLIS
        ? Optional.of(
            ending(
                lease,
                "its builder has not told of it for " + LEASE_SILENCE_MILLIS / 1000 + " s",
                WorkOutcome.FAILED))
        : Optional.empty();
  }

  private static Ending ending(WorkLease lease, String reason, WorkOutcome outcome) {
    return new Ending(lease.nodeId(), lease.session(), reason, outcome);
  }

  /** Runs and files that only nodes have which have been away for long, by node. */
  private static List<Command> lostResults(
      ClusterMetadata metadata, TaskRecord task, ClusterBuild build, long nowMillis) {
    Map<String, SortedSet<Integer>> splits = new TreeMap<>();
    Map<String, SortedSet<Integer>> shards = new TreeMap<>();
    for (int i = 0; i < build.splits().size() && !build.isBuilt(); i++) {
      SplitRecord split = build.splits().get(i);
      WorkRecord work = split.work();
      if (work.state() == WorkState.DONE && isLeftOut(metadata, build, work.doneBy())) {
        splits.computeIfAbsent(work.doneBy(), n -> new TreeSet<>()).add(i);
      }
      noteAway(metadata, work, nowMillis, i, splits);
    }
    VersionRecord version = version(metadata, task);
    for (int i = 0; i < build.shards().size(); i++) {
      ShardWork shard = build.shards().get(i);
      FileManifest manifest = shard.manifest();
      boolean isLost =
          manifest != null
              && (version == null
                  || HandoverRules.isLostWithItsBuilder(metadata, version, i, manifest));
      if (isLost) {
        noteAway(metadata, shard.work(), nowMillis, i, shards);
      }
    }
    SortedSet<String> nodes = new TreeSet<>(splits.keySet());
    nodes.addAll(shards.keySet());
    List<Command> commands = new ArrayList<>();
    for (String node : nodes) {
      commands.add(
          new Command.LoseWork(
              task.id(),
              task.attempt(),
              node,
              splits.getOrDefault(node, new TreeSet<>()),
              shards.getOrDefault(node, new TreeSet<>()),
              isLeftOut(metadata, build, node)
                  ? "node " + node + ", which had it, does not see the inputs any more"
                  : "node " + node + ", which had it, has been away for long"));
    }
    return commands;
  }

  private static void noteAway(
      ClusterMetadata metadata,
      WorkRecord work,
      long nowMillis,
      int index,
      Map<String, SortedSet<Integer>> away) {
    if (work.state() == WorkState.DONE && isAway(metadata, work.doneBy(), nowMillis)) {
      away.computeIfAbsent(work.doneBy(), n -> new TreeSet<>()).add(index);
    }
  }

  /** A builder that came back and does not see the inputs does not open its runs either. */
  private static boolean isLeftOut(ClusterMetadata metadata, ClusterBuild build, String nodeId) {
    NodeRecord node = metadata.nodes().get(nodeId);
    BuilderCheck check = build.checks().get(nodeId);
    return node != null
        && node.state() == NodeState.UP
        && check != null
        && check.session() == node.session()
        && !check.mayBuild();
  }

  private static boolean isAway(ClusterMetadata metadata, String nodeId, long nowMillis) {
    NodeRecord node = metadata.nodes().get(nodeId);
    return node == null
        || !node.builds()
        || (node.state() != NodeState.UP && nowMillis - node.stateSinceMillis() > AWAY_MILLIS);
  }

  private static boolean isHeld(ClusterMetadata metadata, TaskRecord task, ClusterBuild build) {
    VersionRecord version = version(metadata, task);
    int needed = SectRules.sectsNeeded(metadata);
    for (int shard = 0; version != null && shard < build.shards().size(); shard++) {
      FileManifest manifest = build.shards().get(shard).manifest();
      if (manifest == null
          || SectRules.sectsHolding(metadata, version, shard, manifest).size() < needed) {
        return false;
      }
    }
    return version != null;
  }

  private static @Nullable VersionRecord version(ClusterMetadata metadata, TaskRecord task) {
    TableRecord table = metadata.tables().get(task.table());
    return table == null ? null : table.versions().get(task.version());
  }
}
