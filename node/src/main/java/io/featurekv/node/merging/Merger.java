package io.featurekv.node.merging;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.node.background.BackgroundThreads;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.reconcile.LeasedFiles;
import io.featurekv.node.reconcile.Reconciler;
import io.featurekv.node.shipping.FileStore;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the chains that are this node's to merge, one at a time on a thread of its own: leases the
 * open files, writes the merged file into the node's own store, registers it. The reconcilers of
 * all nodes do the rest: they fetch the file, open it and swap the chain.
 *
 * <p>A node killed in between leaves a temporary file, or a file that nothing refers to; the
 * reconciler removes both after the next start. A file that was registered although the answer was
 * lost is found to be wanted, and stays.
 */
public final class Merger implements AutoCloseable {
  /** Entries stay in merged files for so long after they expired: a token may still read them. */
  static final long KEPT_EXPIRED_SECONDS = 24 * 3_600;

  private static final long TICK_MILLIS = 1_000;
  private static final long TIMEOUT_MILLIS = 10_000;
  private static final long FIRST_PAUSE_MILLIS = 5_000;
  private static final long LONGEST_PAUSE_MILLIS = 600_000;
  private static final int STOP_SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(Merger.class);

  private final String nodeId;
  private final MetadataFeed feed;
  private final FileStore store;
  private final Reconciler reconciler;
  private final Proposer proposer;
  private final AtomicLong session;
  private final ChainMerge merge;
  private final MergeSettings settings;
  private final IntConsumer background;
  private final Map<FileKey, Pause> pauses = new HashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(BackgroundThreads.named("merge-"));
  private volatile boolean closed;

  private record Pause(int failures, long untilNanos) {}

  /**
   * {@code session} is 0 until the node is registered; {@code background} is told of bytes that are
   * merged, and blocks to slow the merging down.
   */
  public Merger(
      String nodeId,
      MetadataFeed feed,
      FileStore store,
      Reconciler reconciler,
      Proposer proposer,
      AtomicLong session,
      ChainMerge merge,
      MergeSettings settings,
      IntConsumer background) {
    this.background = background;
    this.nodeId = nodeId;
    this.feed = feed;
    this.store = store;
    this.reconciler = reconciler;
    this.proposer = proposer;
    this.session = session;
    this.merge = merge;
    this.settings = settings;
  }

  /** Begins to look for chains to merge. */
  public void start() {
    thread.scheduleWithFixedDelay(
        this::guardedTick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void guardedTick() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.error("merging failed; trying again", e);
    }
  }

  /** Merges what is due, one chain after the other, by the newest metadata each time. */
  private void tick() {
    Set<FileKey> tried = new HashSet<>();
    Optional<DueMerge> next = next(tried);
    while (next.isPresent() && !closed) {
      tried.add(next.get().target());
      run(next.get());
      next = next(tried);
    }
  }

  private Optional<DueMerge> next(Set<FileKey> tried) {
    ClusterMetadata metadata = feed.current();
    if (session.get() == 0 || metadata.index() < session.get()) {
      return Optional.empty();
    }
    List<DueMerge> due = MergePlan.due(metadata, nodeId, settings.maxChainFiles());
    Set<FileKey> targets = new HashSet<>();
    due.forEach(merge -> targets.add(merge.target()));
    pauses.keySet().retainAll(targets);
    long now = System.nanoTime();
    return due.stream()
        .filter(merge -> !tried.contains(merge.target()))
        .filter(
            merge -> {
              Pause pause = pauses.get(merge.target());
              return pause == null || now - pause.untilNanos() >= 0;
            })
        .findFirst();
  }

