package io.featurekv.node.reconcile;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
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
import io.featurekv.storage.ShardFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
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

  private static final int MAX_JOBS_WAITING = 4 * MAX_JOBS;

  /**
   * How long a chain that a shorter one has replaced stays open: reads that found it in the picture
   * and wait for a thread still lease it.
   */
  private static final long REPLACED_GRACE_MILLIS = Math.min(GRACE_MILLIS, 10_000);

  private static final long TICK_MILLIS = 250;
  private static final long PARTS_CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RETRY_MILLIS = 1_000;
  private static final int FAILURES_BEFORE_REPORT = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  private final String nodeId;
  private final MetadataFeed feed;
  private final FileStore store;
  private final FileFetch fetch;
  private final ServingCatalog catalog;
  private final TrialTallies trials;
  private final NodeReports reports;
  private final AtomicLong session;
  private final IntConsumer pace;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("reconcile").factory());
  private final ExecutorService jobs =
      Executors.newFixedThreadPool(MAX_JOBS, BackgroundThreads.named("shipping-"));
  private final AtomicBoolean scheduled = new AtomicBoolean();

  private final OpenFiles open = new OpenFiles();
  private final ShardLooks looks;
  private final Set<FileKey> busy = new HashSet<>();
  private final Set<FileKey> proved = new HashSet<>();
  private final Set<FileKey> damaged = new HashSet<>();
  private final Map<FileKey, Failure> failures = new HashMap<>();

  /**
   * Merged files that are being made here, and until which index of the metadata they stay although
   * nothing refers to them: none while one is being made.
   */
  private final Map<FileKey, Long> merging = new HashMap<>();

  private final Map<WantedChain.Key, Long> unwantedSinceNanos = new HashMap<>();
  private boolean strayFilesRemoved;
  private boolean lostFilesTold;
  private long partsCheckedNanos = System.nanoTime();
  private boolean closed;

  private record Failure(int count, long retryAtNanos, FeatureKvException error) {
    /** One failure may pass by itself; several, or a full disk, are told to the cluster. */
    boolean isWorthTelling() {
      return count >= FAILURES_BEFORE_REPORT || error.code() == ErrorCode.NO_SPACE;
    }
  }

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
    this.reports = new NodeReports(nodeId, session, proposer);
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
    if (metadata.clusterId().isEmpty() || closed) {
      return;
    }
    List<WantedChain> wanted = WantedChain.of(metadata, nodeId);
    for (WantedChain chain : wanted) {
      closeWhatIsOther(chain);
      if (open.chain(chain.key()) == null) {
        List<WantedChain.WantedFile> way = firstWay(chain);
        bring(way, MAX_JOBS_WAITING);
        open.openChain(chain.key(), way);
      }
    }
    shorten(wanted);
    retire(metadata, wanted);
    if (catalog.current().metadataIndex() != metadata.index()) {
      Failpoint.ACTIVATE_BEFORE_SHOW.hit();
    }
    catalog.show(CatalogPicture.of(metadata, nodeId, open, trials));
    open.closeReplaced(TimeUnit.MILLISECONDS.toNanos(REPLACED_GRACE_MILLIS));
    if (session.get() != 0) {
      reports.readiness(metadata, wanted, open, this::isHere);
      reports.failures(metadata, failureTexts(wanted));
      reports.findings(looks.round(metadata, wanted, open));
      if (metadata.index() >= session.get()) {
        tellOfLostFiles(metadata);
        removeUnreferenced(metadata, wanted);
      }
    }
  }

  /** A file of an earlier attempt of the same task may still be open under the same name. */
  private void closeWhatIsOther(WantedChain chain) {
    for (WantedChain.WantedFile file : chain.allFiles()) {
      if (open.isOpen(file.key()) && !open.isOpenAs(file)) {
        LOG.info("{} is open as an earlier attempt built it; closing that", file.key());
        open.closeFile(file.key());
        proved.remove(file.key());
      }
    }
  }

  /**
   * By which files a chain becomes readable first: by the settled way where nothing is missing for
   * it but for the merged file that would shorten it.
   */
  private List<WantedChain.WantedFile> firstWay(WantedChain chain) {
    boolean isShortestHere = chain.onlyShortest().stream().allMatch(this::isHereAndWell);
    boolean isSettledHere = chain.onlySettled().stream().allMatch(this::isHereAndWell);
    return isSettledHere && !isShortestHere ? chain.settled() : chain.files();
  }

  private boolean isHereAndWell(WantedChain.WantedFile file) {
    FileKey key = file.key();
    return open.isOpenAs(file)
        || (store.find(key).isPresent() && !damaged.contains(key) && !failures.containsKey(key));
  }

  private boolean isHere(FileKey key) {
    return store.find(key).isPresent() || busy.contains(key) || merging.containsKey(key);
  }

  /**
   * Brings the merged files that would shorten chains that are readable already, one at a time and
   * after everything else, and swaps the chains whose files are all there.
   */
  private void shorten(List<WantedChain> wanted) {
    for (WantedChain chain : wanted) {
      if (open.chain(chain.key()) != null && !open.isOpenBy(chain.key(), chain.files())) {
        bring(chain.files(), 1);
        open.openChain(chain.key(), chain.files());
      }
    }
  }

  /**
   * Starts a job for each file that is not open, as long as fewer than {@code maxBusy} are busy.
   */
  private void bring(List<WantedChain.WantedFile> files, int maxBusy) {
    for (WantedChain.WantedFile file : files) {
      FileKey key = file.key();
      Failure failure = failures.get(key);
      boolean waits = failure != null && System.nanoTime() - failure.retryAtNanos() < 0;
      boolean isUnderWay = busy.contains(key) || isBeingMerged(key);
      if (open.isOpen(key) || isUnderWay || waits || busy.size() >= maxBusy) {
        continue;
      }
      busy.add(key);
      boolean isProved = store.takeProof(key) || proved.contains(key);
      boolean isDamaged = damaged.contains(key);
      jobs.execute(() -> work(file, isProved, isDamaged));
    }
  }

  private void work(WantedChain.WantedFile file, boolean isProved, boolean isDamaged) {
    try {
      OpenShardFile opened = bringHere(file, isProved, isDamaged);
      if (!post(() -> finished(file, opened))) {
        opened.close();
      }
    } catch (FeatureKvException e) {
      post(() -> failed(file, e));
    } catch (RuntimeException | Error e) {
      LOG.error("{} could not be brought here", file.key(), e);
      post(() -> failed(file, FeatureKvException.from(e)));
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
  private OpenShardFile bringHere(
      WantedChain.WantedFile file, boolean isProved, boolean isDamaged) {
    FileKey key = file.key();
    List<String> sources = new ArrayList<>(file.holders());
    sources.remove(nodeId);
    Optional<StoredFile> present = store.find(key);
    boolean isOther =
        present.isPresent() && !present.get().digest().equals(file.manifest().digest());
    if (isOther && sources.isEmpty()) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          store.pathOf(key)
              + " is not what the metadata says: digest expected "
              + file.manifest().digest()
              + ", actual "
              + present.get().digest()
              + "; no other node holds it");
    }
    if (isOther || (present.isPresent() && isDamaged && !sources.isEmpty())) {
      store.delete(key);
      present = Optional.empty();
    }
    if (present.isEmpty()) {
      if (sources.isEmpty()) {
        throw new FeatureKvException(ErrorCode.UNAVAILABLE, "no node holds " + key);
      }
      fetch.fetch(key, file.manifest(), sources);
      var _ = store.takeProof(key);
    } else if (!isProved) {
      Failpoint.LOAD_BEFORE_VERIFY.hit();
      ShardFiles.verify(present.get().path(), file.manifest(), present.get().pieces(), pace);
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

  private void finished(WantedChain.WantedFile file, OpenShardFile opened) {
    FileKey key = file.key();
    busy.remove(key);
    if (closed) {
      opened.close();
      return;
    }
    proved.add(key);
    damaged.remove(key);
    failures.remove(key);
    open.add(file, opened);
    reports.held(feed.current(), file);
  }

  private void failed(WantedChain.WantedFile file, FeatureKvException error) {
    FileKey key = file.key();
    busy.remove(key);
    Failure before = failures.get(key);
    int count = before == null ? 1 : before.count() + 1;
    LOG.warn("{} cannot be served here (attempt {}): {}", key, count, error.getMessage());
    if (error.code() == ErrorCode.CORRUPT) {
      markDamaged(key);
    }
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS * Math.min(count, 30));
    failures.put(key, new Failure(count, System.nanoTime() + delayNanos, error));
  }

  /**
   * A file at rest no longer matches its digest: nobody reads it any more, and it comes again where
   * another node has it.
   */
  public void onDamaged(FileKey key, FeatureKvException error) {
    post(
        () -> {
          LOG.error("{} is damaged and no longer served from here: {}", key, error.getMessage());
          open.closeFile(key);
          markDamaged(key);
        });
  }

  private void markDamaged(FileKey key) {
    proved.remove(key);
    damaged.add(key);
    reports.dropped(feed.current(), Set.of(key));
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

  /**
   * What is said to be here and is not, as after a crash between deleting a file and telling of it:
   * nothing else would ever correct that for files that are not wanted here. Once they are told.
   */
  private void tellOfLostFiles(ClusterMetadata metadata) {
    if (lostFilesTold) {
      return;
    }
    Set<FileKey> lost = Referenced.saidToBeOn(metadata, nodeId);
    lost.removeIf(this::isHere);
    lostFilesTold = lost.isEmpty();
    if (!lostFilesTold) {
      reports.dropped(metadata, lost);
    }
  }

  private void removeUnreferenced(ClusterMetadata metadata, List<WantedChain> wanted) {
    Set<FileKey> wantedFiles = new HashSet<>();
    Set<FileKey> wantedOpen = new HashSet<>();
    for (WantedChain chain : wanted) {
      boolean isShort = open.isOpenBy(chain.key(), chain.files());
      chain.allFiles().forEach(file -> wantedFiles.add(file.key()));
      (isShort ? chain.files() : chain.allFiles()).forEach(file -> wantedOpen.add(file.key()));
    }
    open.closeUnused(wantedOpen);
    merging.values().removeIf(untilIndex -> metadata.index() >= untilIndex);
    Set<FileKey> inUse = open.usedFiles();
    Set<FileKey> gone = new HashSet<>();
    for (StoredFile file : store.all()) {
      FileKey key = file.key();
      boolean stays =
          wantedFiles.contains(key)
              || inUse.contains(key)
              || busy.contains(key)
              || merging.containsKey(key)
              || Referenced.mustStay(metadata, nodeId, key);
      if (!stays) {
        gone.add(key);
      }
    }
    gone.removeIf(key -> hasMovedOn(metadata));
    for (FileKey key : gone) {
      Failpoint.COLLECT_BEFORE_DELETE.hit();
      store.delete(key);
      proved.remove(key);
      damaged.remove(key);
      failures.remove(key);
    }
    if (!gone.isEmpty()) {
      Failpoint.COLLECT_BEFORE_REPORT.hit();
    }
    reports.dropped(metadata, gone);
    for (FileKey key : store.allIncoming()) {
      if (!wantedFiles.contains(key)
          && !busy.contains(key)
          && !Referenced.mustStay(metadata, nodeId, key)
          && !hasMovedOn(metadata)) {
        store.delete(key);
      }
    }
    Predicate<FileKey> mayStillCome =
        key -> wantedFiles.contains(key) || Referenced.mustStay(metadata, nodeId, key);
    if (!strayFilesRemoved && !hasMovedOn(metadata)) {
      strayFilesRemoved = true;
      store.removeStrays(mayStillCome);
    }
    long now = System.nanoTime();
    if (now - partsCheckedNanos > PARTS_CHECK_NANOS && !hasMovedOn(metadata)) {
      partsCheckedNanos = now;
      store.removeStrayParts(mayStillCome);
    }
  }

  /**
   * Why a version cannot be loaded here, by table and version; empty text where a reported failure
   * is over.
   */
  private Map<NodeReports.VersionKey, String> failureTexts(List<WantedChain> wanted) {
    Map<NodeReports.VersionKey, String> texts = new HashMap<>();
    for (WantedChain chain : wanted) {
      if (open.chain(chain.key()) != null) {
        // A merged file that does not come keeps nobody from reading.
        continue;
      }
      for (WantedChain.WantedFile file : chain.files()) {
        Failure failure = failures.get(file.key());
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

  private boolean isBeingMerged(FileKey key) {
    return merging.getOrDefault(key, 0L) == Long.MAX_VALUE;
  }

  /**
   * Begins to make a merged file here: its chain's files stay open until the lease is closed, and
   * nobody else writes or deletes the file until {@link #endMerge}. Empty when the chain is not
   * open here by these files, or when this node does not know yet what on its disk is refuse.
   *
   * @param chain as the metadata has it now
   */
  public Optional<LeasedFiles> beginMerge(
      FileKey target, TableRecord table, List<ChainFile> chain) {
    List<WantedChain.WantedFile> files = WantedChain.files(table, chain);
    return onThread(
        () -> {
          boolean isFree = !isBeingMerged(target) && !busy.contains(target) && !open.isOpen(target);
          if (closed || !strayFilesRemoved || !isFree) {
            return Optional.empty();
          }
          Optional<LeasedFiles> leased = open.lease(files);
          leased.ifPresent(lease -> merging.put(target, Long.MAX_VALUE));
          return leased;
        },
        Optional.empty());
  }

  /**
   * The file is made and registered at this index, or given up at the index known now: from then on
   * it stays only if the metadata refers to it.
   */
  public void endMerge(FileKey target, long atIndex) {
    post(
        () -> {
          merging.put(target, atIndex);
          proved.remove(target);
          damaged.remove(target);
          failures.remove(target);
        });
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
