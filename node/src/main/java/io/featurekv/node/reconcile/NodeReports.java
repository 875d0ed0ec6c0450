package io.featurekv.node.reconcile;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardFindings;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.wire.FileKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Tells the metadata group what this node has. A report is sent when the metadata does not say so
 * yet, and again after {@link #REPEAT_MILLIS} if it still does not. Owned by the reconciling
 * thread.
 */
public final class NodeReports {
  private static final long REPEAT_MILLIS = 2_000;

  /** Reports remembered as sent; old ones are forgotten first. */
  private static final int MAX_REMEMBERED = 10_000;

  private final String nodeId;
  private final LongSupplier session;
  private final Consumer<Command> proposing;
  private final LongSupplier nanoTime;
  private final Map<Command, Long> sentNanos = new HashMap<>();

  record VersionKey(String table, long version) {
    static VersionKey of(FileKey key) {
      return new VersionKey(key.id().table(), key.id().version());
    }
  }

  /**
   * Of one node.
   *
   * @param session 0 until the node is registered
   * @param proposing brings a report to the metadata group; whether it arrives, the metadata shows
   * @param nanoTime a monotonic clock
   */
  public NodeReports(
      String nodeId, LongSupplier session, Consumer<Command> proposing, LongSupplier nanoTime) {
    this.nodeId = nodeId;
    this.session = session;
    this.proposing = proposing;
    this.nanoTime = nanoTime;
  }

  /** A file has been proved; told at once, since others can fetch it from here. */
  void held(ClusterMetadata metadata, WantedChain.WantedFile file) {
    stay(metadata, Map.of(file.key(), file.manifest().digest().hex()));
  }

  /** Whole files that are here and stay, by digest (hex). */
  void stay(ClusterMetadata metadata, Map<FileKey, String> digests) {
    Map<FileKey, String> untold = new HashMap<>(digests);
    untold.entrySet().removeIf(file -> isTold(metadata, file.getKey(), file.getValue()));
    if (session.getAsLong() != 0) {
      held(metadata, untold);
    }
  }

  private boolean isTold(ClusterMetadata metadata, FileKey key, String digest) {
    ShardRecord record = record(metadata, key.id());
    return key.merged() ? record.isMergedOn(nodeId) : digest.equals(record.holders().get(nodeId));
  }

  /** One report for each version of which files are held. */
  private void held(ClusterMetadata metadata, Map<FileKey, String> digests) {
    Map<VersionKey, TreeMap<Integer, String>> own = new HashMap<>();
    Map<VersionKey, TreeMap<Integer, String>> merged = new HashMap<>();
    digests.forEach(
        (key, digest) ->
            (key.merged() ? merged : own)
                .computeIfAbsent(VersionKey.of(key), k -> new TreeMap<>())
                .put(key.id().shard(), digest));
    own.forEach(
        (key, shards) ->
            send(
                new Command.ReportHeld(
                    nodeId,
                    session.getAsLong(),
                    key.table(),
                    key.version(),
                    metadata.attemptOf(key.table(), key.version()),
                    shards)));
    merged.forEach(
        (key, shards) ->
            send(
                new Command.ReportMergedHeld(
                    nodeId, session.getAsLong(), key.table(), key.version(), shards)));
  }

  /**
   * Which wanted chains are open (and which of their newest files are held), where the metadata
   * does not say so, and which merged files are not here although the metadata says so.
   *
   * <p>A chain that is not open, because a file of an ancestor is lost, makes its version's own
   * file no less held: that may be the only copy, and the node that the shard is placed on next has
   * to find it. So only the readiness is taken back then, which the report on the merged file does;
   * none is where that file is here and well.
   *
   * @param isHere whether a file is on this node's disk, or is just being brought there
   * @param isWell whether the right file is on this node's disk, as far as it is known
   */
  void readiness(
      ClusterMetadata metadata,
      List<WantedChain> wanted,
      OpenFiles<?> open,
      Predicate<FileKey> isHere,
      Predicate<WantedChain.WantedFile> isWell) {
    Map<VersionKey, TreeSet<Integer>> ready = new HashMap<>();
    Map<FileKey, String> held = new HashMap<>();
    Set<FileKey> lost = new HashSet<>();
    for (WantedChain chain : wanted) {
      ShardFileId id = chain.files().getFirst().key().id();
      ShardRecord record = record(metadata, id);
      FileKey merged = FileKey.merged(id);
      if (record.isMergedOn(nodeId) && !isHere.test(merged)) {
        lost.add(merged);
      }
      if (open.chain(chain.key()) == null) {
        // By its merged file it is open again soon, which may be all that is left of its ancestors.
        boolean isMergedWell =
            record.isMergedOn(nodeId)
                && chain.allFiles().stream()
                    .anyMatch(file -> file.key().equals(merged) && isWell.test(file));
        if (record.ready().contains(nodeId) && !isMergedWell) {
          WantedChain.WantedFile newest = chain.files().getFirst();
          lost.add(isWell.test(newest) ? merged : newest.key());
        }
        continue;
      }
      newestHeld(chain, record, open, held);
      if (!record.ready().contains(nodeId)) {
        ready
            .computeIfAbsent(
                new VersionKey(chain.key().table(), chain.key().version()), k -> new TreeSet<>())
            .add(chain.key().shard());
      }
    }
    dropped(lost);
    held(metadata, held);
    if (!ready.isEmpty()) {
      Failpoint.LOAD_BEFORE_READY.hit();
    }
    ready.forEach(
        (key, shards) ->
            send(
                new Command.ReportReady(
                    nodeId, session.getAsLong(), key.table(), key.version(), shards)));
  }

  /** The version's own file and its merged one, as far as they are open and not told of yet. */
  private void newestHeld(
      WantedChain chain, ShardRecord record, OpenFiles<?> open, Map<FileKey, String> held) {
    for (WantedChain.WantedFile file :
        List.of(chain.files().getFirst(), chain.settled().getFirst())) {
      boolean isTold =
          file.key().merged() ? record.isMergedOn(nodeId) : record.holders().containsKey(nodeId);
      if (!isTold && open.isOpenAs(file)) {
        held.put(file.key(), file.manifest().digest().hex());
      }
    }
  }

  private static ShardRecord record(ClusterMetadata metadata, ShardFileId id) {
    TableRecord table = metadata.tables().get(id.table());
    VersionRecord version = table == null ? null : table.versions().get(id.version());
    return version == null || id.shard() >= version.shardCount()
        ? ShardRecord.EMPTY
        : version.shards().get(id.shard());
  }

  /** What was found in shards of versions that are not ready yet. */
  void findings(Map<VersionKey, SortedMap<Integer, ShardFindings>> findings) {
    findings.forEach(
        (key, shards) ->
            send(
                new Command.ReportFindings(
                    nodeId, session.getAsLong(), key.table(), key.version(), shards)));
  }

  /** Why versions cannot be loaded here; a version that is not named any more is taken back. */
  void failures(ClusterMetadata metadata, Map<VersionKey, String> texts) {
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        String told = version.loadFailures().getOrDefault(nodeId, "");
        String now = texts.getOrDefault(new VersionKey(table.name(), version.number()), "");
        if (!told.equals(now)) {
          send(
              new Command.ReportLoadFailure(
                  nodeId, session.getAsLong(), table.name(), version.number(), now));
        }
      }
    }
  }

  /**
   * Files that are no longer here. A merged file of which the metadata does not say that it is here
   * is passed over: it makes nobody less ready.
   */
  void dropped(ClusterMetadata metadata, Set<FileKey> keys) {
    Set<FileKey> told = new HashSet<>(keys);
    told.removeIf(key -> key.merged() && !record(metadata, key.id()).isMergedOn(nodeId));
    dropped(told);
  }

  private void dropped(Set<FileKey> keys) {
    if (session.getAsLong() == 0) {
      return;
    }
    Map<VersionKey, TreeSet<Integer>> own = new HashMap<>();
    Map<VersionKey, TreeSet<Integer>> merged = new HashMap<>();
    for (FileKey key : keys) {
      (key.merged() ? merged : own)
          .computeIfAbsent(VersionKey.of(key), k -> new TreeSet<>())
          .add(key.id().shard());
    }
    own.forEach(
        (key, gone) ->
            send(
                new Command.ReportDropped(
                    nodeId, session.getAsLong(), key.table(), key.version(), gone)));
    merged.forEach(
        (key, gone) ->
            send(
                new Command.ReportMergedDropped(
                    nodeId, session.getAsLong(), key.table(), key.version(), gone)));
  }

  private void send(Command report) {
    long now = nanoTime.getAsLong();
    Long sent = sentNanos.get(report);
    if (sent != null && now - sent < TimeUnit.MILLISECONDS.toNanos(REPEAT_MILLIS)) {
      return;
    }
    if (sentNanos.size() >= MAX_REMEMBERED) {
      sentNanos.clear();
    }
    sentNanos.put(report, now);
    proposing.accept(report);
  }
}
