package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.InputSpec;
import io.featurekv.loader.SharedPlan;
import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskStage;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import io.featurekv.node.build.BuildPlans;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A load that the builders of the cluster do, as whoever asked for it sees it. */
final class ClusterLoad {
  /** Units that a builder is expected to work on at once when the inputs are divided. */
  private static final int EXPECTED_SLOTS = 4;

  private static final Duration LOOK = Duration.ofMillis(500);

  private ClusterLoad() {}

  /**
   * How the inputs are divided, as they are seen from here.
   *
   * @throws FeatureKvException INVALID_ARGUMENT for inputs that are not there or that other
   *     machines cannot read, UNAVAILABLE where no builder is up
   */
  static BuildPlan plan(ClusterMetadata metadata, LoadRequest request) {
    TableRecord table = metadata.tables().get(request.table());
    if (table == null) {
      throw new FeatureKvException(
          ErrorCode.NOT_FOUND, "table " + request.table() + " does not exist");
    }
    long builders =
        metadata.nodes().values().stream()
            .filter(node -> node.builds() && node.state() == NodeState.UP)
            .count();
    if (builders == 0) {
      throw new FeatureKvException(
          ErrorCode.UNAVAILABLE,
          "no node with the duty build is up; there are "
              + metadata.nodes().values().stream().map(NodeRecord::id).toList());
    }
    InputSpec input = request.inputFor(table.options()).absolute();
    SharedPlan plan =
        SharedPlan.forWorkers(
            table.name(),
            input,
            table.schema(),
            table.options().maxValueBytes(),
            Math.toIntExact(builders) * EXPECTED_SLOTS,
            BuildPlan.MAX_SPLITS);
    return BuildPlans.buildPlan(
        BuildPlans.taskInputs(
            input,
            request.lastDuplicateWins(),
            request.maxRejected(),
            request.maxRejectedIsPercent(),
            request.allowEmpty()),
        plan);
  }

  /** What asks for a task of the cluster once more. */
  static LoadRequest request(TaskRecord task, Duration patience) {
    ClusterBuild build = buildOf(task);
    return new LoadRequest(
        task.table(),
        BuildPlans.inputSpec(build.inputs()),
        task.inputs(),
        task.mode(),
        build.inputs().lastDuplicateWins(),
        build.inputs().maxRejected(),
        build.inputs().maxRejectedIsPercent(),
        null,
        build.inputs().allowEmpty(),
        true,
        Set.copyOf(task.ignoredGates()),
        task.id(),
        0,
        Path.of(""),
        patience,
        true,
        false,
        task.canary());
  }

  /** The command that begins it again, by the plan that it has. */
  static Command again(ClusterMetadata metadata, TaskRecord task) {
    TableRecord table = metadata.tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    if (version == null) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "version "
              + task.version()
              + " of "
              + task.table()
              + ", which task "
              + task.id()
              + " was to build, is gone");
    }
    return new Command.BeginTask(
        task.id(),
        task.table(),
        task.mode(),
        task.inputs(),
        task.inputsDigest(),
        version.activateWhenReady(),
        task.ignoredGates(),
        task.canary(),
        version.verifyFull(),
        true,
        null);
  }

  private static ClusterBuild buildOf(TaskRecord task) {
    ClusterBuild build = task.build();
    if (build == null) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, "task " + task.id() + " was not built by the cluster");
    }
    return build;
  }

  /**
   * Waits until the build is over, however it ends, and tells of its progress.
   *
   * @param patience how long the cluster may be silent
   * @throws FeatureKvException TRY_AGAIN when the watcher goes; the build goes on then
   */
  static TaskRecord follow(
      ClusterAdmin admin, TaskRecord begun, Duration patience, BuildProgress progress) {
    TaskRecord task = begun;
    long heardNanos = System.nanoTime();
    long index = admin.lastSeen().index();
    while (task.state() == TaskState.BUILDING) {
      tell(task, progress);
      if (progress.isCancelled()) {
        throw new FeatureKvException(
            ErrorCode.TRY_AGAIN,
            "the builders go on with task "
                + task.id()
                + "; see featurekv task show, or end it with featurekv task cancel");
      }
      ClusterMetadata metadata = newerThan(admin, index);
      if (metadata.index() > index) {
        heardNanos = System.nanoTime();
        index = metadata.index();
      } else if (System.nanoTime() - heardNanos > patience.toNanos()) {
        throw new FeatureKvException(
            ErrorCode.DEADLINE,
            "nothing was heard of task " + task.id() + " for " + patience.toSeconds() + " s");
      }
      task = taskOf(metadata, task.id());
    }
    return task;
  }

  private static ClusterMetadata newerThan(ClusterAdmin admin, long index) {
    try {
      return admin.await(now -> now.index() > index, LOOK);
    } catch (FeatureKvException e) {
      if (e.code() != ErrorCode.DEADLINE && e.code() != ErrorCode.UNAVAILABLE) {
        throw e;
      }
      return admin.lastSeen();
    }
  }

  private static TaskRecord taskOf(ClusterMetadata metadata, String taskId) {
    TaskRecord task = metadata.tasks().get(taskId);
    if (task == null) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT, "task " + taskId + " is gone: its table was dropped");
    }
    return task;
  }

  private static void tell(TaskRecord task, BuildProgress progress) {
    if (task.stages().isEmpty()) {
      return;
    }
    TaskStage stage = task.stages().getLast();
    progress.update(stage.name(), stage.figures().entries(), stage.figures().entriesTotal());
    progress.bytes(stage.figures().bytes(), stage.figures().bytesTotal());
  }

  /** The stages of a build that is over, by the leader's clock. */
  static List<BuildResult.Stage> stages(TaskRecord task) {
    List<BuildResult.Stage> stages = new ArrayList<>();
    for (int i = 0; i < task.stages().size(); i++) {
      TaskStage stage = task.stages().get(i);
      long end =
          i + 1 < task.stages().size()
              ? task.stages().get(i + 1).beganAtMillis()
              : stage.updatedAtMillis();
      boolean isBuilding = !stage.name().equals("load") && !stage.name().equals("gates");
      if (isBuilding) {
        stages.add(
            new BuildResult.Stage(
                stage.name(), (end - stage.beganAtMillis()) / 1e3, task.counts().entries()));
      }
    }
    return stages;
  }

  static List<BuildResult.RejectedRow> firstRejected(TaskRecord task) {
    return buildOf(task).firstRejected().stream()
        .map(row -> new BuildResult.RejectedRow(row.source(), row.row(), row.reason()))
        .toList();
  }
}
