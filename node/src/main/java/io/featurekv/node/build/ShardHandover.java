package io.featurekv.node.build;

import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.PieceList;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.load.FileShipment;
import io.featurekv.node.load.PieceFrames;
import io.featurekv.node.shipping.StoredFile;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings shards that were built to where sealing needs them: into this node's own store, without a
 * second copy, and to nodes of as many sects as there must be. Follows the metadata, so that it
 * goes on after a restart, and in place of a builder that is gone. Blocking; one thread.
 */
final class ShardHandover {
  private static final Logger LOG = LoggerFactory.getLogger(ShardHandover.class);

  /** How long the nodes of other sects get to take a file. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final BuildContext context;
  private final Map<Unshipped, Long> failingSinceNanos = new HashMap<>();

  private record Unshipped(String taskId, int attempt, int shard) {}

  ShardHandover(BuildContext context) {
    this.context = context;
  }

  /** Does what is due for all tasks; false when something could not be done yet. */
  boolean run() {
    boolean isDone = true;
    failingSinceNanos
        .keySet()
        .removeIf(each -> context.building(each.taskId(), each.attempt()).isEmpty());
    for (TaskRecord task : context.metadata().tasks().values()) {
      ClusterBuild build = task.build();
      if (task.state() == TaskState.BUILDING && build != null) {
        for (int shard = 0; shard < build.shards().size(); shard++) {
          isDone &= guarded(task, shard);
        }
      }
    }
    return isDone;
  }

  private boolean guarded(TaskRecord task, int shard) {
    Unshipped unshipped = new Unshipped(task.id(), task.attempt(), shard);
    try {
      boolean isDone = handOver(task, shard);
      failingSinceNanos.remove(unshipped);
      return isDone;
    } catch (FeatureKvException e) {
      long since = failingSinceNanos.computeIfAbsent(unshipped, u -> System.nanoTime());
      if (System.nanoTime() - since > PATIENCE_NANOS) {
        fail(task, shard, e);
      }
      LOG.info("shard {} of task {} is not handed over yet: {}", shard, task.id(), e.getMessage());
      return false;
    }
  }

