package io.featurekv.node.build;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.loader.Rejection;
import io.featurekv.loader.ShardOutcome;
import io.featurekv.loader.ShardTallies;
import io.featurekv.loader.SharedBuild.Placed;
import io.featurekv.loader.SharedBuild.RunPart;
import io.featurekv.loader.SplitOutcome;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.loader.SplitOutcome.StoredRun;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardFigures;
import io.featurekv.metadata.ShardTally;
import io.featurekv.metadata.TaskReject;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.SealedShardFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds one shard of the runs of all builders: fetches those of others, builds the file, reads it
 * back, tells what it came to. Runs that are gone it waits for: they are made again elsewhere. Used
 * once, by one thread.
 */
final class ShardJob implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardJob.class);

  private final OpenTask task;
  private final Unit unit;
  private final UpdateMode mode;
  private final Path partsDirectory;
  private final Map<Integer, RunFetch.SplitParts> gathered = new TreeMap<>();

  ShardJob(OpenTask task, Unit unit, UpdateMode mode) {
    this.task = task;
    this.unit = unit;
    this.mode = mode;
    this.partsDirectory = task.context().directories.of(task.id()).resolve("parts-" + unit.index);
  }

  @Override
  public void run() {
    try {
      long startNanos = System.nanoTime();
      ClusterBuild build = gather();
      ShardOutcome outcome = build(build);
      finish(outcome, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
    } catch (FeatureKvException e) {
      if (!unit.isCancelled() && task.isBuilding()) {
        task.fail(unit, e, false);
      }
    } finally {
      BuildDirectories.deleteTree(partsDirectory);
    }
  }

  /** Brings what all runs have of the shard here; the build, every split of which is read. */
  private ClusterBuild gather() {
    while (true) {
      unit.checkCancelled();
      ClusterBuild build = task.build();
      if (build.isRead() && gatherFrom(build)) {
        return build;
      }
      unit.isWaiting();
      BuildContext.pause();
    }
  }

  private boolean gatherFrom(ClusterBuild build) {
    Map<String, List<Integer>> missing = new TreeMap<>();
    for (int split = 0; split < build.splits().size(); split++) {
      if (!gathered.containsKey(split)) {
        String holder = build.splits().get(split).work().doneBy();
        missing.computeIfAbsent(holder, h -> new ArrayList<>()).add(split);
      }
    }
    missing.forEach(this::gather);
    return gathered.size() == build.splits().size();
  }

  private void gather(String holder, List<Integer> splits) {
    if (holder.equals(task.context().nodeId)) {
      gatherHere(splits);
      return;
    }
    RunFetch fetch =
        new RunFetch(
            task.context().peers,
            task.shard(unit.index),
            task.attempt(),
            partsDirectory,
            bytes -> {
              unit.checkCancelled();
              unit.isWaiting();
              task.context().pace.accept(bytes);
            });
    try {
      task.context().store.checkRoom(fileKey(), 0);
      fetch.fetch(holder, splits).forEach(parts -> gathered.put(parts.split(), parts));
    } catch (FeatureKvException e) {
      if (e.code() == ErrorCode.NOT_FOUND && splits.size() > 1) {
        // Of many, only those that are gone are lost.
        splits.forEach(split -> gather(holder, List.of(split)));
        return;
      }
      if (e.code() == ErrorCode.NOT_FOUND) {
        task.lose(holder, new TreeSet<>(splits), new TreeSet<>(), e.getMessage());
      } else if (!BuildContext.mayPass(e.code())) {
        throw e;
      }
      LOG.info(
          "task {}: runs of {} for {} are not to be had yet: {}",
          task.id(),
          holder,
          unit,
          e.getMessage());
    }
  }

  private FileKey fileKey() {
    return FileKey.own(task.shard(unit.index));
  }

  private void gatherHere(List<Integer> splits) {
    for (int split : splits) {
      Optional<SplitOutcome> outcome =
          task.context().shelf.find(task.table(), task.version(), split);
      if (outcome.isEmpty()) {
        TreeSet<Integer> lost = new TreeSet<>(List.of(split));
        task.lose(task.context().nodeId, lost, new TreeSet<>(), "its runs are not on its disk");
        continue;
      }
      List<RunPart> runs = new ArrayList<>();
      for (StoredRun run : outcome.get().runs()) {
        runs.add(
            new RunPart(
                task.shared().path(run),
                run.index(),
                run.index().counts()[unit.index],
                run.index().lengthBytes()));
      }
      List<Long> spans = outcome.get().parts().stream().map(PartOutcome::spanned).toList();
      gathered.put(
          split,
          new RunFetch.SplitParts(
              split,
              runs,
              spans,
              outcome.get().dropped().rows(unit.index),
              outcome.get().dropped().sum(unit.index)));
    }
  }

  private ShardOutcome build(ClusterBuild build) {
    List<RunPart> runs = new ArrayList<>();
    gathered.values().forEach(parts -> runs.addAll(parts.runs()));
    int shards = build.shards().size();
    ShardTally tally = build.parsed().get(unit.index);
    ShardTallies parsed = new ShardTallies(shards);
    parsed.add(unit.index, tally.rows(), tally.sum());
    ShardTallies dropped = new ShardTallies(shards);
    gathered
        .values()
        .forEach(parts -> dropped.add(unit.index, parts.droppedRows(), parts.droppedSum()));
    return task.context()
        .stages
        .build(task.shared(), unit.index, runs, parsed, dropped, build.beganAtMillis(), unit);
  }

  private void finish(ShardOutcome outcome, long millis) {
    SealedShardFile file = outcome.file();
    if (file == null) {
      throw new FeatureKvException(ErrorCode.INTERNAL, unit + " was built without a file");
    }
    task.context().built.put(file.spec().id(), file);
    try {
      Failpoint.BUILD_BEFORE_SHARD_FINISH.hit();
      task.context()
          .proposeFirmly(
              new Command.FinishShard(
                  task.id(),
                  task.attempt(),
                  task.context().nodeId,
                  unit.lease.session(),
                  unit.index,
                  file.manifest(),
                  figures(outcome, millis),
                  rejected(outcome)),
              this::isWanted);
      LOG.info("task {}: {} is built, {} entries", task.id(), unit, outcome.entries());
    } catch (FeatureKvException e) {
      boolean isStillMine =
          task.isBuilding()
              && task.build()
                  .shards()
                  .get(unit.index)
                  .work()
                  .leaseOf(task.context().nodeId, unit.lease.session())
                  .isPresent();
      if (isStillMine) {
        throw e;
      }
      LOG.info("task {}: {} does not count: {}", task.id(), unit, e.getMessage());
    }
  }

  private boolean isWanted() {
    unit.isWaiting();
    return task.isBuilding() && !unit.isCancelled();
  }

  private ShardFigures figures(ShardOutcome outcome, long millis) {
    long kept = mode == UpdateMode.FULL ? outcome.deleted() : 0;
    boolean lastWins = task.build().inputs().lastDuplicateWins();
    return new ShardFigures(
        lastWins ? outcome.droppedRows() - kept : 0,
        outcome.deleted(),
        outcome.rejected(),
        outcome.droppedRows(),
        outcome.droppedSum(),
        outcome.bytes(),
        millis);
  }

  private List<TaskReject> rejected(ShardOutcome outcome) {
    List<TaskReject> rejected = new ArrayList<>();
    ClusterBuild build = task.build();
    for (Rejection rejection : outcome.firstRejected()) {
      int split = task.shared().splitOf(rejection.part());
      RunFetch.SplitParts parts = gathered.get(split);
      Placed placed = task.shared().place(rejection, parts == null ? List.of() : parts.spans());
      long before = placed.countsOn() ? build.splits().get(split).rowsBefore() : 0;
      rejected.add(
          new TaskReject(split, placed.input(), before + placed.row(), false, placed.reason()));
    }
    return rejected;
  }
}
