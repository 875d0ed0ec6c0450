package io.featurekv.node.build;

import io.featurekv.loader.BuildSpec;
import io.featurekv.loader.SharedBuild;
import io.featurekv.loader.SharedPlan;
import io.featurekv.loader.SplitOutcome;
import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardWork;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskInputs;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.WorkLease;
import io.featurekv.metadata.WorkRecord;
import io.featurekv.metadata.WorkState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.background.BackgroundThreads;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's share of one attempt of a task, in one session of the node: finds the inputs, says
 * whether they are as planned, and works on what it is given for as long as it has it. Owned by the
 * builder's thread; the work itself is done by others.
 */
final class TaskShare {
  private static final long RENEW_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long MAX_CHECK_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final Logger LOG = LoggerFactory.getLogger(TaskShare.class);

  private final BuildContext context;
  private final TaskRecord begun;
  private final long session;
  private final Executor workers;
  private final CompletableFuture<Opened> opening;
  private final Map<Key, Unit> units = new HashMap<>();
  private final long openedNanos = System.nanoTime();
  private long renewedNanos = System.nanoTime();
  private long checkSentNanos = System.nanoTime() - RENEW_NANOS;

  private record Key(boolean isSplit, int index) {}

  /** The inputs as they are here: what to work with, or why not. */
  private record Opened(@Nullable OpenTask task, String fault) {}

  TaskShare(BuildContext context, ClusterMetadata metadata, TaskRecord task, Executor workers) {
    this.context = context;
    this.begun = task;
    this.session = context.session.get();
    this.workers = workers;
    this.opening = CompletableFuture.supplyAsync(() -> open(metadata, task), workers);
  }

  /** Whether it is of this attempt of the task and of the node's present session. */
  boolean isOf(TaskRecord task, long presentSession) {
    return begun.attempt() == task.attempt() && session == presentSession;
  }

  private Opened open(ClusterMetadata metadata, TaskRecord task) {
    ClusterBuild build = task.build();
    TableRecord table = metadata.tables().get(task.table());
    if (build == null || table == null) {
      return new Opened(null, "table " + task.table() + " is gone");
    }
    try {
      SharedPlan plan =
          SharedPlan.of(
              table.name(),
              BuildPlans.inputSpec(build.inputs()),
              build.schema(),
              build.options().maxValueBytes(),
              build.targetBytes());
      Optional<String> difference = BuildPlans.difference(build, plan);
      if (difference.isPresent()) {
        return new Opened(null, difference.get());
      }
      SharedBuild shared =
          SharedBuild.open(
              spec(task, build, table),
              plan,
              task.id(),
              BackgroundThreads.named("build-"),
              context.pace);
      OpenTask opened =
          new OpenTask(context, task.id(), task.attempt(), task.table(), task.version(), shared);
      openShelf(opened, build);
      return new Opened(opened, "");
    } catch (FeatureKvException e) {
      return new Opened(null, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("the inputs of task {} could not be looked at", task.id(), e);
      return new Opened(null, e.toString());
    }
  }

  /** What an earlier session has read is there for others, or is said to be gone. */
  private void openShelf(OpenTask task, ClusterBuild build) {
    Map<Integer, SplitOutcome> outcomes = new HashMap<>();
    TreeSet<Integer> lost = new TreeSet<>();
    for (int i = 0; i < build.splits().size(); i++) {
      if (isDoneHere(build.splits().get(i).work())) {
        Optional<SplitOutcome> known = task.shared().known(i);
        if (known.isPresent()) {
          outcomes.put(i, known.get());
        } else {
          lost.add(i);
        }
      } else if (task.shared().known(i).isPresent()) {
        // What an attempt before this one was not sure of is not taken over unseen.
        task.shared().forget(i);
      }
    }
    context.shelf.open(task.table(), task.version(), task.attempt(), task.shared(), outcomes);
    task.lose(context.nodeId, lost, new TreeSet<>(), "their runs are no longer on its disk");
  }

  private boolean isDoneHere(WorkRecord work) {
    return work.state() == WorkState.DONE && work.doneBy().equals(context.nodeId);
  }

  private BuildSpec spec(TaskRecord task, ClusterBuild build, TableRecord table) {
    TaskInputs inputs = build.inputs();
    return new BuildSpec(
        task.table(),
        table.kind(),
        task.version(),
        build.shards().size(),
        task.mode(),
        build.options().maxValueBytes(),
        build.options().blockEntries(),
        build.options().entryTtlMillis(),
        BuildPlans.inputSpec(inputs),
        inputs.lastDuplicateWins(),
        inputs.maxRejected(),
        inputs.maxRejectedIsPercent(),
        null,
        inputs.allowEmpty(),
        context.settings.unitBytes(),
        context.directories.of(task.id()),
        true,
        build.schema());
  }

  /** What is due by the metadata as it is now. */
  void round(TaskRecord task, ClusterBuild build) {
    BuilderCheck told = build.checks().get(context.nodeId);
    boolean isTold = told != null && told.session() == session;
    Opened opened = opening.getNow(null);
    if (opened == null && System.nanoTime() - openedNanos < MAX_CHECK_NANOS) {
      keepAlive();
      return;
    }
    if (!isTold) {
      tell(
          opened == null
              ? "its inputs could not be looked at within "
                  + TimeUnit.NANOSECONDS.toSeconds(MAX_CHECK_NANOS)
                  + " s"
              : opened.fault());
      return;
    }
    OpenTask open = opened == null ? null : opened.task();
    if (open != null) {
      if (build.isRead()) {
        open.shared().freeBuffers();
      }
      work(task, build, open);
      renew();
    }
  }

  /** Looking at the inputs takes longer than others may be patient. */
  private void keepAlive() {
    if (System.nanoTime() - renewedNanos > RENEW_NANOS) {
      renewedNanos = System.nanoTime();
      report(new TreeMap<>(), new TreeMap<>());
    }
  }

  private void tell(String fault) {
    if (System.nanoTime() - checkSentNanos < RENEW_NANOS) {
      return;
    }
    checkSentNanos = System.nanoTime();
    if (!fault.isEmpty()) {
      LOG.warn("task {} cannot be built here: {}", begun.id(), fault);
    }
    propose(
        new Command.CheckInputs(
            begun.id(),
            begun.attempt(),
            new BuilderCheck(context.nodeId, session, context.settings.threads(), fault)));
  }

  /** Begins what was given, ends what was taken away. */
  private void work(TaskRecord task, ClusterBuild build, OpenTask open) {
    Map<Key, WorkLease> given = given(build);
    for (Iterator<Map.Entry<Key, Unit>> each = units.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<Key, Unit> running = each.next();
      WorkLease lease = given.get(running.getKey());
      if (running.getValue().isEnded()) {
        each.remove();
      } else if (lease == null || !running.getValue().isOf(lease)) {
        running.getValue().cancel();
      }
    }
    given.forEach(
        (key, lease) -> {
          if (!units.containsKey(key)) {
            start(task, open, new Unit(key.isSplit(), key.index(), lease));
          }
        });
  }

  private void start(TaskRecord task, OpenTask open, Unit unit) {
    units.put(new Key(unit.isSplit, unit.index), unit);
    Runnable job = unit.isSplit ? new SplitJob(open, unit) : new ShardJob(open, unit, task.mode());
    workers.execute(
        () -> {
          try {
            unit.run(job);
          } catch (RuntimeException | Error e) {
            LOG.error("{} of task {} failed", unit, task.id(), e);
            open.fail(unit, FeatureKvException.from(e), false);
          }
        });
  }

  private Map<Key, WorkLease> given(ClusterBuild build) {
    Map<Key, WorkLease> given = new HashMap<>();
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord split = build.splits().get(i);
      Key key = new Key(true, i);
      split.work().leaseOf(context.nodeId, session).ifPresent(lease -> given.put(key, lease));
    }
    for (int i = 0; i < build.shards().size(); i++) {
      ShardWork shard = build.shards().get(i);
      Key key = new Key(false, i);
      shard.work().leaseOf(context.nodeId, session).ifPresent(lease -> given.put(key, lease));
    }
    return given;
  }

