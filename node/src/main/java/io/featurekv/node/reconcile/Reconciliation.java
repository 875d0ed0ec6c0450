package io.featurekv.node.reconcile;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.shipping.Disk;
import io.featurekv.node.wire.FileKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node decides about its shard files: which to bring and to open, which chains readers see,
 * what to tell the cluster, and what to remove.
 *
 * <p>Invariants: a file is opened only after every byte of it was proved in this process. Nothing
 * is deleted before this node has caught up with the metadata, nor by metadata that has changed
 * meanwhile, nor within the grace of its last use by readers. What a kept version needs goes only
 * after whoever is to have it has said so.
 *
 * <p>Has no clock, thread or network of its own. Owned by one thread.
 *
 * @param <F> an open file
 */
public final class Reconciliation<F> {
  private static final int MAX_JOBS_WAITING = 4 * Reconciler.MAX_JOBS;

  /**
   * How long a chain that a shorter one has replaced stays open at most: reads that found it in the
   * picture and wait for a thread still lease it.
   */
  private static final long MAX_REPLACED_GRACE_MILLIS = 10_000;

  private static final long PARTS_CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOST_CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RETRY_MILLIS = 1_000;
  private static final int FAILURES_BEFORE_REPORT = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

  private final String nodeId;
  private final Disk disk;
  private final OpenFiles<F> open;
  private final NodeReports reports;
  private final Effects effects;
  private final long graceMillis;
  private final LongSupplier nanoTime;
  private final OtherCopies others;
  private final Set<FileKey> busy = new HashSet<>();
  private final Set<FileKey> proved = new HashSet<>();
  private final Set<FileKey> damaged = new HashSet<>();
  private final Map<FileKey, Failure> failures = new HashMap<>();

  /**
   * Merged files that are being made here, and until which index of the metadata they stay although
   * nothing refers to them: none while one is being made.
   */
  private final Map<FileKey, Long> merging = new HashMap<>();

  private final Map<WantedChain.Key, Unwanted> unwanted = new HashMap<>();
  private boolean strayFilesRemoved;
  private long partsCheckedNanos;
  private long lostCheckedNanos;

  private record Failure(int count, long retryAtNanos, FeatureKvException error) {
    /** One failure may pass by itself; several, or a full disk, are told to the cluster. */
    boolean isWorthTelling() {
      return count >= FAILURES_BEFORE_REPORT || error.code() == ErrorCode.NO_SPACE;
    }
  }

  /**
   * A chain that is open and not wanted.
   *
   * @param isKept whether its version is, and only the placement gives its shard to others
   */
  private record Unwanted(long sinceNanos, boolean isKept) {}

  /**
   * A file to be brought here, proved and opened; ends in {@link #finished} or {@link #failed}.
   *
   * @param isProved whether the file that is here was proved in this process
   * @param isDamaged whether it was found not to be what it should
   */
  public record Job(WantedChain.WantedFile file, boolean isProved, boolean isDamaged) {}

  /** What a round brings about. */
  public interface Effects {
    /** Begins a job, without blocking. */
    void bring(Job job);

    /** Shows readers what is open, as the metadata has it. */
    void show(ClusterMetadata metadata);

    /** Looks into shards of versions that are not ready, where their tables ask for it. */
    void look(ClusterMetadata metadata, List<WantedChain> wanted);

    /**
     * Asks another node whether it has this file open, without blocking; the answer is told on the
     * owner's thread, or never.
     */
    void ask(String nodeId, FileKey key, Digest digest, Consumer<Boolean> answer);

    /** Up to where this node knows the log to reach: it may not have come so far. */
    long newestIndex();
  }

  /**
   * With nothing known to be proved.
   *
   * @param graceMillis how long a version stays readable here after it is no longer kept
   * @param nanoTime a monotonic clock
   */
  public Reconciliation(
      String nodeId,
      Disk disk,
      OpenFiles<F> open,
      NodeReports reports,
      Effects effects,
      long graceMillis,
      LongSupplier nanoTime) {
    this.nodeId = nodeId;
    this.disk = disk;
    this.open = open;
    this.reports = reports;
    this.effects = effects;
    this.graceMillis = graceMillis;
    this.nanoTime = nanoTime;
    this.others =
        new OtherCopies(
            (copy, answer) -> effects.ask(copy.nodeId(), copy.key(), copy.digest(), answer),
            nanoTime);
    this.partsCheckedNanos = nanoTime.getAsLong();
    this.lostCheckedNanos = partsCheckedNanos - LOST_CHECK_NANOS;
  }

