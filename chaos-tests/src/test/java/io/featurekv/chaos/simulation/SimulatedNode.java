package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.ControlPlane;
import io.featurekv.node.control.Introduction;
import io.featurekv.node.control.LeaderDecisions;
import io.featurekv.node.control.Liveness;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.control.TrialReports;
import io.featurekv.node.merging.DueMerge;
import io.featurekv.node.merging.MergePlan;
import io.featurekv.node.reconcile.Bringing;
import io.featurekv.node.reconcile.CatalogPicture;
import io.featurekv.node.reconcile.LeasedFiles;
import io.featurekv.node.reconcile.NodeReports;
import io.featurekv.node.reconcile.OpenFiles;
import io.featurekv.node.reconcile.Reconciliation;
import io.featurekv.node.reconcile.TrialTallies;
import io.featurekv.node.reconcile.WantedChain;
import io.featurekv.node.serving.ServingCatalog;
import io.featurekv.node.shipping.UploadRules;
import io.featurekv.node.wire.FileKey;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node: its disk, which stays, and the process on it, which comes and goes. What the process
 * decides is the product's own code; here is what surrounds it.
 */
final class SimulatedNode {
  private static final long TAKE_OVER_MILLIS = 300_000;
  private static final long GRACE_MILLIS = 60_000;
  private static final int MAX_CHAIN_FILES = 2;

  final World world;
  final String id;
  final String sect;
  final boolean isVoter;
  final SimulatedDisk disk;
  final @Nullable Voter voter;
  int weight = 100;
  boolean isRetired;
  boolean isPartitioned;
  boolean isLosingHeartbeats;
  long pausedUntilNanos;
  long laggingUntilNanos;
  long clockOffMillis;

  /** 0 while no process runs; another one for each. */
  int process;

  private int processes;
  private ClusterMetadata storedMetadata = ClusterMetadata.empty();
  private MetadataFeed feed = new MetadataFeed(ClusterMetadata.empty());
  private Liveness liveness = new Liveness(() -> 0);
  private TrialReports trialReports = new TrialReports();
  private TrialTallies trials = new TrialTallies();
  private final ServingCatalog catalog = new ServingCatalog();
  private @Nullable OpenFiles<FileContent> open;
  private @Nullable Reconciliation<FileContent> state;
  private @Nullable LeaderDecisions decisions;
  private final Map<ShardChain, List<FileContent>> filesOfChains = new HashMap<>();
  private boolean believesToLead;
  private boolean isIntroducing;
  private boolean isMerging;
  private long session;

  /** Of the results of its proposals. */
  private long highestIndex;

  /**
   * Whether it reads what a stream brings, applies it and holds it against the sender's hash; else
   * it takes the states that the log is known to make.
   */
  private final boolean isStreaming;

  private final boolean builds;

  SimulatedNode(World world, String id, String sect, boolean isVoter) {
    this.world = world;
    this.id = id;
    this.sect = sect;
    this.isVoter = isVoter;
    this.voter = isVoter ? new Voter(world) : null;
    this.isStreaming =
        world.defect != null || (world.provesReplication && world.nodes.size() % 2 == 0);
    this.builds = world.nodes.isEmpty() || !world.chance.oneIn(4);
    this.disk =
        new SimulatedDisk(
            key -> {
              world.tally.done(Operation.FILE_DELETED);
              world.note(() -> this.id + " deletes " + key);
              world.invariants.deletes(this, key);
            });
  }

  boolean isUp() {
    return process != 0;
  }

  boolean isPaused() {
    return world.time.nanos() < pausedUntilNanos;
  }

  boolean isReachable() {
    return isUp() && !isPartitioned && !isPaused();
  }

  long nowMillis() {
    return world.time.millis() + clockOffMillis;
  }

  long session() {
    return session;
  }

  MetadataFeed feed() {
    return feed;
  }

  ServingCatalog.Picture picture() {
    return catalog.current();
  }

  List<FileContent> filesOf(ShardChain chain) {
    return filesOfChains.getOrDefault(chain, List.of());
  }

  private ControlPlane.Self self() {
    Set<Duty> duties = EnumSet.of(Duty.SERVE);
    if (builds) {
      duties.add(Duty.BUILD);
    }
    if (isVoter) {
      duties.add(Duty.META);
    }
    return new ControlPlane.Self(
        id,
        new Command.RegisterNode(
            id, 0, sect, duties, id + ":7000", isVoter ? id + ":7001" : "", "", weight),
        null);
  }

