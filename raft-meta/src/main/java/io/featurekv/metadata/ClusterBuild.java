package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import io.featurekv.model.RowSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A build that the builders of the cluster share: which splits are read and which shards are built,
 * by whom, and what came of it.
 *
 * <p>Invariants: {@code parsed} is the sum of the tallies of exactly the splits that are proved; a
 * split that begins within a file is proved only when the one before it is, and ends where it
 * begins; shards are leased only when every split is done.
 *
 * @param options of the table when the task was begun
 * @param beganAtMillis when the task's attempt was begun; what TTLs of entries count from
 * @param checks what builders found of the inputs, by node id
 * @param splits empty once only the figures are kept; so are the shards
 * @param parsed what was parsed, by shard; drops are with the runs
 * @param firstRejected the first rejected rows in the order of the inputs
 * @param splitCount how many splits there were planned
 * @param leases how many leases were given in this attempt
 * @param schema of the table when the task was begun, which every attempt writes its rows in, since
 *     the splits that were read stay read; null: values are bytes, or only the figures are kept
 */
public record ClusterBuild(
    TaskInputs inputs,
    long targetBytes,
    List<InputIdentity> identities,
    TableOptions options,
    long beganAtMillis,
    SortedMap<String, BuilderCheck> checks,
    List<SplitRecord> splits,
    List<ShardWork> shards,
    ShardTallies parsed,
    List<TaskReject> firstRejected,
    int splitCount,
    int leases,
    @Nullable RowSchema schema) {
  /** What a build does, one after the other. */
  enum Stage {
    CHECK,
    READ,
    BUILD,
    SHIP;

    /** Null for a stage that a task can be in and a build is not. */
    static @Nullable Stage of(String word) {
      for (Stage stage : values()) {
        if (stage.word().equals(word)) {
          return stage;
        }
      }
      return null;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public ClusterBuild {
    identities = List.copyOf(identities);
    checks = Collections.unmodifiableSortedMap(new TreeMap<>(checks));
    splits = HashedList.copyOf(splits, BuildCodec::hash);
    shards = HashedList.copyOf(shards, BuildCodec::hash);
    firstRejected = List.copyOf(firstRejected);
  }

  static ClusterBuild of(
      BuildPlan plan,
      TableOptions options,
      @Nullable RowSchema schema,
      int shards,
      long nowMillis) {
    return new ClusterBuild(
        plan.inputs(),
        plan.targetBytes(),
        plan.identities(),
        options,
        nowMillis,
        new TreeMap<>(),
        plan.splits().stream().map(SplitRecord::of).toList(),
        Collections.nCopies(shards, ShardWork.NEW),
        ShardTallies.zero(shards),
        List.of(),
        plan.splits().size(),
        0,
        schema);
  }

  /** Whether its splits are still known one by one, so that it can go on. */
  public boolean isDetailed() {
    return !splits.isEmpty();
  }

  /** Whether no work was given out yet: every builder has to see the inputs first. */
  public boolean isChecking() {
    return leases == 0;
  }

  /** Whether every split was read and its runs are there. */
  public boolean isRead() {
    return splits.stream().allMatch(SplitRecord::isDone);
  }

  /** Whether every shard was built. */
  public boolean isBuilt() {
    return shards.stream().allMatch(ShardWork::isDone);
  }

  /** Rows read so far, as far as they are proved. */
  public long rows() {
    return sumOfProved(SplitFigures::rows);
  }

  /** Rows refused so far: while reading, and because a key came twice. */
  public long rejected() {
    return sumOfProved(SplitFigures::rejected) + sumOfShards(ShardFigures::rejected);
  }

  private long sumOfProved(ToLongFunction<SplitFigures> part) {
    long sum = 0;
    for (SplitRecord split : splits) {
      SplitFigures figures = split.figures();
      sum += figures != null && split.proved() ? part.applyAsLong(figures) : 0;
    }
    return sum;
  }

  long sumOfShards(ToLongFunction<ShardFigures> part) {
    long sum = 0;
    for (ShardWork shard : shards) {
      ShardFigures figures = shard.figures();
      sum += figures == null ? 0 : part.applyAsLong(figures);
    }
    return sum;
  }

  /**
   * Where the reading of a split has to begin in its first file, or -1 where that is not known
   * before the one before it is proved.
   */
  public long startOf(int split) {
    SplitRecord record = splits.get(split);
    SplitFigures known = record.figures();
    if (record.proved() && known != null) {
      return known.startedAt();
    }
    SplitFigures before = split == 0 ? null : splits.get(split - 1).figures();
    return record.planned().continued() && before != null && splits.get(split - 1).proved()
        ? before.endedAt()
        : -1;
  }

  /** What it is doing. */
  Stage stage() {
    if (isChecking()) {
      return Stage.CHECK;
    }
    return isRead() ? isBuilt() ? Stage.SHIP : Stage.BUILD : Stage.READ;
  }

  /**
   * How far one of its stages is.
   *
   * @param shipped what it says of the stage that ships
   */
  StageFigures figures(Stage stage, StageFigures shipped) {
    return switch (stage) {
      case CHECK -> StageFigures.ofEntries(checks.size(), -1);
      case READ -> readFigures();
      case BUILD -> buildFigures();
      case SHIP -> shipped;
    };
  }

  private StageFigures readFigures() {
    long done = 0;
    long total = 0;
    for (SplitRecord split : splits) {
      boolean isOver = split.work().state() == WorkState.DONE;
      long bytes = split.planned().bytes();
      done += isOver ? bytes : Math.min(bytes, split.work().leasedDone());
      total += bytes;
    }
    long rows = rows();
    return new StageFigures(rows, isRead() ? rows : -1, done, total);
  }

  private StageFigures buildFigures() {
    long done = 0;
    long bytes = 0;
    for (int shard = 0; shard < shards.size(); shard++) {
      ShardWork work = shards.get(shard);
      FileManifest manifest = work.manifest();
      long rows = parsed.get(shard).rows();
      done += work.isDone() ? rows : Math.min(rows, work.work().leasedDone());
      bytes += manifest == null ? 0 : manifest.lengthBytes();
    }
    return new StageFigures(done, parsed.rows(), bytes, isBuilt() ? bytes : -1);
  }

  /** What was counted so far. */
  TaskCounts counts() {
    long entries = 0;
    long bytes = 0;
    for (ShardWork shard : shards) {
      var manifest = shard.manifest();
      entries += manifest == null ? 0 : manifest.entries();
      bytes += manifest == null ? 0 : manifest.lengthBytes();
    }
    return new TaskCounts(
        rows(),
        entries,
        rejected(),
        sumOfShards(ShardFigures::duplicates),
        sumOfShards(ShardFigures::deleted),
        bytes);
  }

  ClusterBuild with(BuilderCheck check) {
    return copy(
        SortedMaps.with(checks, check.nodeId(), check),
        splits,
        shards,
        parsed,
        firstRejected,
        leases);
  }

  ClusterBuild with(int index, SplitRecord split) {
    return copy(checks, splitList().with(index, split), shards, parsed, firstRejected, leases);
  }

  ClusterBuild with(int index, ShardWork shard) {
    return copy(checks, splits, shardList().with(index, shard), parsed, firstRejected, leases);
  }

  ClusterBuild withLeases(int newLeases) {
    return copy(checks, splits, shards, parsed, firstRejected, newLeases);
  }

  /** With a split whose rows count from now on. */
  ClusterBuild withProved(
      int index, SplitRecord split, ShardTallies tallies, List<TaskReject> rejected) {
    return copy(
        checks,
        splitList().with(index, split),
        shards,
        parsed.plus(tallies.withoutDrops()),
        withRejected(rejected).firstRejected(),
        leases);
  }

  /** With further rejected rows, of which the first ones in the order of the splits are kept. */
  ClusterBuild withRejected(List<TaskReject> rejected) {
    List<TaskReject> first = new ArrayList<>(firstRejected);
    first.addAll(rejected);
    first.sort(Comparator.comparingInt(TaskReject::split));
    return copy(
        checks,
        splits,
        shards,
        parsed,
        first.subList(0, Math.min(first.size(), TaskReject.MAX_SHOWN)),
        leases);
  }

  private ClusterBuild copy(
      SortedMap<String, BuilderCheck> newChecks,
      List<SplitRecord> newSplits,
      List<ShardWork> newShards,
      ShardTallies newParsed,
      List<TaskReject> newFirstRejected,
      int newLeases) {
    return new ClusterBuild(
        inputs,
        targetBytes,
        identities,
        options,
        beganAtMillis,
        newChecks,
        newSplits,
        newShards,
        newParsed,
        newFirstRejected,
        splitCount,
        newLeases,
        schema);
  }

  /**
   * For another attempt of the task, by the same plan and schema: splits that were read stay read,
   * shards are built anew, since the files of a version that failed are gone.
   */
  ClusterBuild again(@Nullable TaskInputs newInputs, TableOptions newOptions, long nowMillis) {
    // Runs of which a shard could not be built may be damaged, and the longest value decides what
    // is read.
    boolean isUnread =
        newOptions.maxValueBytes() != options.maxValueBytes()
            || shards.stream().anyMatch(shard -> shard.work().state() == WorkState.FAILED);
    List<SplitRecord> again = new ArrayList<>();
    for (SplitRecord split : splits) {
      if (isUnread) {
        again.add(split.unread(WorkRecord.NEW));
        continue;
      }
      boolean stays = split.isDone();
      SplitRecord next = stays || split.proved() ? split : split.unread(WorkRecord.NEW);
      again.add(next.with(stays ? split.work() : WorkRecord.NEW));
    }
    return new ClusterBuild(
        newInputs == null ? inputs : newInputs,
        targetBytes,
        identities,
        newOptions,
        nowMillis,
        new TreeMap<>(),
        again,
        Collections.nCopies(shards.size(), ShardWork.NEW),
        isUnread ? ShardTallies.zero(shards.size()) : parsed,
        isUnread ? List.of() : rejectedWhileReading(),
        splitCount,
        0,
        schema);
  }

  /** Without those that building shards has found, which it will find again. */
  private List<TaskReject> rejectedWhileReading() {
    return firstRejected.stream().filter(row -> row.split() < splitCount).toList();
  }

  /** With shards that have to be built again. */
  ClusterBuild withShardsLost() {
    return copy(checks, splits, shards, parsed, rejectedWhileReading(), leases);
  }

  /** Without what only a build that goes on needs. */
  ClusterBuild figuresOnly() {
    return new ClusterBuild(
        inputs.withoutNames(),
        targetBytes,
        List.of(),
        options,
        beganAtMillis,
        new TreeMap<>(),
        List.of(),
        List.of(),
        ShardTallies.NONE,
        firstRejected,
        splitCount,
        leases,
        null);
  }

  HashedList<SplitRecord> splitList() {
    return HashedList.copyOf(splits, BuildCodec::hash);
  }

  HashedList<ShardWork> shardList() {
    return HashedList.copyOf(shards, BuildCodec::hash);
  }
}
