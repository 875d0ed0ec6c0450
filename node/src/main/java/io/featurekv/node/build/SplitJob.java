package io.featurekv.node.build;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.loader.PartGroup;
import io.featurekv.loader.Rejection;
import io.featurekv.loader.SharedBuild;
import io.featurekv.loader.SharedBuild.Placed;
import io.featurekv.loader.SplitOutcome;
import io.featurekv.loader.SplitOutcome.PartOutcome;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardTallies;
import io.featurekv.metadata.ShardTally;
import io.featurekv.metadata.SplitFigures;
import io.featurekv.metadata.TaskReject;
import io.featurekv.metadata.WorkState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one split and tells what it came to. Used once, by one thread. */
final class SplitJob implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(SplitJob.class);

  private final OpenTask task;
  private final Unit unit;

  SplitJob(OpenTask task, Unit unit) {
    this.task = task;
    this.unit = unit;
  }

  @Override
  public void run() {
    try {
      long startNanos = System.nanoTime();
      long from = task.build().startOf(unit.index);
      SharedBuild.Reading reading =
          task.context().stages.read(task.shared(), unit.index, from, unit);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
      switch (reading) {
        case SharedBuild.Read read -> finish(read.outcome(), millis);
        case SharedBuild.Failed failed -> task.fail(unit, failed.error(), failed.isDoubtful());
      }
    } catch (FeatureKvException e) {
      if (!unit.isCancelled() && task.isBuilding()) {
        task.fail(unit, e, false);
      }
    }
  }

  private void finish(SplitOutcome outcome, long millis) {
    RunShelf shelf = task.context().shelf;
    shelf.put(task.table(), task.version(), unit.index, outcome);
    try {
      Failpoint.BUILD_BEFORE_SPLIT_FINISH.hit();
      task.context()
          .proposeFirmly(
              new Command.FinishSplit(
                  task.id(),
                  task.attempt(),
                  task.context().nodeId,
                  unit.lease.session(),
                  unit.index,
                  figures(task.shared().groups(outcome), outcome, millis),
                  tallies(outcome),
                  rejected(outcome)),
              task::isBuilding);
      LOG.debug("task {}: {} is read", task.id(), unit);
    } catch (FeatureKvException e) {
      if (e.code() == ErrorCode.INVALID_ARGUMENT) {
        task.fail(unit, new FeatureKvException(ErrorCode.INTERNAL, e.getMessage(), e), false);
        return;
      }
      LOG.info("task {}: {} does not count: {}", task.id(), unit, e.getMessage());
      boolean isDoneElsewhere =
          task.isBuilding() && isDoneByAnother(task.build().splits().get(unit.index).work());
      if (isDoneElsewhere) {
        shelf.remove(task.table(), task.version(), unit.index);
        task.shared().forget(unit.index);
      }
    }
  }

  private boolean isDoneByAnother(io.featurekv.metadata.WorkRecord work) {
    return work.state() == WorkState.DONE && !work.doneBy().equals(task.context().nodeId);
  }

  static SplitFigures figures(List<PartGroup> groups, SplitOutcome outcome, long millis) {
    PartGroup first = groups.getFirst();
    PartGroup last = groups.getLast();
    return new SplitFigures(
        outcome.startedAt(),
        outcome.endedAt(),
        outcome.rows(),
        outcome.rejected(),
        last.spanned(),
        groups.size() == 1,
        first.hasColumns(),
        last.hasColumns(),
        last.hasColumns() ? first.lacking() : last.lacking(),
        millis);
  }

  private static ShardTallies tallies(SplitOutcome outcome) {
    List<ShardTally> tallies = new ArrayList<>();
    for (int shard = 0; shard < outcome.parsed().shards(); shard++) {
      tallies.add(
          new ShardTally(
              outcome.parsed().rows(shard),
              outcome.parsed().sum(shard),
              outcome.dropped().rows(shard),
              outcome.dropped().sum(shard)));
    }
    return new ShardTallies(tallies);
  }

  private List<TaskReject> rejected(SplitOutcome outcome) {
    List<Long> spans = outcome.parts().stream().map(PartOutcome::spanned).toList();
    List<TaskReject> rejected = new ArrayList<>();
    for (Rejection rejection : outcome.firstRejected()) {
      Placed placed = task.shared().place(rejection, spans);
      rejected.add(
          new TaskReject(
              unit.index, placed.input(), placed.row(), placed.countsOn(), placed.reason()));
    }
    return rejected;
  }
}