  private void run(DueMerge due) {
    FileKey target = due.target();
    Optional<LeasedFiles<OpenShardFile>> leased =
        reconciler.beginMerge(target, due.table(), due.files());
    if (leased.isEmpty()) {
      LOG.debug("{} waits until its chain is open here", target);
      return;
    }
    long registeredAtIndex = 0;
    Pace pace = Pace.of(settings.bytesPerSecond(), () -> stopReason(due));
    try (LeasedFiles<OpenShardFile> files = leased.get()) {
      long startNanos = System.nanoTime();
      SealedShardFile sealed = build(due, files, pace);
      registeredAtIndex = register(due, sealed.manifest());
      pauses.remove(target);
      LOG.info(
          "{}: {} files with {} bytes merged into one of {} in {} ms",
          target,
          due.files().size(),
          due.bytes(),
          sealed.manifest().lengthBytes(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
    } catch (RuntimeException e) {
      if (closed || pace.stoppedBecause() != null) {
        LOG.info("merging {} was given up: {}", target, e.getMessage());
      } else {
        pause(target, e);
      }
    } finally {
      reconciler.endMerge(target, registeredAtIndex);
    }
  }

  private Optional<String> stopReason(DueMerge due) {
    return closed ? Optional.of("the node stops") : MergePlan.obsolete(feed.current(), due, nodeId);
  }

  private SealedShardFile build(DueMerge due, LeasedFiles<OpenShardFile> files, Pace pace) {
    FileKey target = due.target();
    // Only now that the file is this merge's: what made it due may have been older than the end of
    // the merge before.
    Optional<String> overtaken = MergePlan.overtaken(feed.current(), due);
    if (overtaken.isPresent()) {
      throw pace.stopped(overtaken.get());
    }
    Failpoint.MERGE_BEFORE_BUILD.hit();
    Path path = store.prepare(target, due.bytes());
    try {
      SealedShardFile sealed =
          merge.merge(
              files.newestFirst(),
              path,
              due.spec(),
              ShardBuildOptions.forEntries(due.entries()),
              dropExpiredBeforeSeconds(due.version(), System.currentTimeMillis()),
              pace.andThen(background));
      store.adopt(target, sealed);
      return sealed;
    } catch (RuntimeException e) {
      store.delete(target);
      throw e;
    }
  }

  /**
   * Expired entries go a day after they expired, by the earlier of two clocks: this node's, and the
   * one by which the version became active. So no single clock that is ahead makes a merge drop
   * what somebody may still read.
   */
  static long dropExpiredBeforeSeconds(VersionRecord version, long nowMillis) {
    long versionMillis = Math.max(version.sealedAtMillis(), version.activatedAtMillis());
    long seconds = Math.min(nowMillis, versionMillis) / 1_000;
    return Math.max(0, seconds - KEPT_EXPIRED_SECONDS);
  }

  /** Returns the log index of the registration. */
  private long register(DueMerge due, FileManifest manifest) {
    Command command =
        new Command.RegisterMerged(
            nodeId,
            session.get(),
            due.table().name(),
            due.version().number(),
            due.shard(),
            manifest);
    boolean mayBeDone = false;
    for (int attempt = 1; ; attempt++) {
      try {
        Failpoint.MERGE_BEFORE_REGISTER.hit();
        CommandResult result = proposer.propose(command, TIMEOUT_MILLIS).join().orThrow();
        return result.index();
      } catch (RuntimeException e) {
        FeatureKvException error = FeatureKvException.from(e);
        mayBeDone |= error.code() == ErrorCode.UNKNOWN_OUTCOME;
        boolean isObsolete = MergePlan.obsolete(feed.current(), due, nodeId).isPresent();
        boolean isTriedAgain = MergePlan.isRegisteredAgain(error.code(), attempt, mayBeDone);
        if (!isTriedAgain || isObsolete || closed) {
          throw error;
        }
        LOG.info("{} is not registered yet: {}", due.target(), error.getMessage());
        sleep(FIRST_PAUSE_MILLIS);
      }
    }
  }

  private static void sleep(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Pace.StoppedException("the node stops");
    }
  }

  private void pause(FileKey target, RuntimeException error) {
    Pause before = pauses.get(target);
    int failures = before == null ? 1 : before.failures() + 1;
    long millis = pauseMillis(failures);
    pauses.put(
        target, new Pause(failures, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis)));
    LOG.warn(
        "{} was not merged (attempt {}), again in {} s: {}",
        target,
        failures,
        millis / 1_000,
        error instanceof FeatureKvException ? error.getMessage() : error.toString());
  }

  /** How long after so many failures in a row the next attempt comes. */
  static long pauseMillis(int failures) {
    return Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures - 1, 20));
  }

  /** Ends the merge that is under way; what it has written goes. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a merge has not ended yet");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
