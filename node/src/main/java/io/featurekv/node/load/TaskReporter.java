package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes a build's progress on to whoever watches here, and every {@link #PERIOD_SECONDS} to the
 * metadata as a sign of life. When the cluster says that the attempt is no longer the task's, the
 * build is cancelled.
 */
final class TaskReporter implements BuildProgress, AutoCloseable {
  static final int PERIOD_SECONDS = 5;

  private final ClusterAdmin admin;
  private final TaskRecord task;
  private final BuildProgress watcher;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("task-reporter").daemon().factory());
  private volatile Stage at = new Stage("read", 0, -1);
  private volatile long rows;
  private volatile @Nullable FeatureKvException refusal;

  private record Stage(String name, long done, long total) {}

  TaskReporter(ClusterAdmin admin, TaskRecord task, BuildProgress watcher) {
    this.admin = admin;
    this.task = task;
    this.watcher = watcher;
  }

  void start() {
    thread.scheduleWithFixedDelay(this::report, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private void report() {
    try {
      Stage now = at;
      TaskCounts soFar = new TaskCounts(rows, 0, 0, 0, 0, 0);
      admin.propose(
          new Command.ReportProgress(
              task.id(), task.attempt(), now.name(), now.done(), now.total(), soFar));
    } catch (FeatureKvException e) {
      boolean isOver = e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.NOT_FOUND;
      if (isOver) {
        refusal = e;
      }
    }
  }

  /** Why the cluster no longer wants this build, if so. */
  Optional<FeatureKvException> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public void update(String newStage, long newDone, long total) {
    at = new Stage(newStage, newDone, total);
    rows = newStage.equals("read") ? newDone : rows;
    watcher.update(newStage, newDone, total);
  }

  @Override
  public void inputBytes(long bytes, long total) {
    watcher.inputBytes(bytes, total);
  }

  @Override
  public boolean isCancelled() {
    return refusal != null || watcher.isCancelled();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
