package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import io.featurekv.model.RowColumn;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A change of the metadata. Times, ids and random numbers come in with the command; applying one
 * reads no clock.
 */
public sealed interface Command {

  /** The first command of a cluster. */
  record FormCluster(String clusterId, int voterTarget) implements Command {}

  /**
   * A node says what it is, at each start. Begins a new session: whatever it had reported ready no
   * longer counts; what it holds stays until it reports otherwise.
   */
  record RegisterNode(
      String nodeId,
      int incarnation,
      String sect,
      Set<Duty> duties,
      String listen,
      String raftListen,
      String httpListen,
      int weight)
      implements Command {
    public RegisterNode {
      duties = Set.copyOf(duties);
    }
  }

  /** The leader noticed that a node went or came back. */
  record SetNodeState(String nodeId, NodeState state) implements Command {}

  /** The Raft configuration as it now stands: node ids. */
  record SetVoters(SortedSet<String> nodeIds) implements Command {
    public SetVoters {
      nodeIds = Collections.unmodifiableSortedSet(new TreeSet<>(nodeIds));
    }
  }

  /**
   * A new, empty table.
   *
   * @param columns of its rows; none: values are bytes
   */
  record CreateTable(String table, TableKind kind, TableOptions options, List<RowColumn> columns)
      implements Command {
    public CreateTable {
      columns = List.copyOf(columns);
    }

    /** Of a table whose values are bytes. */
    public CreateTable(String table, TableKind kind, TableOptions options) {
      this(table, kind, options, List.of());
    }
  }

  /**
   * Other options for a table; the shard count counts from the next full version.
   *
   * @param columns all columns that there are to be, see {@link
   *     io.featurekv.model.RowSchema#evolve}, which refuses with CONFLICT; none: those that there
   *     are. A table with values that are no rows gets no columns: CONFLICT too
   */
  record AlterTable(String table, TableOptions options, List<RowColumn> columns)
      implements Command {
    public AlterTable {
      columns = List.copyOf(columns);
    }

    /** Of the options alone. */
    public AlterTable(String table, TableOptions options) {
      this(table, options, List.of());
    }
  }

  /** Forgets a table, its versions and its tasks. The numbers of its versions stay used. */
  record DropTable(String table) implements Command {}

  /**
   * Begins a task, or another attempt of one that failed or was interrupted. A finished task with
   * the same digest is answered with its version; another digest is refused with INVALID_ARGUMENT.
   * An increment without an active version is NOT_FOUND. The reply's version is the task's.
   *
   * <p>A task on the cluster that is being built is answered likewise and goes on as it is; one
   * that failed goes on from the splits that were read.
   *
   * @param ignoredGates gates that are not asked of the version; those of the last attempt count
   * @param canary which sect the version goes to first; null: to all at once; that of the last
   *     attempt counts
   * @param verifyFull whether nodes sum up every entry of a file before they are ready with it
   * @param onCluster whether the builders of the cluster build it
   * @param plan how, on the cluster; null where the task has a plan already
   */
  record BeginTask(
      String taskId,
      String table,
      UpdateMode mode,
      String inputs,
      String inputsDigest,
      boolean activateWhenReady,
      Set<Gate> ignoredGates,
      @Nullable CanaryPlan canary,
      boolean verifyFull,
      boolean onCluster,
      @Nullable BuildPlan plan)
      implements Command {
    public BeginTask {
      ignoredGates = Set.copyOf(ignoredGates);
    }

    /** Built by whoever begins it, replicas proved by their digests. */
    public BeginTask(
        String taskId,
        String table,
        UpdateMode mode,
        String inputs,
        String inputsDigest,
        boolean activateWhenReady,
        Set<Gate> ignoredGates,
        @Nullable CanaryPlan canary) {
      this(
          taskId,
          table,
          mode,
          inputs,
          inputsDigest,
          activateWhenReady,
          ignoredGates,
          canary,
          false,
          false,
          null);
    }

    /** The same, activated in all sects at once. */
    public BeginTask(
        String taskId,
        String table,
        UpdateMode mode,
        String inputs,
        String inputsDigest,
        boolean activateWhenReady,
        Set<Gate> ignoredGates) {
      this(taskId, table, mode, inputs, inputsDigest, activateWhenReady, ignoredGates, null);
    }

    /** The same, with every gate asked. */
    public BeginTask(
        String taskId,
        String table,
        UpdateMode mode,
        String inputs,
        String inputsDigest,
        boolean activateWhenReady) {
      this(taskId, table, mode, inputs, inputsDigest, activateWhenReady, Set.of());
    }
  }

  /**
   * A sign of life of the builder; refused with CONFLICT when the attempt is no longer the task's,
   * so that a builder stops.
   *
   * @param figures how far the stage is
   */
  record ReportProgress(
      String taskId, int attempt, String stage, StageFigures figures, TaskCounts counts)
      implements Command {}