  /**
   * Does what is due by the metadata.
   *
   * @param session of this node; 0 until it is registered
   */
  public void round(ClusterMetadata metadata, long session) {
    List<WantedChain> wanted = WantedChain.of(metadata, nodeId);
    closeEarlierAttempts(metadata);
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
    effects.show(metadata);
    open.closeReplaced(
        TimeUnit.MILLISECONDS.toNanos(Math.min(graceMillis, MAX_REPLACED_GRACE_MILLIS)));
    // Older metadata tells of the session before: what that was ready with is not lost.
    if (session != 0 && metadata.index() >= session) {
      reports.readiness(metadata, wanted, open, this::isHere, this::isRightAndWell);
      reports.failures(metadata, failureTexts(wanted));
      effects.look(metadata, wanted);
      tellOfLostFiles(metadata);
      removeUnreferenced(metadata, wanted);
    }
  }

  /**
   * A file of an earlier attempt of the same task may still be open under the same name, also where
   * nothing of its version is wanted: a node that was away has not seen that the attempt failed.
   */
  private void closeEarlierAttempts(ClusterMetadata metadata) {
    for (FileKey key : open.otherThan(file -> Referenced.digestOf(metadata, file))) {
      LOG.info("{} is open as an earlier attempt built it; closing that", key);
      open.closeFile(key);
      proved.remove(key);
    }
  }

