package io.featurekv.node.load;

import io.featurekv.loader.BuildProgress;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a build's progress on to whoever watches here, and to the metadata: every {@link
 * #PERIOD_SECONDS} as a sign of life, at once when a stage ends, and when asked to. Every stage is
 * told of to its last figures, in the order in which they began. When the cluster says that the
 * attempt is no longer the task's, which it follows, the build is cancelled.
 */
final class TaskReporter implements BuildProgress, AutoCloseable {
  static final int PERIOD_SECONDS = 5;

  private static final String READ = "read";
  private static final Duration LISTEN_AT_ONCE = Duration.ofMinutes(1);
  private static final long LISTEN_AGAIN_SECONDS = 1;
  private static final Logger LOG = LoggerFactory.getLogger(TaskReporter.class);

  private final ClusterAdmin admin;
  private final TaskRecord task;
  private final long begunIndex;
  private final BuildProgress watcher;
  private final Thread listener =
      Thread.ofPlatform().name("task-watch").daemon().unstarted(this::listen);
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

  private final AtomicReference<@Nullable FeatureKvException> refusal = new AtomicReference<>();

  private record Stage(String name, StageFigures figures) {}

  /** {@code begunIndex}: of metadata that know of the attempt; what is older does not count. */
  TaskReporter(ClusterAdmin admin, TaskRecord task, long begunIndex, BuildProgress watcher) {
    this.admin = admin;
    this.task = task;
    this.begunIndex = begunIndex;
    this.watcher = watcher;
  }

  void start() {
    thread.scheduleWithFixedDelay(this::report, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    listener.start();
  }

  /** Hears at once when the task is no longer to be built. */
  private void listen() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        ClusterMetadata now =
            admin.await(
                seen -> seen.index() >= begunIndex && !isBuilding(seen.tasks().get(task.id())),
                LISTEN_AT_ONCE);
        why(now.tasks().get(task.id())).ifPresent(this::refuse);
        return;
      } catch (FeatureKvException e) {
        if (e.code() == ErrorCode.WRONG_CLUSTER) {
          refuse(e);
          return;
        }
        LOG.debug("task {} is still watched: {}", task.id(), e.getMessage());
        pause();
      }
    }
  }

  /** What fails may fail at once, again and again. */
  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(LISTEN_AGAIN_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isBuilding(@Nullable TaskRecord seen) {
    return seen != null && seen.attempt() == task.attempt() && seen.state() == TaskState.BUILDING;
  }

  /** Why a task that is not BUILDING at this attempt must not be built; nothing once it is. */
  private Optional<FeatureKvException> why(@Nullable TaskRecord seen) {
    if (seen == null) {
      return Optional.of(refused("is gone: its table was dropped"));
    }
    if (seen.attempt() != task.attempt()) {
      return Optional.of(refused("was begun again, as attempt " + seen.attempt()));
    }
    return switch (seen.state()) {
      case FAILED -> Optional.of(refused("failed: " + seen.reason()));
      case CANCELLED -> Optional.of(refused("was cancelled: " + seen.reason()));
      case BUILDING, LOADING, READY, ACTIVE -> Optional.empty();
    };
  }

  private FeatureKvException refused(String why) {
    return new FeatureKvException(ErrorCode.CONFLICT, "task " + task.id() + " " + why);
  }

  private void refuse(FeatureKvException why) {
    refusal.compareAndSet(null, why);
  }

  /** Tells the metadata how far the build is now; waits until they know, or cannot be reached. */
  void flush() {
    try {
      thread.submit(this::report).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw FeatureKvException.from(e.getCause() == null ? e : e.getCause());
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
        refuse(e);
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
    return Optional.ofNullable(refusal.get());
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
    return refusal.get() != null || watcher.isCancelled();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    listener.interrupt();
  }
}
