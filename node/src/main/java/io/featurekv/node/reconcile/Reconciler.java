package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.Proposer;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.node.shipping.FileFetch;
import io.featurekv.node.shipping.FileStore;
import io.featurekv.node.shipping.StoredFile;
import io.featurekv.storage.OpenShardFile;
import io.featurekv.storage.ShardFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final long RETRY_MILLIS = 1_000;
  private static final int FAILURES_BEFORE_REPORT = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final String nodeId;
  private final MetadataFeed feed;
  private final FileStore store;
  private final FileFetch fetch;
  private final ServingCatalog catalog;
  private final NodeReports reports;
  private final AtomicLong session;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("reconcile").factory());
  private final ExecutorService jobs =
      Executors.newFixedThreadPool(
          MAX_JOBS, Thread.ofPlatform().name("shipping-", 0).daemon().factory());
  private final AtomicBoolean scheduled = new AtomicBoolean();

  private final OpenFiles open = new OpenFiles();
  private final Set<ShardFileId> busy = new HashSet<>();
  private final Set<ShardFileId> proved = new HashSet<>();
  private final Set<ShardFileId> damaged = new HashSet<>();
  private final Map<ShardFileId, Failure> failures = new HashMap<>();
  private final Map<WantedChain.Key, Long> unwantedSinceNanos = new HashMap<>();
  private boolean strayFilesRemoved;
  private boolean closed;

  private record Failure(int count, long retryAtNanos, FeatureKvException error) {
    /** One failure may pass by itself; several, or a full disk, are told to the cluster. */
    boolean isWorthTelling() {
      return count >= FAILURES_BEFORE_REPORT || error.code() == ErrorCode.NO_SPACE;
    }
  }

  /** {@code session} is 0 until the node is registered. */
  public Reconciler(
      String nodeId,
      MetadataFeed feed,
      FileStore store,
      FileFetch fetch,
      ServingCatalog catalog,
      Proposer proposer,
      AtomicLong session) {
    this.nodeId = nodeId;
    this.feed = feed;
    this.store = store;
    this.fetch = fetch;
    this.catalog = catalog;
    this.session = session;
    this.reports = new NodeReports(nodeId, session, proposer);
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

  private void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.trace("the reconciler is closed");
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
    if (metadata.clusterId().isEmpty() || closed) {
      return;
    }
    List<WantedChain> wanted = WantedChain.of(metadata, nodeId);
    for (WantedChain chain : wanted) {
      closeWhatIsOther(chain);
      if (open.chain(chain.key()) == null) {
        bring(chain);
        open.openChain(chain);
      }
    }
    retire(metadata, wanted);
    catalog.show(CatalogPicture.of(metadata, nodeId, open));
    if (session.get() != 0) {
      reports.readiness(metadata, wanted, open);
      reports.failures(metadata, failureTexts(wanted));
      if (metadata.index() >= session.get()) {
        removeUnreferenced(metadata, wanted);
      }
    }
  }

  /** A file of an earlier attempt of the same task may still be open under the same name. */
  private void closeWhatIsOther(WantedChain chain) {
    for (WantedChain.WantedFile file : chain.files()) {
      if (open.isOpen(file.id()) && !open.isOpenAs(file)) {
        LOG.info("{} is open as an earlier attempt built it; closing that", file.id());
        open.closeFile(file.id());
        proved.remove(file.id());
      }
    }
  }

  /** Starts a job for each file of a chain that is not open, as far as jobs are free. */
  private void bring(WantedChain chain) {
    for (WantedChain.WantedFile file : chain.files()) {
      ShardFileId id = file.id();
      Failure failure = failures.get(id);
      boolean waits = failure != null && System.nanoTime() - failure.retryAtNanos() < 0;
      if (open.isOpen(id) || busy.contains(id) || waits || busy.size() >= 4 * MAX_JOBS) {
        continue;
      }
      busy.add(id);
      boolean isProved = proved.contains(id);
      boolean isDamaged = damaged.contains(id);
      jobs.execute(() -> work(file, isProved, isDamaged));
    }
  }

  private void work(WantedChain.WantedFile file, boolean isProved, boolean isDamaged) {
    try {
      OpenShardFile opened = bringHere(file, isProved, isDamaged);
      post(() -> finished(file, opened));
    } catch (FeatureKvException e) {
      post(() -> failed(file, e));
    } catch (RuntimeException | Error e) {
      LOG.error("{} could not be brought here", file.id(), e);
      post(() -> failed(file, FeatureKvException.from(e)));
    }
  }

  private void post(Runnable result) {
    execute(
        () -> {
          result.run();
          guardedRound();
        });
  }

  /** Runs on a job thread: proves what is here or fetches it, then opens and probes it. */
  private OpenShardFile bringHere(
      WantedChain.WantedFile file, boolean isProved, boolean isDamaged) {
    ShardFileId id = file.id();
    List<String> sources = new ArrayList<>(file.holders());
    sources.remove(nodeId);
    Optional<StoredFile> present = store.find(id);
    boolean isOther =
        present.isPresent() && !present.get().digest().equals(file.manifest().digest());
    if (isOther && sources.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          store.pathOf(id)
              + " is not what the metadata says: digest expected "
              + file.manifest().digest()
              + ", actual "
              + present.get().digest()
              + "; no other node holds it");
    }
    if (isOther || (present.isPresent() && isDamaged && !sources.isEmpty())) {
      store.delete(id);
      present = Optional.empty();
    }
    if (present.isEmpty()) {
      if (sources.isEmpty()) {
        throw new FeatureKvException(ErrorCode.UNAVAILABLE, "no node holds " + id);
      }
      fetch.fetch(id, file.manifest(), sources);
    } else if (!isProved) {
      ShardFiles.verify(present.get().path(), file.manifest(), present.get().pieces());
    }
    MemoryRoom.check(file.spec().kind(), id, file.manifest().lengthBytes());
    OpenShardFile opened = ShardFiles.open(store.pathOf(id), file.spec());
    try {
      opened.probe();
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void finished(WantedChain.WantedFile file, OpenShardFile opened) {
    ShardFileId id = file.id();
    busy.remove(id);
    if (closed) {
      opened.close();
      return;
    }
    proved.add(id);
    damaged.remove(id);
    failures.remove(id);
    open.add(file, opened);
    reports.held(feed.current(), file);
  }

  private void failed(WantedChain.WantedFile file, FeatureKvException error) {
    ShardFileId id = file.id();
    busy.remove(id);
    Failure before = failures.get(id);
    int count = before == null ? 1 : before.count() + 1;
    LOG.warn("{} cannot be served here (attempt {}): {}", id, count, error.getMessage());
    if (error.code() == ErrorCode.CORRUPT) {
      markDamaged(id);
    }
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS * Math.min(count, 30));
    failures.put(id, new Failure(count, System.nanoTime() + delayNanos, error));
  }

  /**
   * A file at rest no longer matches its digest: nobody reads it any more, and it comes again where
   * another node has it.
   */
  public void onDamaged(ShardFileId id, FeatureKvException error) {
    post(
        () -> {
          LOG.error("{} is damaged and no longer served from here: {}", id, error.getMessage());
          open.closeFile(id);
          markDamaged(id);
        });
  }

  private void markDamaged(ShardFileId id) {
    proved.remove(id);
    damaged.add(id);
    reports.dropped(Set.of(id));
  }

  /** Closes chains that are no longer wanted, once nobody can be reading them by right. */
  private void retire(ClusterMetadata metadata, List<WantedChain> wanted) {
    Set<WantedChain.Key> keys = new HashSet<>();
    wanted.forEach(chain -> keys.add(chain.key()));
    for (WantedChain.Key key : open.chainKeys()) {
      if (keys.contains(key)) {
        unwantedSinceNanos.remove(key);
        continue;
      }
      long since = unwantedSinceNanos.computeIfAbsent(key, k -> System.nanoTime());
      boolean graceIsOver = System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
      if (graceIsOver || Referenced.isFailed(metadata, key.table(), key.version())) {
        open.closeChain(key);
        unwantedSinceNanos.remove(key);
      }
    }
  }

  private void removeUnreferenced(ClusterMetadata metadata, List<WantedChain> wanted) {
    Set<ShardFileId> wantedFiles = new HashSet<>();
    wanted.forEach(chain -> chain.files().forEach(file -> wantedFiles.add(file.id())));
    open.closeUnused(wantedFiles);
    Set<ShardFileId> inUse = open.usedFiles();
    Set<ShardFileId> gone = new HashSet<>();
    for (StoredFile file : store.all()) {
      ShardFileId id = file.id();
      boolean stays =
          wantedFiles.contains(id)
              || inUse.contains(id)
              || busy.contains(id)
              || Referenced.mustStay(metadata, nodeId, id);
      if (!stays) {
        gone.add(id);
      }
    }
    gone.removeIf(id -> hasMovedOn(metadata));
    for (ShardFileId id : gone) {
      store.delete(id);
      proved.remove(id);
      damaged.remove(id);
      failures.remove(id);
    }
    reports.dropped(gone);
    for (ShardFileId id : store.allIncoming()) {
      if (!wantedFiles.contains(id)
          && !busy.contains(id)
          && !Referenced.mustStay(metadata, nodeId, id)
          && !hasMovedOn(metadata)) {
        store.delete(id);
      }
    }
    if (!strayFilesRemoved && !hasMovedOn(metadata)) {
      strayFilesRemoved = true;
      store.removeStrays(
          id -> wantedFiles.contains(id) || Referenced.mustStay(metadata, nodeId, id));
    }
  }

  /**
   * Why a version cannot be loaded here, by table and version; empty text where a reported failure
   * is over.
   */
  private Map<NodeReports.VersionKey, String> failureTexts(List<WantedChain> wanted) {
    Map<NodeReports.VersionKey, String> texts = new HashMap<>();
    for (WantedChain chain : wanted) {
      for (WantedChain.WantedFile file : chain.files()) {
        Failure failure = failures.get(file.id());
        if (failure != null && failure.isWorthTelling()) {
          texts.put(
              new NodeReports.VersionKey(chain.key().table(), chain.key().version()),
              String.valueOf(failure.error().getMessage()));
        }
      }
    }
    return texts;
  }

  /**
   * Whether the metadata has changed since this round began: what it said of files may no longer
   * hold, so nothing is deleted by it.
   */
  private boolean hasMovedOn(ClusterMetadata metadata) {
    return feed.current().index() != metadata.index();
  }

  /** Files that are proved and open, for the scrub. */
  public List<StoredFile> servedFiles() {
    List<StoredFile> files = new ArrayList<>();
    try {
      Set<ShardFileId> ids = thread.submit(open::usedFiles).get();
      for (ShardFileId id : ids) {
        store.find(id).ifPresent(files::add);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.RejectedExecutionException e) {
      LOG.debug("no files to scrub: {}", e.toString());
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