  /** Begins a process on what the disk has. */
  void start() {
    process = ++processes;
    session = 0;
    highestIndex = 0;
    believesToLead = false;
    isIntroducing = false;
    isMerging = false;
    filesOfChains.clear();
    disk.restart();
    if (voter != null && processes > 1) {
      voter.restart();
    }
    feed = new MetadataFeed(storedMetadata);
    if (voter != null) {
      feed.onSnapshot(voter.state());
    }
    liveness = new Liveness(world.time::nanos);
    trialReports = new TrialReports();
    trials = new TrialTallies();
    decisions =
        new LeaderDecisions(id, liveness, trialReports, TAKE_OVER_MILLIS, world.time::nanos);
    open = new OpenFiles<>(this::chain, _ -> {}, world.time::nanos);
    int now = process;
    NodeReports reports =
        new NodeReports(id, () -> session, report -> report(now, report), world.time::nanos);
    state =
        new Reconciliation<>(
            id,
            disk,
            open,
            reports,
            new SimulatedEffects(now),
            world.has(Defect.COLLECTOR_IGNORES_PINS) ? 1 : GRACE_MILLIS,
            world.time::nanos);
    catalog.show(CatalogPicture.of(feed.current(), id, open, trials));
    world.note(() -> id + " starts");
  }

  /** The process is gone. */
  void crash() {
    world.note(() -> id + " crashes");
    process = 0;
    catalog.show(new ServingCatalog.Picture(0, Map.of()));
    world.invariants.stopped(this);
  }

  private ShardChain chain(List<FileContent> newestFirst) {
    ShardChain chain = ShardChain.of(List.of());
    boolean cuts = world.has(Defect.CHAIN_WITHOUT_INCREMENT) && newestFirst.size() > 1;
    filesOfChains.put(
        chain, List.copyOf(cuts ? newestFirst.subList(1, newestFirst.size()) : newestFirst));
    return chain;
  }

  /** What a round brings about here. */
  private final class SimulatedEffects implements Reconciliation.Effects {
    private final int of;

    SimulatedEffects(int of) {
      this.of = of;
    }

    @Override
    public void bring(Reconciliation.Job job) {
      long millis = world.chance.between(5, 300);
      if (world.isStruck(30)) {
        world.fired(Fault.SLOW_FETCH);
        millis = world.chance.between(5_000, 60_000);
      }
      world.time.after(
          millis,
          () -> {
            if (process == of) {
              work(job);
            }
          });
    }

    @Override
    public void show(ClusterMetadata metadata) {
      if (open != null) {
        catalog.show(CatalogPicture.of(metadata, id, open, trials));
      }
    }

    @Override
    public void look(ClusterMetadata metadata, List<WantedChain> wanted) {
      // No table of a simulated world asks for it.
    }

    /**
     * The answer may come when it is of too long ago. It is acted on at once, and not at the next
     * tick as in the product: that a machine is lost right after it gave its word, nothing could
     * help.
     */
    @Override
    public void ask(String nodeId, FileKey key, Digest digest, Consumer<Boolean> answer) {
      SimulatedNode other = world.node(nodeId);
      boolean isLate = world.isStruck(5);
      world.time.after(
          world.chance.between(1, 10),
          () -> {
            boolean isHeard = other != null && other.isReachable() && !isPartitioned;
            boolean isOpen = isHeard && other.state().openDigest(key).equals(Optional.of(digest));
            if (isLate) {
              world.fired(Fault.ANSWER_LATE);
            }
            world.time.after(
                isLate ? world.chance.between(5_000, 60_000) : world.chance.between(1, 10),
                () -> answered(answer, isOpen));
          });
    }

    private void answered(Consumer<Boolean> answer, boolean isOpen) {
      if (process == of) {
        answer.accept(isOpen);
        if (isOpen && !isPaused()) {
          state().round(feed.current(), session);
        }
      }
    }

    @Override
    public long newestIndex() {
      return Math.max(feed.current().index(), highestIndex);
    }
  }

  private Reconciliation<FileContent> state() {
    if (state == null) {
      throw new IllegalStateException(id + " does not run");
    }
    return state;
  }

  private OpenFiles<FileContent> open() {
    if (open == null) {
      throw new IllegalStateException(id + " does not run");
    }
    return open;
  }

  private void work(Reconciliation.Job job) {
    try {
      FileContent content = bringHere(job);
      world.invariants.opened(this, job.file(), content);
      state().finished(feed.current(), job.file(), content);
    } catch (FeatureKvException e) {
      world.note(() -> id + ": " + job.file().key() + ": " + e.getMessage());
      state().failed(feed.current(), job.file(), e);
    }
    state().round(feed.current(), session);
  }