  private void renew() {
    if (System.nanoTime() - renewedNanos < RENEW_NANOS) {
      return;
    }
    renewedNanos = System.nanoTime();
    SortedMap<Integer, Long> splits = new TreeMap<>();
    SortedMap<Integer, Long> shards = new TreeMap<>();
    for (Unit unit : units.values()) {
      if (!unit.isEnded() && !unit.isStalled()) {
        (unit.isSplit ? splits : shards).put(unit.index, unit.done());
      }
    }
    if (!splits.isEmpty() || !shards.isEmpty()) {
      report(splits, shards);
    }
  }

  private void report(SortedMap<Integer, Long> splits, SortedMap<Integer, Long> shards) {
    propose(
        new Command.ReportWork(
            begun.id(), begun.attempt(), context.nodeId, session, splits, shards));
  }

  private void propose(Command command) {
    context
        .propose(command)
        .whenComplete(
            (result, failure) -> {
              ErrorCode error =
                  failure != null ? FeatureKvException.from(failure).code() : result.error();
              if (error != null) {
                LOG.debug("{} was not taken: {}", command, error);
              }
            });
  }

  /** Ends everything; what is on the disk stays. */
  void cancel() {
    units.values().forEach(Unit::cancel);
    context.shelf.close(begun.table(), begun.version(), begun.attempt());
  }

  /** Gives back what it works with; once it is idle. */
  void close() {
    context.shelf.close(begun.table(), begun.version(), begun.attempt());
    context
        .built
        .keySet()
        .removeIf(id -> id.table().equals(begun.table()) && id.version() == begun.version());
    Opened opened = opening.getNow(null);
    if (opened != null && opened.task() != null) {
      opened.task().shared().close();
    }
  }

  /** Whether no thread works for it any more. */
  boolean isIdle() {
    return opening.isDone() && units.values().stream().allMatch(Unit::isEnded);
  }
}
