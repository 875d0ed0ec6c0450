package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.BuildSpec;
import io.featurekv.loader.ShardBuild;
import io.featurekv.loader.ShardOutcome;
import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.GateRules;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.ShardProof;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.storage.SealedShardFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one batch write in this process against a cluster. */
public final class LoadRunner {
  private static final String TRIAL_STAGE = "canary";

  private static final int MAX_SEAL_ROUNDS = 4;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final Logger LOG = LoggerFactory.getLogger(LoadRunner.class);

  private final ClusterAdmin admin;
  private final LoadRequest request;
  private final BuildProgress progress;
  private final long startNanos = System.nanoTime();

  private LoadRunner(ClusterAdmin admin, LoadRequest request, BuildProgress progress) {
    this.admin = admin;
    this.request = request;
    this.progress = progress;
  }

  /**
   * Begins (or goes on with) the task, builds, ships, seals, waits. Stages "read", "build", "ship",
   * "load" and, while the version is on trial, "canary" (in milliseconds).
   *
   * @return the report of a load whose version is served (ACTIVE) or complete and waiting (READY)
   * @throws FeatureKvException with the reason; the task is FAILED then, unless the cluster cannot
   *     be reached
   */
  public static LoadReport run(ClusterAdmin admin, LoadRequest request, BuildProgress progress) {
    return new LoadRunner(admin, request, progress).run();
  }

  private LoadReport run() {
    String taskId =
        request.operationId().isEmpty()
            ? OperationIds.next(System.currentTimeMillis())
            : request.operationId();
    BuildPlan plan =
        request.onCluster() ? ClusterLoad.plan(admin.read().metadata(), request) : null;
    CommandResult begun =
        admin.propose(
            new Command.BeginTask(
                taskId,
                request.table(),
                request.mode(),
                request.words(),
                inputsDigest(),
                request.activate(),
                request.allIgnoredGates(),
                request.canary(),
                request.verifyFull(),
                request.onCluster(),
                plan));
    ClusterMetadata metadata;
    try {
      metadata = admin.await(now -> now.index() >= begun.index(), request.patience());
    } catch (FeatureKvException e) {
      throw abandoned(taskId, begun.attempt(), e);
    }
    TaskRecord task = taskOf(metadata, taskId);
    if (task.build() != null) {
      return follow(task);
    }
    if (task.state() == TaskState.BUILDING) {
      BuildResult built = buildAndShip(metadata, task);
      return awaitServed(task, built.stages(), built.firstRejected());
    }
    LOG.info("task {} is {} already; nothing is built again", taskId, task.state());
    return awaitServed(task, List.of(), List.of());
  }

  /**
   * Lets the builders of the cluster go on with a task of theirs that failed, without a look at its
   * inputs from here, and waits as {@link #run}.
   *
   * @throws FeatureKvException CONFLICT for a task that was built elsewhere
   */
  public static LoadReport retry(
      ClusterAdmin admin, TaskRecord task, Duration patience, BuildProgress progress) {
    return new LoadRunner(admin, ClusterLoad.request(task, patience), progress).retry(task);
  }

  private LoadReport retry(TaskRecord task) {
    CommandResult begun = admin.propose(ClusterLoad.again(admin.read().metadata(), task));
    ClusterMetadata metadata = admin.await(now -> now.index() >= begun.index(), request.patience());
    return follow(taskOf(metadata, task.id()));
  }

  private LoadReport follow(TaskRecord begun) {
    TaskRecord task = ClusterLoad.follow(admin, begun, request.patience(), progress);
    return awaitServed(task, ClusterLoad.stages(task), ClusterLoad.firstRejected(task));
  }