  /**
   * All files are built and held by nodes: one manifest per shard. Needs a holder with that very
   * digest for each shard, in two sects where two have serving nodes that are up. An incremental
   * version gets the table's active version as its parent here, which must have as many shards.
   * Refused with CONFLICT where a file does not have what its proof says, or the counts do not add
   * up. Takes effect too where a gate is shut: the version and its task are FAILED then, with the
   * reason.
   *
   * @param proofs one per shard
   */
  record SealVersion(
      String taskId,
      int attempt,
      List<FileManifest> manifests,
      TaskCounts counts,
      List<ShardProof> proofs)
      implements Command {
    public SealVersion {
      manifests = List.copyOf(manifests);
      proofs = List.copyOf(proofs);
    }
  }

  /** What a builder finds of the inputs of a task on the cluster, once in each of its sessions. */
  record CheckInputs(String taskId, int attempt, BuilderCheck check) implements Command {}

  /**
   * The leader gives work to a builder: splits, or shards once every split is done. All of it or
   * none; a unit may have a second lease, on another node.
   */
  record LeaseWork(
      String taskId,
      int attempt,
      String nodeId,
      long session,
      SortedSet<Integer> splits,
      SortedSet<Integer> shards)
      implements Command {
    public LeaseWork {
      splits = Collections.unmodifiableSortedSet(new TreeSet<>(splits));
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /** A builder renews its leases and tells how far each is; leases it has not are passed over. */
  record ReportWork(
      String taskId,
      int attempt,
      String nodeId,
      long session,
      SortedMap<Integer, Long> splits,
      SortedMap<Integer, Long> shards)
      implements Command {
    public ReportWork {
      splits = Collections.unmodifiableSortedMap(new TreeMap<>(splits));
      shards = Collections.unmodifiableSortedMap(new TreeMap<>(shards));
    }
  }

  /**
   * A builder has read a split and has its runs. The first of two counts: refused with CONFLICT
   * when another builder ended it before, or the lease is lost.
   *
   * @param rejected the first rows refused
   */
  record FinishSplit(
      String taskId,
      int attempt,
      String nodeId,
      long session,
      int split,
      SplitFigures figures,
      ShardTallies tallies,
      List<TaskReject> rejected)
      implements Command {
    public FinishSplit {
      rejected = List.copyOf(rejected);
    }
  }

  /**
   * A builder has built the file of a shard and read it back. The first of two counts; refused with
   * CONFLICT too where the file does not have what was parsed for the shard.
   *
   * @param rejected the first rows refused because their key came twice
   */
  record FinishShard(
      String taskId,
      int attempt,
      String nodeId,
      long session,
      int shard,
      FileManifest manifest,
      ShardFigures figures,
      List<TaskReject> rejected)
      implements Command {
    public FinishShard {
      rejected = List.copyOf(rejected);
    }
  }

  /**
   * Leases of a builder end without a result: said by itself, or by the leader when it is gone or
   * silent. The task fails with the reason when a unit has failed too often, or is hopeless.
   */
  record FailWork(
      String taskId,
      int attempt,
      String nodeId,
      long session,
      SortedSet<Integer> splits,
      SortedSet<Integer> shards,
      String reason,
      WorkOutcome outcome)
      implements Command {
    public FailWork {
      splits = Collections.unmodifiableSortedSet(new TreeSet<>(splits));
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /** What a node had done, runs of splits and files of shards, is gone and has to be done again. */
  record LoseWork(
      String taskId,
      int attempt,
      String nodeId,
      SortedSet<Integer> splits,
      SortedSet<Integer> shards,
      String reason)
      implements Command {
    public LoseWork {
      splits = Collections.unmodifiableSortedSet(new TreeSet<>(splits));
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /**
   * Every shard of a task on the cluster is built and held: {@link SealVersion} with what the
   * builders have told. What no waiting would change fails the task.
   */
  record SealBuild(String taskId, int attempt) implements Command {}

  /** Ends a task without a version; {@code cancelled} when a person did. */
  record FailTask(String taskId, int attempt, String reason, boolean cancelled)
      implements Command {}

  /**
   * A node has verified files on disk: digest (hex) by shard.
   *
   * @param attempt of the task that builds or built the version, which the node held them for; a
   *     report of another than the present one is refused, for the node may have given its files up
   *     since. Any where that task is no longer known
   */
  record ReportHeld(
      String nodeId,
      long session,
      String table,
      long version,
      int attempt,
      SortedMap<Integer, String> digests)
      implements Command {
    public ReportHeld {
      digests = Collections.unmodifiableSortedMap(new TreeMap<>(digests));
    }
  }

  /** A node no longer has these files (and so is not ready with them). */
  record ReportDropped(
      String nodeId, long session, String table, long version, SortedSet<Integer> shards)
      implements Command {
    public ReportDropped {
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /** A node has the whole chain of these shards open and answered a probe. */
  record ReportReady(
      String nodeId, long session, String table, long version, SortedSet<Integer> shards)
      implements Command {
    public ReportReady {
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /**
   * What a node found when it looked into shards of a version that is not ready yet; where another
   * node was first, its word counts.
   */
  record ReportFindings(
      String nodeId,
      long session,
      String table,
      long version,
      SortedMap<Integer, ShardFindings> findings)
      implements Command {
    public ReportFindings {
      findings = Collections.unmodifiableSortedMap(new TreeMap<>(findings));
    }
  }

  /** A node cannot load a version, and why; an empty reason takes it back. */
  record ReportLoadFailure(String nodeId, long session, String table, long version, String reason)
      implements Command {}

  /**
   * A node has merged the chain of a shard of a kept incremental version into one full file, which
   * it holds. The first registration decides what the file must be; another one is refused with
   * CONFLICT, unless nobody holds the first any more.
   */
  record RegisterMerged(
      String nodeId, long session, String table, long version, int shard, FileManifest manifest)
      implements Command {}

  /** A node has verified merged files on disk: digest (hex) by shard. */
  record ReportMergedHeld(
      String nodeId, long session, String table, long version, SortedMap<Integer, String> digests)
      implements Command {
    public ReportMergedHeld {
      digests = Collections.unmodifiableSortedMap(new TreeMap<>(digests));
    }
  }

  /** A node no longer has these merged files, and is not ready with these shards. */
  record ReportMergedDropped(
      String nodeId, long session, String table, long version, SortedSet<Integer> shards)
      implements Command {
    public ReportMergedDropped {
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /**
   * The merged files of these shards stand in for the version's own files and for its ancestors
   * from now on; refused with CONFLICT unless {@link MergeRules#mayComplete} each.
   */
  record CompleteMerge(String table, long version, SortedSet<Integer> shards) implements Command {
    public CompleteMerge {
      shards = Collections.unmodifiableSortedSet(new TreeSet<>(shards));
    }
  }

  /**
   * SEALED to LOADING to READY, as the leader sees the sects become complete. To READY only once
   * nodes have looked into all that the table's gates ask for, and then takes effect too where what
   * they found shuts one: the version and its task are FAILED then, with the reason.
   */
  record AdvanceVersion(String table, long version, VersionState to) implements Command {}

  /**
   * Makes a READY, RETAINED or ROLLED_BACK version the active one; the one before becomes RETAINED.
   *
   * @param onlyIfReady that nobody has asked for it now: refused with CONFLICT where the version is
   *     not READY, or another one became active first, so that what a person decided meanwhile
   *     stands
   * @param tried with {@code onlyIfReady}, that the version's trial has gone well: else one that is
   *     on trial is refused with CONFLICT, whatever was decided before the trial
   */
  record ActivateVersion(String table, long version, boolean onlyIfReady, boolean tried)
      implements Command {
    /** Not after a trial. */
    public ActivateVersion(String table, long version, boolean onlyIfReady) {
      this(table, version, onlyIfReady, false);
    }

    /** As a person asks for it, whatever was decided before. */
    public ActivateVersion(String table, long version) {
      this(table, version, false);
    }
  }

  /**
   * A READY version that is to be a canary is from now on what reads in the sect of its plan see;
   * needs all of its shards ready there. Any activation and any rollback ends the trial. Refused
   * with CONFLICT while {@link Canary#MAX_AT_A_TIME} tables have one.
   */
  record StartCanary(String table, long version) implements Command {}

  /**
   * The canary did badly: it becomes ROLLED_BACK for this reason, and its task FAILED. Does nothing
   * where the version is no canary any more.
   *
   * @param counts what it is judged by; the task keeps them
   */
  record EndCanary(String table, long version, String reason, CanaryCounts counts)
      implements Command {}

  /**
   * What the leader has heard of the reads of a canary. Does nothing where the version is no canary
   * any more.
   */
  record ReportCanary(String table, long version, CanaryCounts counts) implements Command {}

  /**
   * Goes back to a kept version ({@code to} 0: the newest retained one below the active); the one
   * before becomes ROLLED_BACK. Where a canary is on trial, {@code to} 0 means the active one: only
   * the trial ends.
   */
  record Rollback(String table, long to) implements Command {}

  /**
   * A version that is not active and on which no kept version builds is no longer kept.
   *
   * @param onlyIfSurplus that nobody has asked for it now: refused with CONFLICT unless {@link
   *     RetentionRules#surplus} has it, so that what a person decided meanwhile stands
   */
  record DropVersion(String table, long version, boolean onlyIfSurplus) implements Command {
    /** As a person asks for it. */
    public DropVersion(String table, long version) {
      this(table, version, false);
    }
  }

  /** A version that cannot be completed. */
  record FailVersion(String table, long version, String reason) implements Command {}

  /** The metadata format rises; proposed once every voter supports it. */
  record RaiseFormat(int formatVersion) implements Command {}

  /** Gives a register a value, whatever it had. */
  record WriteRegister(long key, long value) implements Command {}

  /**
   * Gives a register the value {@code to} if it has {@code from}. Refused with NOT_FOUND when it
   * was never written, with CONFLICT when it has another value.
   */
  record CompareAndSetRegister(long key, long from, long to) implements Command {}
}