  private FileContent bringHere(Reconciliation.Job job) {
    FileKey key = job.file().key();
    Bringing bringing = Bringing.of(job, id, disk.digestOf(key));
    if (bringing.how() == Bringing.How.FETCH) {
      fetch(job.file(), bringing);
    }
    SimulatedDisk.Whole whole = disk.files.get(key);
    if (whole == null) {
      throw new FeatureKvException(ErrorCode.INTERNAL, key + " is not there");
    }
    boolean isRead = !world.has(Defect.FILE_OPENED_UNPROVED);
    if (whole.isDamaged && isRead) {
      whole.isFoundFrom(world.time.nanos());
      throw new FeatureKvException(ErrorCode.CORRUPT, key + " is damaged");
    }
    return whole.isDamaged ? whole.content.damaged() : whole.content;
  }

  /** As pieces come, each proved: the whole file, or an error and a part. */
  private void fetch(WantedChain.WantedFile file, Bringing bringing) {
    FileKey key = file.key();
    boolean isAnywhere =
        bringing.sources().stream()
            .map(world::node)
            .filter(from -> from != null && from.isReachable() && !isPartitioned)
            .map(from -> from.disk.digestOf(key))
            .anyMatch(Optional.of(file.manifest().digest())::equals);
    if (!isAnywhere) {
      throw new FeatureKvException(ErrorCode.UNAVAILABLE, "no source for " + key);
    }
    if (!file.isWantedBy(feed.current())) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, key + " is no longer wanted");
    }
    if (bringing.isReplaced()) {
      disk.delete(key);
    }
    disk.begin(key);
    if (disk.isFull) {
      throw new FeatureKvException(ErrorCode.NO_SPACE, "no room for " + key);
    }
    if (world.isStruck(20)) {
      world.fired(Fault.PIECES_LOST);
      throw new FeatureKvException(ErrorCode.UNAVAILABLE, "pieces of " + key + " were lost");
    }
    boolean isCorrupt = false;
    for (String source : bringing.sources()) {
      SimulatedNode from = world.node(source);
      SimulatedDisk.Whole whole = from == null ? null : from.disk.files.get(key);
      boolean isThere = from != null && from.isReachable() && !isPartitioned && whole != null;
      if (isThere && whole.content.digest().equals(file.manifest().digest())) {
        if (!whole.isDamaged) {
          disk.publish(key, whole.content);
          world.tally.done(Operation.FILE_FETCHED);
          return;
        }
        isCorrupt = true;
      }
    }
    throw new FeatureKvException(
        isCorrupt ? ErrorCode.CORRUPT : ErrorCode.UNAVAILABLE, "no source for " + key);
  }

  private void report(int of, Command report) {
    if (process == of) {
      if (report instanceof Command.ReportReady ready) {
        for (int shard : ready.shards()) {
          WantedChain.Key key = new WantedChain.Key(ready.table(), ready.version(), shard);
          world.invariants.saysReady(this, ready, shard, open().chain(key) != null);
        }
      }
      propose(report, VoterGroup.Origin.NODE, _ -> {});
    }
  }

  void propose(
      Command command,
      VoterGroup.Origin origin,
      Consumer<io.featurekv.metadata.@Nullable CommandResult> answer) {
    if (isPartitioned) {
      world.time.after(5_000, () -> answer.accept(null));
      return;
    }
    int now = process;
    world.group.propose(
        world.envelope(command, nowMillis()),
        origin,
        result -> {
          if (result != null && process == now) {
            highestIndex = Math.max(highestIndex, result.index());
          }
          answer.accept(result);
        });
  }

  /** One round of all that runs here. */
  void tick() {
    if (!isUp() || isPaused()) {
      return;
    }
    follow();
    ClusterMetadata metadata = feed.current();
    if (!metadata.isFormed()) {
      return;
    }
    if (Introduction.isOver(metadata, id, session)) {
      session = 0;
    }
    if (session == 0 && !isIntroducing) {
      introduce(metadata);
    }
    state().round(metadata, session);
    if (world.has(Defect.COLLECTOR_DELETES_LAST_COPY) && world.chance.oneIn(20)) {
      disk.allStored().stream().limit(1).forEach(disk::delete);
    }
    if (world.has(Defect.READY_BEFORE_OPEN)) {
      disk.allStored().forEach(this::saysReadyAtOnce);
    }
    if (session != 0 && metadata.index() >= session) {
      merge(metadata);
      SharedBuilds.work(this, metadata);
    }
  }

  private void saysReadyAtOnce(FileKey key) {
    propose(
        new Command.ReportReady(
            id,
            session,
            key.id().table(),
            key.id().version(),
            new TreeSet<>(List.of(key.id().shard()))),
        VoterGroup.Origin.NODE,
        _ -> {});
  }

  private void follow() {
    if (voter != null) {
      boolean isLagging = world.time.nanos() < laggingUntilNanos;
      for (int left = isLagging ? world.chance.below(2) : Integer.MAX_VALUE; left > 0; left--) {
        MetadataChange change = isPartitioned ? null : voter.applyNext();
        if (change == null) {
          break;
        }
        feed.onApplied(change);
      }
    }
    boolean mustStream = voter == null || voter.state().index() < feed.current().index();
    if (mustStream && !isPartitioned) {
      List<SimulatedNode> sources =
          world.reachable().stream().filter(node -> node.voter != null && node != this).toList();
      if (!sources.isEmpty()) {
        stream(world.chance.of(sources));
      }
    }
  }

  private void stream(SimulatedNode source) {
    if (!isStreaming) {
      for (long index = feed.current().index() + 1;
          index <= source.feed.current().index();
          index++) {
        feed.onApplied(new MetadataChange(world.group.entry(index), world.group.at(index)));
      }
      return;
    }
    for (var event : source.feed.since(feed.current().index())) {
      if (!feed.onEvent(event)) {
        world.invariants.broken(
            "I7", id + " follows " + source.id + " and differs at index " + event.index());
      }
    }
  }

  private void introduce(ClusterMetadata metadata) {
    Optional<Command> next = Introduction.next(metadata, self());
    int now = process;
    isIntroducing = true;
    next.ifPresent(
        command ->
            propose(
                command,
                VoterGroup.Origin.NODE,
                result -> {
                  if (process == now) {
                    isIntroducing = false;
                    session = result != null && result.error() == null ? result.index() : session;
                  }
                }));
  }

  /** A heartbeat to every voter that hears it. */
  void beat() {
    if (!isReachable() || isLosingHeartbeats) {
      return;
    }
    boolean isTrialOn =
        world.group.newest().tables().values().stream().anyMatch(t -> t.canary() != null);
    Heartbeat beat =
        isTrialOn
            ? new Heartbeat(id, session, feed.current().index(), process, trials.counts())
            : null;
    for (SimulatedNode other : world.nodes) {
      if (other.isVoter && other.isReachable()) {
        other.liveness.heard(id);
        if (beat != null) {
          other.trialReports.heard(beat);
        }
      }
    }
  }

  /** Decides as the leader, if this node takes itself for it. */
  void lead() {
    if (voter == null || decisions == null || !isReachable()) {
      return;
    }
    boolean leads = world.group.leader() == this;
    if (leads && !believesToLead) {
      decisions.leadershipBegan();
    }
    if (!leads && believesToLead && !voter.state().isFormed()) {
      return;
    }
    boolean decidesOnceMore = !leads && believesToLead;
    if (decidesOnceMore) {
      world.fired(Fault.DEPOSED_LEADER_DECIDES);
    }
    believesToLead = leads;
    if (leads || decidesOnceMore) {
      ClusterMetadata metadata = voter.state();
      if (metadata.isFormed()) {
        List<Command> due =
            LeaderDefects.planted(
                world, metadata, decisions.due(metadata, world.group.configuration(), nowMillis()));
        for (Command command : due) {
          world.invariants.decided(metadata, command);
          propose(command, VoterGroup.Origin.LEADER, _ -> {});
        }
      }
    }
  }

  private void merge(ClusterMetadata metadata) {
    if (isMerging) {
      return;
    }
    List<DueMerge> due = MergePlan.due(metadata, id, MAX_CHAIN_FILES);
    if (due.isEmpty()) {
      return;
    }
    DueMerge next = due.getFirst();
    FileKey target = next.target();
    Optional<LeasedFiles<FileContent>> leased =
        state().beginMerge(target, next.table(), next.files());
    if (leased.isEmpty()) {
      return;
    }
    if (MergePlan.overtaken(feed.current(), next).isPresent()) {
      state().endMerge(target, 0);
      return;
    }
    isMerging = true;
    int now = process;
    world.time.after(
        world.chance.between(100, 5_000),
        () -> {
          if (process == now) {
            finishMerge(next, leased.get());
          }
        });
  }

  private void finishMerge(DueMerge due, LeasedFiles<FileContent> files) {
    FileKey target = due.target();
    boolean fails = disk.isFull || world.isStruck(3);
    if (fails || MergePlan.obsolete(feed.current(), due, id).isPresent()) {
      if (fails) {
        world.fired(Fault.MERGE_FAILED);
      }
      isMerging = false;
      state().endMerge(target, 0);
      return;
    }
    List<long[]> cells = files.newestFirst().stream().map(FileContent::cells).toList();
    FileContent merged =
        FileContent.merged(
            target + (world.chance.oneIn(2) ? "" : " by " + id),
            due.table().id(),
            due.shard(),
            FileContent.read(cells));
    world.contents.put(merged.digest().hex(), merged);
    disk.delete(target);
    disk.publish(target, merged);
    register(
        due,
        new Command.RegisterMerged(
            id,
            session,
            due.table().name(),
            due.version().number(),
            due.shard(),
            merged.manifest()),
        1,
        false);
  }

  /** As {@code Merger.register}: nothing else is merged until it has an answer. */
  private void register(DueMerge due, Command command, int attempt, boolean mayBeDone) {
    int now = process;
    propose(
        command,
        VoterGroup.Origin.NODE,
        result -> {
          if (process != now) {
            return;
          }
          ErrorCode error = result == null ? ErrorCode.UNKNOWN_OUTCOME : result.error();
          boolean mayNowBeDone = mayBeDone || error == ErrorCode.UNKNOWN_OUTCOME;
          if (error != null
              && MergePlan.isRegisteredAgain(error, attempt, mayNowBeDone)
              && MergePlan.obsolete(feed.current(), due, id).isEmpty()) {
            register(due, command, attempt + 1, mayNowBeDone);
          } else {
            isMerging = false;
            state().endMerge(due.target(), result != null && error == null ? result.index() : 0);
          }
        });
  }

  /**
   * Takes a file from a builder: offered, sent, committed and reported as held.
   *
   * @param answer hears null where all went well
   */
  void upload(FileKey key, FileContent content, int attempt, Consumer<@Nullable ErrorCode> answer) {
    try {
      if (!isReachable()) {
        throw new FeatureKvException(ErrorCode.UNAVAILABLE, id + " is not there");
      }
      UploadRules.check(feed.current(), key.id(), attempt);
      Optional<Digest> present = disk.digestOf(key);
      if (present.isEmpty() || !present.get().equals(content.digest())) {
        if (present.isPresent()) {
          UploadRules.checkReplacing(feed.current(), session, highestIndex, key.id());
          disk.delete(key);
        }
        disk.begin(key);
        if (disk.isFull) {
          throw new FeatureKvException(ErrorCode.NO_SPACE, "no room for " + key);
        }
        disk.publish(key, content);
      }
      if (session == 0) {
        throw new FeatureKvException(ErrorCode.TRY_AGAIN, id + " is not registered yet");
      }
      reportHeld(key, content, attempt, answer);
    } catch (FeatureKvException e) {
      answer.accept(e.code());
    }
  }

  void reportHeld(
      FileKey key, FileContent content, int attempt, Consumer<@Nullable ErrorCode> answer) {
    TreeMap<Integer, String> digests = new TreeMap<>();
    digests.put(key.id().shard(), content.digest().hex());
    propose(
        new Command.ReportHeld(id, session, key.id().table(), key.id().version(), attempt, digests),
        VoterGroup.Origin.NODE,
        result -> answer.accept(result == null ? ErrorCode.UNKNOWN_OUTCOME : result.error()));
  }

  /** Reads every file that is served again. */
  void scrub() {
    for (FileKey key : new ArrayList<>(disk.files.keySet())) {
      SimulatedDisk.Whole whole = disk.files.get(key);
      if (isUp() && whole != null && whole.isDamaged && open().usedFiles().contains(key)) {
        world.tally.done(Operation.FILE_SCRUBBED);
        world.note(() -> id + " finds " + key + " damaged");
        world.invariants.stopped(this);
        whole.isFoundFrom(world.time.nanos());
        state().damaged(feed.current(), key);
      }
    }
  }

  /** Whether a chain is open here. */
  boolean hasOpen(WantedChain.Key key) {
    return isUp() && open().chain(key) != null;
  }

  /** Whether an open chain reads a file. */
  boolean usesFile(FileKey key) {
    return isUp() && open().usedFiles().contains(key);
  }

  /** Some metadata that was current once is on the disk. */
  void storeMetadata(ClusterMetadata metadata) {
    storedMetadata = metadata;
  }
}
