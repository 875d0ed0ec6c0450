package io.featurekv.node.control;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.DataCheck;
import io.featurekv.metadata.MergeRules;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.RetentionRules;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What the leader proposes next for tables, versions and tasks: pure functions of the metadata and
 * of how long things have been as they are. Each call returns commands that can all be proposed at
 * once.
 */
public final class LifecycleRules {
  /** A builder that has not reported for so long is taken for dead. It reports every 5 s. */
  public static final long BUILDER_SILENCE_MILLIS = 30_000;

  /** How long a load may be impossible on some node before the version fails for it. */
  public static final long LOAD_FAILURE_PATIENCE_MILLIS = 10_000;

  private LifecycleRules() {}

  /**
   * Whether a sect can answer every key of a version: each shard has a ready node there that is up.
   */
  public static boolean isComplete(ClusterMetadata metadata, VersionRecord version, String sect) {
    for (ShardRecord shard : version.shards()) {
      boolean ready = false;
      for (String nodeId : shard.ready()) {
        NodeRecord node = metadata.nodes().get(nodeId);
        ready |= node != null && node.sect().equals(sect) && node.state() == NodeState.UP;
      }
      if (!ready) {
        return false;
      }
    }
    return true;
  }

  /** Whether the sects that the table asks for are complete. */
  static boolean mayActivate(ClusterMetadata metadata, TableRecord table, VersionRecord version) {
    List<String> sects = Placement.sects(metadata);
    int complete = 0;
    boolean everyLiveSect = true;
    for (String sect : sects) {
      if (isComplete(metadata, version, sect)) {
        complete++;
      } else if (!hasNodeDown(metadata, sect)) {
        everyLiveSect = false;
      }
    }
    return switch (table.options().activateWhen()) {
      case ActivateWhen.Live live -> complete > 0 && everyLiveSect;
      case ActivateWhen.All all -> complete > 0 && complete == sects.size();
      case ActivateWhen.Sects wanted ->
          complete > 0 && complete >= Math.min(wanted.count(), sects.size());
    };
  }

  /** Whether nodes have looked into all that the table's gates ask for. */
  private static boolean isLookedInto(VersionRecord version) {
    DataCheck check = version.dataCheck();
    return check == null || check.isComplete();
  }

  private static boolean hasNodeDown(ClusterMetadata metadata, String sect) {
    return metadata.nodes().values().stream()
        .anyMatch(
            node -> node.serves() && node.sect().equals(sect) && node.state() != NodeState.UP);
  }

  /**
   * Steps that are due.
   *
   * @param nowMillis the leader's clock, for what is measured in hours and days
   * @param unchangedMillis how long the leader has seen a task or version record as it is, by its
   *     monotonic clock
   * @param evidence what the nodes have counted of a table's trial
   */
  public static List<Command> due(
      ClusterMetadata metadata,
      long nowMillis,
      ToLongFunction<Object> unchangedMillis,
      Function<TableRecord, CanaryEvidence> evidence) {
    List<Command> commands = new ArrayList<>();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        advance(metadata, table, version, unchangedMillis, commands);
        activate(metadata, table, version, evidence, unchangedMillis, commands)
            .ifPresent(commands::add);
        completeMerge(metadata, table, version, commands);
      }
      for (long surplus : RetentionRules.surplus(table, nowMillis)) {
        commands.add(new Command.DropVersion(table.name(), surplus, true));
      }
    }
    for (TaskRecord task : metadata.tasks().values()) {
      if (task.state() == TaskState.BUILDING
          && task.build() == null
          && unchangedMillis.applyAsLong(task) > BUILDER_SILENCE_MILLIS) {
        commands.add(
            new Command.FailTask(
                task.id(),
                task.attempt(),
                "its builder has not reported for "
                    + BUILDER_SILENCE_MILLIS / 1000
                    + " s; repeat the load with --operation-id "
                    + task.id()
                    + " to go on",
                false));
      }
    }
    return commands;
  }

  private static void advance(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      ToLongFunction<Object> unchangedMillis,
      List<Command> commands) {
    switch (version.state()) {
      case SEALED ->
          commands.add(
              new Command.AdvanceVersion(table.name(), version.number(), VersionState.LOADING));
      case LOADING -> {
        if (isSuperseded(table, version)) {
          commands.add(superseded(table, version));
        } else if (mayActivate(metadata, table, version) && isLookedInto(version)) {
          commands.add(
              new Command.AdvanceVersion(table.name(), version.number(), VersionState.READY));
        } else if (!version.loadFailures().isEmpty()
            && unchangedMillis.applyAsLong(version) > LOAD_FAILURE_PATIENCE_MILLIS) {
          commands.add(
              new Command.FailVersion(
                  table.name(), version.number(), describe(version.loadFailures())));
        }
      }
      case BUILDING, READY, ACTIVE, RETAINED, ROLLED_BACK, FAILED, DROPPED -> {}
    }
  }

  /** A version that is ready becomes active by itself where that was asked for. */
  private static Optional<Command> activate(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      Function<TableRecord, CanaryEvidence> evidence,
      ToLongFunction<Object> unchangedMillis,
      List<Command> decided) {
    if (version.state() != VersionState.READY || !version.activateWhenReady()) {
      return Optional.empty();
    }
    return isSuperseded(table, version)
        ? Optional.of(superseded(table, version))
        : CanaryRules.step(metadata, table, version, evidence, unchangedMillis, decided);
  }

  /** Merged files that everybody who had the chain has: from now on they take its place. */
  private static void completeMerge(
      ClusterMetadata metadata, TableRecord table, VersionRecord version, List<Command> commands) {
    SortedSet<Integer> shards = new TreeSet<>();
    for (int shard = 0; shard < version.shardCount(); shard++) {
      if (!version.shards().get(shard).isMergeComplete()
          && MergeRules.mayComplete(metadata, version, shard)) {
        shards.add(shard);
      }
    }
    if (!shards.isEmpty()) {
      commands.add(new Command.CompleteMerge(table.name(), version.number(), shards));
    }
  }

  /** Another version became active before this one could by itself. */
  private static boolean isSuperseded(TableRecord table, VersionRecord version) {
    return version.activateWhenReady() && table.isOvertaken(version);
  }

  private static Command superseded(TableRecord table, VersionRecord version) {
    return new Command.FailVersion(
        table.name(),
        version.number(),
        "superseded: version " + table.activeVersion() + " became active first");
  }

  private static String describe(java.util.SortedMap<String, String> failures) {
    StringBuilder text = new StringBuilder();
    failures.forEach(
        (node, why) ->
            text.append(text.isEmpty() ? "" : "; ").append(node).append(": ").append(why));
    return text.toString();
  }
}