  /** Nor may it be open as it is to be read otherwise. */
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
        || (disk.digestOf(key).isPresent() && !damaged.contains(key) && !failures.containsKey(key));
  }

  private boolean isRightAndWell(WantedChain.WantedFile file) {
    return isHereAndWell(file)
        && disk.digestOf(file.key()).equals(Optional.of(file.manifest().digest()));
  }

  private boolean isHere(FileKey key) {
    return disk.digestOf(key).isPresent() || busy.contains(key) || merging.containsKey(key);
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
      boolean waits = failure != null && nanoTime.getAsLong() - failure.retryAtNanos() < 0;
      boolean isUnderWay = busy.contains(key) || isBeingMerged(key);
      if (open.isOpen(key) || isUnderWay || waits || busy.size() >= maxBusy) {
        continue;
      }
      busy.add(key);
      boolean isProved = disk.takeProof(key) || proved.contains(key);
      boolean isDamaged = !isProved && damaged.contains(key);
      effects.bring(new Job(file, isProved, isDamaged));
    }
  }

  /** A job has ended well; takes over the opener's reference. */
  public void finished(ClusterMetadata metadata, WantedChain.WantedFile file, F opened) {
    FileKey key = file.key();
    busy.remove(key);
    proved.add(key);
    damaged.remove(key);
    failures.remove(key);
    open.add(file, opened);
    reports.held(metadata, file);
  }

  /** A job has failed; it is begun again after a while. */
  public void failed(
      ClusterMetadata metadata, WantedChain.WantedFile file, FeatureKvException error) {
    FileKey key = file.key();
    busy.remove(key);
    Failure before = failures.get(key);
    int count = before == null ? 1 : before.count() + 1;
    LOG.warn("{} cannot be served here (attempt {}): {}", key, count, error.getMessage());
    if (error.code() == ErrorCode.CORRUPT) {
      markDamaged(metadata, key);
    }
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS * Math.min(count, 30));
    failures.put(key, new Failure(count, nanoTime.getAsLong() + delayNanos, error));
  }

  /**
   * A file at rest no longer matches its digest: nobody reads it any more, and it comes again where
   * another node has it.
   */
  public void damaged(ClusterMetadata metadata, FileKey key) {
    open.closeFile(key);
    markDamaged(metadata, key);
  }

  private void markDamaged(ClusterMetadata metadata, FileKey key) {
    proved.remove(key);
    damaged.add(key);
    reports.dropped(metadata, Set.of(key));
  }

  /** Closes chains that are no longer wanted, once nobody can be reading them by right. */
  private void retire(ClusterMetadata metadata, List<WantedChain> wanted) {
    Set<WantedChain.Key> keys = new HashSet<>();
    wanted.forEach(chain -> keys.add(chain.key()));
    for (WantedChain.Key key : open.chainKeys()) {
      if (keys.contains(key)) {
        unwanted.remove(key);
        continue;
      }
      long now = nanoTime.getAsLong();
      boolean isKept = Referenced.isKept(metadata, key.table(), key.version());
      // Between losing its place here and its drop it may have been placed here again, unseen.
      Unwanted since =
          unwanted.compute(
              key,
              (_, known) ->
                  known == null || (known.isKept() && !isKept) ? new Unwanted(now, isKept) : known);
      boolean graceIsOver = now - since.sinceNanos() > TimeUnit.MILLISECONDS.toNanos(graceMillis);
      if (graceIsOver || Referenced.isNotBuilt(metadata, key.table(), key.version())) {
        open.closeChain(key);
        unwanted.remove(key);
      }
    }
  }

  /**
   * What is said to be here and is not, as after a crash between deleting a file and telling of it,
   * or where what was told got lost: nothing else would ever correct that for files that are not
   * wanted here.
   */
  private void tellOfLostFiles(ClusterMetadata metadata) {
    long now = nanoTime.getAsLong();
    if (now - lostCheckedNanos < LOST_CHECK_NANOS || hasMovedOn(metadata)) {
      return;
    }
    lostCheckedNanos = now;
    Set<FileKey> lost = Referenced.saidToBeOn(metadata, nodeId);
    lost.removeIf(this::isHere);
    lost.removeAll(disk.allIncoming());
    reports.dropped(metadata, lost);
  }

  private boolean isRight(ClusterMetadata metadata, FileKey key) {
    Optional<Digest> right = Referenced.digestOf(metadata, key);
    return right.isPresent() && right.equals(disk.digestOf(key)) && !damaged.contains(key);
  }

  /**
   * Whether a file of a kept version that others are to keep may go: what it leaves to is really
   * there, proved by this process or by others' own word. What is damaged or not the right file may
   * go without.
   */
  private boolean mayGo(ClusterMetadata metadata, FileKey key) {
    List<OtherCopies.Copy> standIns = Referenced.standIns(metadata, nodeId, key);
    boolean isVouchedFor =
        damaged.contains(key)
            || standIns.stream().anyMatch(this::isOpenHere)
            || others.isVouchedFor(key, standIns);
    if (isVouchedFor || !others.isDue(key)) {
      return isVouchedFor;
    }
    if (!isRight(metadata, key)) {
      return true;
    }
    others.ask(key, standIns.stream().filter(copy -> !copy.nodeId().equals(nodeId)).toList());
    return false;
  }

  private boolean isOpenHere(OtherCopies.Copy copy) {
    return copy.nodeId().equals(nodeId)
        && open.digestOf(copy.key()).equals(Optional.of(copy.digest()))
        && isHere(copy.key());
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
    // Those that others are to keep come first: their word is of now.
    Set<FileKey> gone = new LinkedHashSet<>();
    Set<FileKey> unreferenced = new HashSet<>();
    Set<FileKey> forOthers = new HashSet<>();
    Set<FileKey> leaving = new HashSet<>();
    Map<FileKey, String> staying = new HashMap<>();
    others.beginRound();
    for (FileKey key : disk.allStored()) {
      boolean isUsed =
          wantedFiles.contains(key)
              || inUse.contains(key)
              || busy.contains(key)
              || merging.containsKey(key);
      if (isUsed) {
        continue;
      }
      if (Referenced.mustStay(metadata, nodeId, key)) {
        if (isRight(metadata, key)) {
          staying.put(key, disk.digestOf(key).map(Digest::hex).orElse(""));
        }
      } else if (!Referenced.isForOthersToKeep(metadata, key)) {
        unreferenced.add(key);
      } else {
        forOthers.add(key);
        if (mayGo(metadata, key)) {
          (Referenced.isSaidToBeOn(metadata, nodeId, key) ? leaving : gone).add(key);
        }
      }
    }
    others.retain(forOthers);
    // Told first and deleted once the metadata shows it: of two nodes that rely on one another, the
    // one that was told of later sees that nobody else is left, and stays.
    reports.dropped(metadata, leaving);
    // Also what was told to be leaving and may not after all: others have to find it here.
    reports.stay(metadata, staying);
    gone.addAll(unreferenced);
    Predicate<FileKey> mayStillGo = key -> unreferenced.contains(key) || mayGo(metadata, key);
    reports.dropped(metadata, delete(metadata, gone, mayStillGo));
    for (FileKey key : disk.allIncoming()) {
      if (!wantedFiles.contains(key)
          && !busy.contains(key)
          && !Referenced.mustStay(metadata, nodeId, key)
          && !hasMovedOn(metadata)) {
        disk.delete(key);
      }
    }
    Set<FileKey> known = new HashSet<>(wantedFiles);
    known.addAll(busy);
    known.addAll(disk.allStored());
    failures.keySet().retainAll(known);
    damaged.retainAll(known);
    proved.retainAll(known);
    Predicate<FileKey> mayStillCome =
        key -> wantedFiles.contains(key) || Referenced.mustStay(metadata, nodeId, key);
    if (!strayFilesRemoved && !hasMovedOn(metadata)) {
      strayFilesRemoved = true;
      disk.removeStrays(mayStillCome);
    }
    long now = nanoTime.getAsLong();
    if (now - partsCheckedNanos > PARTS_CHECK_NANOS && !hasMovedOn(metadata)) {
      partsCheckedNanos = now;
      disk.removeStrayParts(mayStillCome);
    }
  }

  /**
   * Deletes until the metadata moves on; returns what is gone.
   *
   * @param mayStillGo looked at right before each: deleting many takes long
   */
  private Set<FileKey> delete(
      ClusterMetadata metadata, Set<FileKey> files, Predicate<FileKey> mayStillGo) {
    Set<FileKey> gone = new HashSet<>();
    for (FileKey key : files) {
      if (hasMovedOn(metadata)) {
        break;
      }
      if (!mayStillGo.test(key)) {
        continue;
      }
      Failpoint.COLLECT_BEFORE_DELETE.hit();
      if (hasMovedOn(metadata)) {
        break;
      }
      disk.delete(key);
      proved.remove(key);
      damaged.remove(key);
      failures.remove(key);
      gone.add(key);
    }
    if (!gone.isEmpty()) {
      Failpoint.COLLECT_BEFORE_REPORT.hit();
    }
    return gone;
  }

  /** Of the file that is open under this key, every byte of which was proved in this process. */
  public Optional<Digest> openDigest(FileKey key) {
    return open.digestOf(key);
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
   * Whether the metadata is known to have changed since what this round goes by, be it that an own
   * report was taken later: what it said of files may no longer hold, so nothing is deleted by it.
   */
  private boolean hasMovedOn(ClusterMetadata metadata) {
    return effects.newestIndex() != metadata.index();
  }

  private boolean isBeingMerged(FileKey key) {
    return merging.getOrDefault(key, 0L) == Long.MAX_VALUE;
  }

  /**
   * Begins to make a merged file here: its chain's files stay open until the lease is closed, and
   * nobody else writes or deletes the file until {@link #endMerge}. Empty when the chain is not
   * open here by these files, or when this node does not know yet what on its disk is refuse. Empty
   * too while the file of the last merge waits for the metadata in which it is registered: it may
   * be the only copy, and metadata that is older still calls for the merge.
   *
   * @param chain as the metadata has it now
   */
  public Optional<LeasedFiles<F>> beginMerge(
      FileKey target, TableRecord table, List<ChainFile> chain) {
    boolean isFree = !merging.containsKey(target) && !busy.contains(target) && !open.isOpen(target);
    if (!strayFilesRemoved || !isFree) {
      return Optional.empty();
    }
    Optional<LeasedFiles<F>> leased = open.lease(WantedChain.files(table, chain));
    leased.ifPresent(_ -> merging.put(target, Long.MAX_VALUE));
    return leased;
  }

  /**
   * The file is made and registered at this index, or given up at the index known now: from then on
   * it stays only if the metadata refers to it.
   */
  public void endMerge(FileKey target, long atIndex) {
    merging.put(target, atIndex);
    proved.remove(target);
    damaged.remove(target);
    failures.remove(target);
  }
}
