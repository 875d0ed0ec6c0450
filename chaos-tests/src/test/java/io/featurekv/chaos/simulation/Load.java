package io.featurekv.chaos.simulation;

import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.ShardProof;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.ShipmentPlan;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process that loads a version: begins its task, builds, ships, seals, or dies on the way. */
final class Load {
  private static final int MAX_SEAL_ROUNDS = 4;
  private static final int MAX_PROPOSALS = 4;
  private static final long REPORT_MILLIS = 5_000;

  private final World world;
  private final String table;
  private final UpdateMode mode;
  private final String taskId;
  private final boolean activates;
  private final @Nullable CanaryPlan canary;
  private final boolean buildsAlike;
  private final List<FileContent> files = new ArrayList<>();
  private long version;
  private int attempt;
  private int sealRounds;
  private boolean isOver;

  Load(
      World world,
      String table,
      UpdateMode mode,
      String taskId,
      boolean activates,
      @Nullable CanaryPlan canary) {
    this.world = world;
    this.table = table;
    this.mode = mode;
    this.taskId = taskId;
    this.activates = activates;
    this.canary = canary;
    this.buildsAlike = world.chance.oneIn(2);
  }

  /** Begins, or goes on with the task of an earlier process. */
  void begin() {
    propose(
        new Command.BeginTask(
            taskId, table, mode, "words", "digest", activates, Set.<Gate>of(), canary),
        1,
        result -> {
          version = result.version();
          attempt = result.attempt();
          world.time.after(world.chance.between(10, 3_000), this::build);
        });
  }

  private void propose(Command command, int number, Consumer<CommandResult> onDone) {
    if (isOver) {
      return;
    }
    if (world.isStruck(40)) {
      world.fired(Fault.LOADER_KILLED);
      isOver = true;
    }
    CommandEnvelope envelope = world.envelope(command, world.time.millis());
    propose(envelope, number, onDone);
  }

  private void propose(CommandEnvelope envelope, int number, Consumer<CommandResult> onDone) {
    world.group.propose(
        envelope,
        VoterGroup.Origin.CLIENT,
        result -> {
          if (isOver) {
            return;
          }
          boolean mayPass = result == null || result.error() == ErrorCode.TRY_AGAIN;
          if (mayPass && number < MAX_PROPOSALS) {
            world.time.after(1_000, () -> propose(envelope, number + 1, onDone));
          } else if (result == null || result.error() != null) {
            refused(envelope.command(), result);
          } else {
            onDone.accept(result);
          }
        });
  }

  private void refused(Command command, @Nullable CommandResult result) {
    boolean maySealLater =
        command instanceof Command.SealVersion
            && result != null
            && result.error() == ErrorCode.CONFLICT
            && ++sealRounds < MAX_SEAL_ROUNDS;
    if (maySealLater) {
      world.time.after(500, this::ship);
    } else if (command instanceof Command.BeginTask || command instanceof Command.FailTask) {
      isOver = true;
    } else {
      fail("refused");
    }
  }

  private void fail(String why) {
    propose(new Command.FailTask(taskId, attempt, why, false), 1, _ -> isOver = true);
  }

  private void build() {
    if (isOver) {
      return;
    }
    ClusterMetadata metadata = world.group.newest();
    TaskRecord task = metadata.tasks().get(taskId);
    TableRecord record = metadata.tables().get(table);
    VersionRecord begun = record == null ? null : record.versions().get(version);
    if (task == null
        || record == null
        || begun == null
        || task.state() != TaskState.BUILDING
        || task.attempt() != attempt) {
      isOver = true;
      return;
    }
    files.clear();
    for (int shard = 0; shard < begun.shardCount(); shard++) {
      FileContent file =
          FileContent.built(
              table,
              record.id(),
              version,
              buildsAlike ? 0 : attempt,
              shard,
              mode == UpdateMode.FULL);
      world.contents.put(file.digest().hex(), file);
      files.add(file);
    }
    if (world.isStruck(10)) {
      world.fired(Fault.LOADER_SILENT);
      world.time.after(world.chance.between(31_000, 60_000), this::ship);
    } else {
      propose(
          new Command.ReportProgress(
              taskId, attempt, "build", StageFigures.ofEntries(1, 2), TaskCounts.NONE),
          1,
          _ -> world.time.after(world.chance.between(10, REPORT_MILLIS), this::ship));
    }
  }

  private void ship() {
    if (isOver || files.isEmpty()) {
      return;
    }
    List<SimulatedNode> nodes = world.reachable();
    if (nodes.isEmpty()) {
      world.time.after(1_000, this::ship);
      return;
    }
    ship(world.chance.of(nodes).feed().current(), 0);
  }

  private void ship(ClusterMetadata metadata, int shard) {
    if (isOver) {
      return;
    }
    if (shard == files.size()) {
      seal();
      return;
    }
    shipTo(metadata, shard, ShipmentPlan.targets(metadata, table, shard), 0);
  }

  private void shipTo(ClusterMetadata metadata, int shard, List<String> targets, int next) {
    if (next == targets.size()) {
      ship(metadata, shard + 1);
      return;
    }
    SimulatedNode target = world.node(targets.get(next));
    FileKey key = FileKey.own(new ShardFileId(table, version, shard));
    Consumer<@Nullable ErrorCode> answer =
        error -> {
          boolean mayGoOn = error == null || error == ErrorCode.UNKNOWN_OUTCOME;
          if (!mayGoOn) {
            world.note(() -> taskId + " cannot ship " + key + ": " + error);
          }
          shipTo(metadata, shard, targets, next + 1);
        };
    world.time.after(
        world.chance.between(1, 100),
        () -> {
          if (target == null) {
            answer.accept(ErrorCode.UNAVAILABLE);
          } else {
            target.upload(key, files.get(shard), attempt, answer);
          }
        });
  }

  private void seal() {
    List<FileManifest> manifests = files.stream().map(FileContent::manifest).toList();
    List<ShardProof> proofs =
        files.stream().map(file -> new ShardProof(file.entries(), file.sum(), 0, 0)).toList();
    long entries = manifests.stream().mapToLong(FileManifest::entries).sum();
    propose(
        new Command.SealVersion(
            taskId, attempt, manifests, new TaskCounts(entries, entries, 0, 0, 0, 1), proofs),
        1,
        _ -> isOver = true);
  }
}
