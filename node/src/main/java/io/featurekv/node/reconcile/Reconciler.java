package io.featurekv.node.reconcile;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.node.background.BackgroundThreads;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.node.shipping.FileFetch;
import io.featurekv.node.shipping.FileStore;
import io.featurekv.node.shipping.StoredFile;
import io.featurekv.node.wire.FileKey;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardChain;
import io.featurekv.storage.ShardFiles;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what this node has in line with the metadata: fetches, verifies, opens and probes the
 * shard files that are placed here, shows them to readers, reports them, and removes what nothing
 * refers to.
 *
 * <p>Invariants: all fields are owned by one reconciling thread, which never blocks; fetching and
 * opening run as jobs of a bounded pool and post their result back. A file is opened only after
 * every byte of it was proved in this process. Nothing is deleted before this node has caught up
 * with the metadata, nor within {@link #GRACE_MILLIS} of its last use by readers.
 */
public final class Reconciler implements AutoCloseable {
  /**
   * How long a version stays readable here after it is no longer kept: reads that are under way pin
   * it.
   */
  public static final long GRACE_MILLIS = Long.getLong("featurekv.grace.millis", 60_000);

  /** Files being fetched, verified or opened at once. */
  static final int MAX_JOBS = 2;

  private static final long TICK_MILLIS = 250;
  private static final long REPORT_TIMEOUT_MILLIS = 5_000;
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final String nodeId;
  private final MetadataFeed feed;
  private final FileStore store;
  private final FileFetch fetch;
  private final ServingCatalog catalog;
  private final TrialTallies trials;
  private final Proposer proposer;
  private final NodeReports reports;
  private final Reconciliation<OpenShardFile> state;
  private final AtomicLong session;
  private final IntConsumer pace;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("reconcile").factory());
  private final ExecutorService jobs =
      Executors.newFixedThreadPool(MAX_JOBS, BackgroundThreads.named("shipping-"));
  private final AtomicBoolean scheduled = new AtomicBoolean();

  private final OpenFiles<OpenShardFile> open =
      new OpenFiles<>(ShardChain::of, OpenShardFile::close, System::nanoTime);
  private final ShardLooks looks;
  private boolean closed;

  /**
   * {@code trials} counts reads of versions on trial; {@code session} is 0 until the node is
   * registered; {@code readClock} tells what has expired; {@code pace} is told of bytes that were
   * worked on, and blocks to slow the work down.
   */
  public Reconciler(
      String nodeId,
      MetadataFeed feed,
      FileStore store,
      FileFetch fetch,
      ServingCatalog catalog,
      TrialTallies trials,
      Proposer proposer,
      AtomicLong session,
      ReadClock readClock,
      IntConsumer pace) {
    this.pace = pace;
    this.looks = new ShardLooks(jobs, this::post, readClock::millis);
    this.nodeId = nodeId;
    this.feed = feed;
    this.store = store;
    this.fetch = fetch;
    this.catalog = catalog;
    this.trials = trials;
    this.session = session;
    this.proposer = proposer;
    this.reports =
        new NodeReports(nodeId, session::get, report -> tell(proposer, report), System::nanoTime);
    this.state =
        new Reconciliation<>(
            nodeId, store, open, reports, new RealEffects(), GRACE_MILLIS, System::nanoTime);
  }

  /**
   * Shows what the last known metadata says before anything is open: reads are passed on to others
   * until it is. Before the node listens.
   */
  public void showFirst() {
    catalog.show(CatalogPicture.of(feed.current(), nodeId, open, trials));
  }

  /** Begins to work. */
  public void start() {
    feed.listen(this::trigger);
    thread.scheduleWithFixedDelay(this::guardedRound, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void trigger() {
    if (scheduled.compareAndSet(false, true)) {
      execute(
          () -> {
            scheduled.set(false);
            guardedRound();
          });
    }
  }

  /** False when the node stops. */
  private boolean execute(Runnable task) {
    try {
      thread.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.trace("the reconciler is closed");
      return false;
    }
  }

  private void guardedRound() {
    try {
      round();
    } catch (RuntimeException e) {
      LOG.error("reconciling failed; trying again", e);
    }
  }

  private void round() {
    ClusterMetadata metadata = feed.current();
    if (metadata.isFormed() && !closed) {
      state.round(metadata, session.get());
    }
  }

  /** What a round brings about, by this node's threads and disk. */
  private final class RealEffects implements Reconciliation.Effects {
    @Override
    public void bring(Reconciliation.Job job) {
      jobs.execute(() -> work(job));
    }

    @Override
    public void show(ClusterMetadata metadata) {
      if (catalog.current().metadataIndex() != metadata.index()) {
        Failpoint.ACTIVATE_BEFORE_SHOW.hit();
      }
      catalog.show(CatalogPicture.of(metadata, nodeId, open, trials));
    }

    @Override
    public void look(ClusterMetadata metadata, List<WantedChain> wanted) {
      reports.findings(looks.round(metadata, wanted, open));
    }

    @Override
    public void ask(String other, FileKey key, Digest digest, Consumer<Boolean> answer) {
      fetch.isOpenOn(other, key, digest).thenAccept(isOpen -> execute(() -> answer.accept(isOpen)));
    }

    @Override
    public long newestIndex() {
      return Math.max(feed.current().index(), proposer.highestIndex());
    }
  }

  private static void tell(Proposer proposer, Command report) {
    proposer
        .propose(report, REPORT_TIMEOUT_MILLIS)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.debug("{}: {}", report, FeatureKvException.from(failure).getMessage());
              } else if (result.error() != null) {
                LOG.debug("{} was refused: {}", report, result.message());
              }
            });
  }

  private void work(Reconciliation.Job job) {
    WantedChain.WantedFile file = job.file();
    try {
      OpenShardFile opened = bringHere(job);
      if (!post(() -> finished(file, opened))) {
        opened.close();
      }
    } catch (FeatureKvException e) {
      post(() -> state.failed(feed.current(), file, e));
    } catch (RuntimeException | Error e) {
      LOG.error("{} could not be brought here", file.key(), e);
      post(() -> state.failed(feed.current(), file, FeatureKvException.from(e)));
    }
  }

  private void finished(WantedChain.WantedFile file, OpenShardFile opened) {
    if (closed) {
      opened.close();
    } else {
      state.finished(feed.current(), file, opened);
    }
  }

  /** False when the node stops. */
  private boolean post(Runnable result) {
    return execute(
        () -> {
          result.run();
          guardedRound();
        });
  }

  /** Runs on a job thread: proves what is here or fetches it, then opens and probes it. */
  private OpenShardFile bringHere(Reconciliation.Job job) {
    WantedChain.WantedFile file = job.file();
    FileKey key = file.key();
    Optional<StoredFile> present = store.find(key);
    Bringing bringing = Bringing.of(job, nodeId, present.map(StoredFile::digest));
    switch (bringing.how()) {
      case FETCH -> {
        fetch.fetch(
            key,
            file.manifest(),
            bringing.sources(),
            bringing.isReplaced(),
            () -> file.isWantedBy(feed.current()));
        // Used here; whoever looks at the file again proves it again.
        var _ = store.takeProof(key);
      }
      case PROVE -> {
        StoredFile stored = present.orElseThrow();
        Failpoint.LOAD_BEFORE_VERIFY.hit();
        ShardFiles.verify(stored.path(), file.manifest(), stored.pieces(), pace);
      }
      case OPEN -> {
        // Every byte was proved in this process.
      }
    }
    MemoryRoom.check(file.spec().kind(), key, file.manifest().lengthBytes());
    Failpoint.LOAD_BEFORE_OPEN.hit();
    OpenShardFile opened = ShardFiles.open(store.pathOf(key), file.spec(), pace);
    try {
      Failpoint.LOAD_BEFORE_PROBE.hit();
      opened.probe();
      if (file.verifyFull()) {
        verifyEntries(file, opened);
      }
      opened.warm(pace, MemoryRoom.forWarming());
      return opened;
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /** What the digest proves is summed up all the same, because the load asked for it. */
  private void verifyEntries(WantedChain.WantedFile file, OpenShardFile opened) {
    try {
      ShardFiles.verifyEntries(opened, file.manifest(), pace);
    } catch (FeatureKvException e) {
      throw new FeatureKvException(
          e.code(),
          "shard "
              + file.key().id().shard()
              + " does not have the entries that were loaded (--verify full): "
              + e.getMessage(),
          e);
    }
  }

  /**
   * A file at rest no longer matches its digest: nobody reads it any more, and it comes again where
   * another node has it.
   */
  public void onDamaged(FileKey key, FeatureKvException error) {
    post(
        () -> {
          LOG.error("{} is damaged and no longer served from here: {}", key, error.getMessage());
          state.damaged(feed.current(), key);
        });
  }

  /**
   * Begins to make a merged file here: its chain's files stay open until the lease is closed, and
   * nobody else writes or deletes the file until {@link #endMerge}. Empty when the chain is not
   * open here by these files, or when this node does not know yet what on its disk is refuse.
   *
   * @param chain as the metadata has it now
   */
  public Optional<LeasedFiles<OpenShardFile>> beginMerge(
      FileKey target, TableRecord table, List<ChainFile> chain) {
    return onThread(
        () -> closed ? Optional.empty() : state.beginMerge(target, table, chain), Optional.empty());
  }

  /**
   * The file is made and registered at this index, or given up at the index known now: from then on
   * it stays only if the metadata refers to it.
   */
  public void endMerge(FileKey target, long atIndex) {
    post(() -> state.endMerge(target, atIndex));
  }

  private <T> T onThread(Callable<T> task, T otherwise) {
    try {
      return thread.submit(task).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | RejectedExecutionException e) {
      LOG.debug("the reconciler did not answer: {}", e.toString());
    }
    return otherwise;
  }

  /** As which bytes a file is open and on the disk here; empty where it is not. */
  public CompletableFuture<Optional<Digest>> openDigest(FileKey key) {
    CompletableFuture<Optional<Digest>> digest = new CompletableFuture<>();
    if (!execute(
        () ->
            digest.complete(state.openDigest(key).filter(_ -> Files.exists(store.pathOf(key)))))) {
      digest.completeExceptionally(
          new FeatureKvException(ErrorCode.UNAVAILABLE, "node " + nodeId + " stops"));
    }
    return digest;
  }

  /** Files that are proved and open, for the scrub. */
  public List<StoredFile> servedFiles() {
    List<StoredFile> files = new ArrayList<>();
    Set<FileKey> keys = onThread(open::usedFiles, Set.of());
    for (FileKey key : keys) {
      store.find(key).ifPresent(files::add);
    }
    return files;
  }

  @Override
  public void close() {
    jobs.shutdownNow();
    try {
      thread
          .submit(
              () -> {
                closed = true;
                catalog.show(new ServingCatalog.Picture(0, Map.of()));
                open.close();
              })
          .get(10, TimeUnit.SECONDS);
      thread.shutdown();
      jobs.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.warn("closing the open files failed", e);
    }
  }
}
