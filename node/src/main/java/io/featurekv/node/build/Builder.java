package io.featurekv.node.build;

import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.node.background.BackgroundThreads;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Peers;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.shipping.FileStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The duty build of a node: follows the metadata, takes its share of every task that the cluster
 * builds, hands its runs to other builders, and clears its directory when tasks are over.
 *
 * <p>Everything that counts is in the metadata or on the disk: a node that is killed goes on from
 * there. All state here is owned by one thread that never blocks; the work is done by a bounded
 * number of others, at low priority.
 */
public final class Builder implements AutoCloseable {
  /** Requests of other builders that may wait for the disk. */
  static final int MAX_WAITING_REQUESTS = 64;

  private static final int SERVING_THREADS = 2;
  private static final long TICK_MILLIS = 250;
  private static final long CLEAR_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int STOP_SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(Builder.class);

  private final BuildContext context;
  private final RunServer server;
  private final ShardHandover handover;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("builder").daemon().factory());
  private final ExecutorService workers;
  private final ExecutorService shipping =
      Executors.newSingleThreadExecutor(BackgroundThreads.named("build-ship-"));
  private final ExecutorService serving =
      new ThreadPoolExecutor(
          SERVING_THREADS,
          SERVING_THREADS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING_REQUESTS),
          BackgroundThreads.named("build-serve-"));
  private final Runnable listener = this::trigger;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean handingOver = new AtomicBoolean();
  private final Map<String, TaskShare> shares = new HashMap<>();
  private final Set<TaskShare> ending = new HashSet<>();
  private final Map<TaskShare, String> taskOf = new HashMap<>();
  private long clearedNanos = System.nanoTime() - CLEAR_NANOS;

  /**
   * {@code session} is 0 until the node is registered; {@code pace} is told of bytes that were
   * worked on, and blocks to slow the work down.
   *
   * @param directory where runs and files go; on the file system of {@code store}
   */
  public Builder(
      String nodeId,
      Path directory,
      MetadataFeed feed,
      Proposer proposer,
      Peers peers,
      AtomicLong session,
      FileStore store,
      BuildSettings settings,
      BuildStages stages,
      IntConsumer pace) {
    RunShelf shelf = new RunShelf();
    this.context =
        new BuildContext(
            nodeId,
            feed,
            proposer,
            peers,
            session,
            store,
            new BuildDirectories(directory),
            settings,
            stages,
            shelf,
            pace);
    this.server = new RunServer(shelf, serving, pace);
    this.handover = new ShardHandover(context);
    this.workers =
        Executors.newFixedThreadPool(settings.threads(), BackgroundThreads.named("build-unit-"));
  }

  /** What answers other builders. */
  public RunServer server() {
    return server;
  }

  /** Begins to take part. */
  public void start() {
    context.feed.listen(listener);
    thread.scheduleWithFixedDelay(
        this::guardedRound, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void trigger() {
    if (!scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.execute(
          () -> {
            scheduled.set(false);
            guardedRound();
          });
    } catch (RejectedExecutionException e) {
      LOG.trace("the builder is closed");
    }
  }

  private void guardedRound() {
    try {
      round();
    } catch (RuntimeException e) {
      LOG.error("building failed; trying again", e);
    }
  }

  private void round() {
    ClusterMetadata metadata = context.metadata();
    long session = context.session.get();
    if (session == 0 || metadata.index() < session) {
      return;
    }
    for (TaskRecord task : metadata.tasks().values()) {
      ClusterBuild build = task.build();
      if (task.state() == TaskState.BUILDING && build != null) {
        TaskShare share = shareOf(metadata, task, session);
        if (share != null) {
          share.round(task, build);
        }
      }
    }
    endOthers(metadata);
    handOver(metadata);
    clear(metadata);
  }

  /** Null while an earlier attempt's share is still ending: both would use one directory. */
  private @Nullable TaskShare shareOf(ClusterMetadata metadata, TaskRecord task, long session) {
    TaskShare share = shares.get(task.id());
    if (share != null && !share.isOf(task, session)) {
      end(task.id(), share);
      shares.remove(task.id());
      share = null;
    }
    if (share == null && !taskOf.containsValue(task.id())) {
      share = new TaskShare(context, metadata, task, workers);
      shares.put(task.id(), share);
    }
    return share;
  }

  private void end(String taskId, TaskShare share) {
    share.cancel();
    ending.add(share);
    taskOf.put(share, taskId);
  }

  private void endOthers(ClusterMetadata metadata) {
    for (Iterator<Map.Entry<String, TaskShare>> each = shares.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<String, TaskShare> entry = each.next();
      TaskRecord task = metadata.tasks().get(entry.getKey());
      if (task == null || task.state() != TaskState.BUILDING || task.build() == null) {
        end(entry.getKey(), entry.getValue());
        each.remove();
      }
    }
    for (Iterator<TaskShare> each = ending.iterator(); each.hasNext(); ) {
      TaskShare share = each.next();
      if (share.isIdle()) {
        share.close();
        each.remove();
        taskOf.remove(share);
      }
    }
  }

  private void handOver(ClusterMetadata metadata) {
    boolean isBuilding =
        metadata.tasks().values().stream()
            .anyMatch(task -> task.state() == TaskState.BUILDING && task.build() != null);
    if (!isBuilding || !handingOver.compareAndSet(false, true)) {
      return;
    }
    shipping.execute(
        () -> {
          try {
            handover.run();
          } catch (RuntimeException e) {
            LOG.warn("handing shards over failed; trying again", e);
          } finally {
            handingOver.set(false);
          }
        });
  }

  private void clear(ClusterMetadata metadata) {
    long now = System.nanoTime();
    if (now - clearedNanos < CLEAR_NANOS || context.metadata().index() != metadata.index()) {
      return;
    }
    clearedNanos = now;
    Set<String> inUse = new HashSet<>(shares.keySet());
    inUse.addAll(taskOf.values());
    context.directories.deleteUnneeded(metadata, inUse, System.currentTimeMillis());
  }

  /** Ends all work here; what is on the disk stays for the next start. */
  @Override
  public void close() {
    context.feed.unlisten(listener);
    thread.shutdownNow();
    shipping.shutdownNow();
    serving.shutdownNow();
    try {
      thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
      shares.values().forEach(TaskShare::cancel);
      workers.shutdownNow();
      if (!workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("some work has not ended yet");
      } else {
        shares.values().forEach(TaskShare::close);
        ending.forEach(TaskShare::close);
      }
      shipping.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