  /** Nobody waits for ever for a node that does not take a file. */
  private void fail(TaskRecord task, int shard, FeatureKvException error) {
    LOG.warn("task {} fails: shard {} cannot be handed over", task.id(), shard, error);
    var _ =
        context.propose(
            new Command.FailTask(
                task.id(),
                task.attempt(),
                "shard "
                    + shard
                    + ", built by "
                    + context.nodeId
                    + ", could not be handed over for "
                    + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS)
                    + " s: "
                    + error.getMessage(),
                false));
  }

  /** By the newest metadata, since shipping takes its time. */
  private boolean handOver(TaskRecord task, int shard) {
    ClusterMetadata metadata = context.metadata();
    TaskRecord now = context.building(task.id(), task.attempt()).orElse(null);
    ClusterBuild build = now == null ? null : now.build();
    TableRecord table = metadata.tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    FileManifest manifest = build == null ? null : build.shards().get(shard).manifest();
    if (table == null || version == null || build == null || manifest == null) {
      return true;
    }
    ShardFileId id = new ShardFileId(table.name(), version.number(), shard);
    ShardFileSpec spec = new ShardFileSpec(id, version.shardCount(), table.kind(), version.mode());
    boolean isBuiltHere = build.shards().get(shard).work().doneBy().equals(context.nodeId);
    Optional<SealedShardFile> file = find(task, spec, manifest, isBuiltHere);
    if (file.isEmpty()) {
      boolean isHeldElsewhere =
          HandoverRules.isHeldByAnother(metadata, version, shard, manifest, context.nodeId);
      NodeRecord self = metadata.nodes().get(context.nodeId);
      boolean isServing = self != null && self.serves();
      boolean isShippedByAnother = isServing && isHeldElsewhere;
      boolean isEnough = HandoverRules.isInEnoughSects(metadata, version, shard, manifest);
      if (isBuiltHere && !isShippedByAnother && !isEnough) {
        lose(task, shard);
      }
      return true;
    }
    if (isBuiltHere) {
      file = Optional.of(adopted(metadata, task, version, file.get()));
    }
    return !HandoverRules.isShipper(metadata, build, version, shard, manifest, context.nodeId)
        || ship(metadata, task, version, shard, file.get());
  }

  /** The file where it is on this disk, proved by its digest. */
  private Optional<SealedShardFile> find(
      TaskRecord task, ShardFileSpec spec, FileManifest manifest, boolean isBuiltHere) {
    Optional<StoredFile> stored = context.store.find(FileKey.own(spec.id()));
    if (stored.isPresent() && stored.get().digest().equals(manifest.digest())) {
      return Optional.of(
          new SealedShardFile(spec, stored.get().path(), manifest, stored.get().pieces()));
    }
    Path built = context.directories.of(task.id()).resolve(spec.id().shard() + FileKey.FILE_SUFFIX);
    if (!isBuiltHere || !Files.exists(built)) {
      return Optional.empty();
    }
    SealedShardFile known = context.built.get(spec.id());
    if (known != null && known.manifest().equals(manifest)) {
      return Optional.of(known);
    }
    PieceList pieces = ShardFiles.digestPieces(built);
    if (!pieces.digest().equals(manifest.digest())) {
      return Optional.empty();
    }
    SealedShardFile proved = new SealedShardFile(spec, built, manifest, pieces);
    context.built.put(spec.id(), proved);
    return Optional.of(proved);
  }

  private void lose(TaskRecord task, int shard) {
    SortedSet<Integer> shards = new TreeSet<>();
    shards.add(shard);
    context
        .propose(
            new Command.LoseWork(
                task.id(),
                task.attempt(),
                context.nodeId,
                new TreeSet<>(),
                shards,
                "its file is no longer on its disk"))
        .join()
        .orThrow();
  }

  /** A serving node keeps what it has built, and says so. */
  private SealedShardFile adopted(
      ClusterMetadata metadata, TaskRecord task, VersionRecord version, SealedShardFile file) {
    NodeRecord self = metadata.nodes().get(context.nodeId);
    if (self == null || !self.serves()) {
      return file;
    }
    ShardFileId id = file.spec().id();
    FileKey key = FileKey.own(id);
    SealedShardFile kept = file;
    if (!file.path().equals(context.store.pathOf(key))) {
      kept = file.at(context.store.take(key, file).path());
      context.built.remove(id);
    }
    String digest = file.manifest().digest().hex();
    if (!digest.equals(version.shards().get(id.shard()).holders().get(context.nodeId))) {
      SortedMap<Integer, String> held = new TreeMap<>();
      held.put(id.shard(), digest);
      context
          .propose(
              new Command.ReportHeld(
                  context.nodeId,
                  context.session.get(),
                  id.table(),
                  id.version(),
                  task.attempt(),
                  held))
          .join()
          .orThrow();
    }
    return kept;
  }

  /** Ships to further sects as long as there are too few; true when there are enough. */
  private boolean ship(
      ClusterMetadata metadata,
      TaskRecord task,
      VersionRecord version,
      int shard,
      SealedShardFile file) {
    HandoverRules.Further further =
        HandoverRules.further(
            metadata, task.table(), version, shard, file.manifest(), context.nodeId);
    int missing = further.sects();
    PieceFrames frames = new PieceFrames();
    FeatureKvException failure = null;
    for (String target : further.targets()) {
      if (missing > 0) {
        try {
          new FileShipment(context.peers, target, file, task.attempt(), frames)
              .ship(bytes -> {}, context.pace);
          missing--;
        } catch (FeatureKvException e) {
          failure = e;
        }
      }
    }
    if (missing > 0 && failure != null) {
      throw failure;
    }
    return missing <= 0;
  }
}