  /**
   * Everything that decides the entries of this load, so that the same operation id with anything
   * else is refused. Which gates it asks, that of empty versions among them, is no part of it.
   */
  private String inputsDigest() {
    String rules =
        request.table()
            + '|'
            + request.mode()
            + '|'
            + request.lastDuplicateWins()
            + '|'
            + ShardBuild.inputsDigest(
                request.onCluster() ? request.input().absolute() : request.input());
    var sha256 = io.featurekv.model.Digest.sha256();
    return java.util.HexFormat.of()
        .formatHex(sha256.digest(rules.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  private static TaskRecord taskOf(ClusterMetadata metadata, String taskId) {
    TaskRecord task = metadata.tasks().get(taskId);
    if (task == null) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, "task " + taskId + " is gone: its table was dropped");
    }
    return task;
  }

  private BuildResult buildAndShip(ClusterMetadata metadata, TaskRecord task) {
    TaskReporter reporter = new TaskReporter(admin, task, metadata.index(), progress);
    try (LoadDirectory directory =
        LoadDirectory.open(request.tempDirectory(), task.id(), isResumable())) {
      reporter.start();
      try {
        BuildResult built = ShardBuild.run(buildSpec(metadata, task, directory.path()), reporter);
        checkGates(task, built);
        long shipStartNanos = System.nanoTime();
        shipAndSeal(task, built, reporter);
        return withStage(built, "ship", shipStartNanos);
      } catch (FeatureKvException e) {
        if (isResumable() && mayGoOn(e)) {
          directory.keep();
        }
        throw e;
      }
    } catch (FeatureKvException e) {
      FeatureKvException error = reporter.refusal().orElseGet(() -> interrupted(e));
      if (reporter.refusal().isEmpty()) {
        reporter.flush();
      }
      failTask(task, error);
      throw error;
    } finally {
      reporter.close();
    }
  }

  /** What ended a build: nobody wants it any more, if that is so. */
  private FeatureKvException interrupted(FeatureKvException error) {
    return progress.isCancelled()
        ? new FeatureKvException(ErrorCode.TRY_AGAIN, "the load was interrupted", error)
        : error;
  }

  /** What ended the wait for a task that was begun, which is FAILED then if nobody wants it. */
  private FeatureKvException abandoned(String taskId, int attempt, FeatureKvException error) {
    if (!progress.isCancelled() || request.onCluster()) {
      return error;
    }
    FeatureKvException why = interrupted(error);
    try {
      TaskRecord task = admin.read().metadata().tasks().get(taskId);
      // One that was sealed before goes on.
      if (task != null && task.attempt() == attempt && task.state() == TaskState.BUILDING) {
        failTask(task, why);
      }
    } catch (FeatureKvException e) {
      LOG.warn("task {} stays as it is: {}", taskId, e.getMessage());
    }
    return why;
  }

  /** Whoever names the operation may name it again. */
  private boolean isResumable() {
    return !request.operationId().isEmpty();
  }

  /** Whether the same load could come further than it did. */
  private static boolean mayGoOn(FeatureKvException failure) {
    return switch (failure.code()) {
      case CONFLICT, INVALID_ARGUMENT, CORRUPT, TOO_LARGE, NOT_FOUND -> false;
      default -> true;
    };
  }

  /** What sealing would refuse need not be shipped. */
  private void checkGates(TaskRecord task, BuildResult built) {
    TableRecord table = admin.lastSeen().tables().get(task.table());
    List<FileManifest> files = built.files().stream().map(SealedShardFile::manifest).toList();
    GateRules.Candidate candidate = GateRules.Candidate.of(task.mode(), files, counts(built));
    List<GateRules.Refusal> refusals =
        table == null ? List.of() : GateRules.refusals(table, candidate, request.allIgnoredGates());
    if (!refusals.isEmpty()) {
      throw new FeatureKvException(ErrorCode.CONFLICT, GateRules.text(refusals));
    }
  }

  /**
   * Ships and seals. Which nodes must hold the files may change while they are under way, a sect
   * coming up for one; sealing is refused then, and what has become due is shipped too.
   */
  private void shipAndSeal(TaskRecord task, BuildResult built, TaskReporter reporter) {
    for (int round = 1; ; round++) {
      Shipments.ship(admin, task, built.files(), reporter);
      reporter.flush();
      try {
        seal(task, built);
        return;
      } catch (FeatureKvException e) {
        if (e.code() != ErrorCode.CONFLICT || round == MAX_SEAL_ROUNDS || reporter.isCancelled()) {
          throw e;
        }
        LOG.warn("{}; shipping what is due now", e.getMessage());
      }
    }
  }

  private BuildSpec buildSpec(ClusterMetadata metadata, TaskRecord task, Path directory) {
    TableRecord table = metadata.tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    if (table == null || version == null) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, "version " + task.version() + " of " + task.table() + " is gone");
    }
    return new BuildSpec(
        table.name(),
        table.kind(),
        task.version(),
        version.shardCount(),
        task.mode(),
        table.options().maxValueBytes(),
        table.options().blockEntries(),
        table.options().entryTtlMillis(),
        request.inputFor(table.options()),
        request.lastDuplicateWins(),
        request.maxRejected(),
        request.maxRejectedIsPercent(),
        request.rejectsFile(),
        request.allowEmpty(),
        request.memoryBytes(),
        directory,
        isResumable(),
        table.schema());
  }

  private BuildResult withStage(BuildResult built, String name, long stageStartNanos) {
    List<BuildResult.Stage> stages = new ArrayList<>(built.stages());
    stages.add(new BuildResult.Stage(name, secondsSince(stageStartNanos), built.entries()));
    return new BuildResult(
        built.files(),
        built.rows(),
        built.entries(),
        built.rejected(),
        built.duplicates(),
        built.deleted(),
        built.bytes(),
        built.shards(),
        stages,
        built.firstRejected());
  }

  private void seal(TaskRecord task, BuildResult built) {
    admin.propose(
        new Command.SealVersion(
            task.id(),
            task.attempt(),
            built.files().stream().map(SealedShardFile::manifest).toList(),
            counts(built),
            built.shards().stream().map(LoadRunner::proof).toList()));
  }

  private static ShardProof proof(ShardOutcome shard) {
    return new ShardProof(
        shard.parsedRows(), shard.parsedSum(), shard.droppedRows(), shard.droppedSum());
  }

  static TaskCounts counts(BuildResult built) {
    return new TaskCounts(
        built.rows(),
        built.entries(),
        built.rejected(),
        built.duplicates(),
        built.deleted(),
        built.files().stream().mapToLong(file -> file.manifest().lengthBytes()).sum());
  }

  private void failTask(TaskRecord task, FeatureKvException error) {
    // An interruption ended the load; telling of that is not to be ended by it.
    boolean wasInterrupted = Thread.interrupted();
    try {
      String reason = String.valueOf(error.getMessage());
      admin.propose(
          new Command.FailTask(
              task.id(),
              task.attempt(),
              reason.length() > 2_000 ? reason.substring(0, 2_000) : reason,
              false));
    } catch (FeatureKvException e) {
      LOG.warn("the task could not be marked as failed: {}", e.getMessage());
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private LoadReport awaitServed(
      TaskRecord task,
      List<BuildResult.Stage> builtIn,
      List<BuildResult.RejectedRow> firstRejected) {
    long loadStartNanos = System.nanoTime();
    progress.update("load", 0, -1);
    ClusterMetadata metadata;
    try {
      metadata =
          admin.await(
              now -> {
                TaskRecord at = now.tasks().get(task.id());
                tellOfTrial(now.tables().get(task.table()), task);
                return at == null || at.state().isFinal();
              },
              request.wholePatience());
    } catch (FeatureKvException e) {
      throw e.code() != ErrorCode.DEADLINE
          ? e
          : new FeatureKvException(
              ErrorCode.DEADLINE,
              "version "
                  + task.version()
                  + " of "
                  + task.table()
                  + " is sealed but not served yet after "
                  + request.wholePatience().toSeconds()
                  + " s; it goes on by itself, see featurekv status and task show "
                  + task.id(),
              e);
    }
    TaskRecord done = taskOf(metadata, task.id());
    if (done.state() != TaskState.ACTIVE && done.state() != TaskState.READY) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "version "
              + done.version()
              + " of "
              + done.table()
              + " "
              + done.state()
              + ": "
              + done.reason());
    }
    List<BuildResult.Stage> stages = new ArrayList<>(builtIn);
    stages.add(
        new BuildResult.Stage("load", secondsSince(loadStartNanos), done.counts().entries()));
    return new LoadReport(
        done.id(),
        done.table(),
        done.version(),
        done.state().name(),
        done.counts().entries(),
        done.counts().rejected(),
        done.counts().duplicates(),
        done.counts().deleted(),
        done.counts().bytes(),
        secondsSince(startNanos),
        stages,
        firstRejected,
        "",
        done.canary() == null ? null : done.canary().shown());
  }

  private void tellOfTrial(@Nullable TableRecord table, TaskRecord task) {
    Canary canary = table == null ? null : table.canary();
    if (canary != null && canary.version() == task.version()) {
      long nowMillis = System.currentTimeMillis();
      long bakedMillis = Math.clamp(nowMillis - canary.sinceMillis(), 0, canary.bakeMillis());
      progress.update(TRIAL_STAGE, bakedMillis, canary.bakeMillis());
      progress.note(canary.text(nowMillis));
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / NANOS_PER_SECOND;
  }
}
