package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes a build's progress on to whoever watches here, and to the metadata: every {@link
 * #PERIOD_SECONDS} as a sign of life, at once when a stage ends, and when asked to. Every stage is
 * told of to its last figures, in the order in which they began. When the cluster says that the
 * attempt is no longer the task's, the build is cancelled.
 */
final class TaskReporter implements BuildProgress, AutoCloseable {
  static final int PERIOD_SECONDS = 5;

  private static final String READ = "read";

  private final ClusterAdmin admin;
  private final TaskRecord task;
  private final BuildProgress watcher;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("task-reporter").daemon().factory());
  private final Object lock = new Object();

  /**
   * Not told to their end yet; as many as a load has stages. Guarded by the lock, as what follows.
   */
  private final Deque<Stage> ended = new ArrayDeque<>();

  private Stage at = new Stage(READ, StageFigures.NONE);
  private long rows;

  private volatile @Nullable FeatureKvException refusal;

  private record Stage(String name, StageFigures figures) {}

  TaskReporter(ClusterAdmin admin, TaskRecord task, BuildProgress watcher) {
    this.admin = admin;
    this.task = task;
    this.watcher = watcher;
  }

  void start() {
    thread.scheduleWithFixedDelay(this::report, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  /** Tells the metadata how far the build is now; waits until they know, or cannot be reached. */
  void flush() {
    try {
      thread.submit(this::report).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw FeatureKvException.from(e);
    }
  }

  private void report() {
    try {
      for (Stage over = firstEnded(); over != null; over = firstEnded()) {
        tell(over);
        forgetFirstEnded();
      }
      Stage now;
      synchronized (lock) {
        now = at;
      }
      tell(now);
    } catch (FeatureKvException e) {
      boolean isOver = e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.NOT_FOUND;
      if (isOver) {
        refusal = e;
      }
    }
  }

  private @Nullable Stage firstEnded() {
    synchronized (lock) {
      return ended.peekFirst();
    }
  }

  private void forgetFirstEnded() {
    synchronized (lock) {
      ended.removeFirst();
    }
  }

  private void tell(Stage stage) {
    TaskCounts soFar;
    synchronized (lock) {
      soFar = new TaskCounts(rows, 0, 0, 0, 0, 0);
    }
    admin.propose(
        new Command.ReportProgress(
            task.id(), task.attempt(), stage.name(), stage.figures(), soFar));
  }

  /** Why the cluster no longer wants this build, if so. */
  Optional<FeatureKvException> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public void update(String newStage, long newDone, long total) {
    boolean isNext;
    synchronized (lock) {
      isNext = !newStage.equals(at.name());
      if (isNext) {
        ended.addLast(at);
        at = new Stage(newStage, StageFigures.ofEntries(newDone, total));
      } else {
        at = new Stage(newStage, at.figures().withEntries(newDone, total));
      }
      rows = newStage.equals(READ) ? newDone : rows;
    }
    if (isNext) {
      reportSoon();
    }
    watcher.update(newStage, newDone, total);
  }

  private void reportSoon() {
    try {
      thread.execute(this::report);
    } catch (RejectedExecutionException e) {
      // It is closed: nobody hears of this task any more.
    }
  }

  @Override
  public void bytes(long newDone, long total) {
    synchronized (lock) {
      at = new Stage(at.name(), at.figures().withBytes(newDone, total));
    }
    watcher.bytes(newDone, total);
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
