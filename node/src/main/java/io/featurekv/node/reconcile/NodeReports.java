package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ShardFileId;
import io.featurekv.node.control.Proposer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the metadata group what this node has. A report is sent when the metadata does not say so
 * yet, and again after {@link #REPEAT_MILLIS} if it still does not. Owned by the reconciling
 * thread.
 */
final class NodeReports {
  private static final long REPEAT_MILLIS = 2_000;
  private static final long TIMEOUT_MILLIS = 5_000;

  /** Reports remembered as sent; old ones are forgotten first. */
  private static final int MAX_REMEMBERED = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(NodeReports.class);

  private final String nodeId;
  private final AtomicLong session;
  private final Proposer proposer;
  private final Map<Command, Long> sentNanos = new HashMap<>();

  record VersionKey(String table, long version) {}

  NodeReports(String nodeId, AtomicLong session, Proposer proposer) {
    this.nodeId = nodeId;
    this.session = session;
    this.proposer = proposer;
  }

  /** A file has been proved; told at once, since others can fetch it from here. */
  void held(ClusterMetadata metadata, WantedChain.WantedFile file) {
    ShardFileId id = file.id();
    String digest = file.manifest().digest().hex();
    if (session.get() != 0 && !digest.equals(holderDigest(metadata, id))) {
      send(
          new Command.ReportHeld(
              nodeId,
              session.get(),
              id.table(),
              id.version(),
              new TreeMap<>(Map.of(id.shard(), digest))));
    }
  }

  private @org.jspecify.annotations.Nullable String holderDigest(
      ClusterMetadata metadata, ShardFileId id) {
    TableRecord table = metadata.tables().get(id.table());
    VersionRecord version = table == null ? null : table.versions().get(id.version());
    return version == null || id.shard() >= version.shardCount()
        ? null
        : version.shards().get(id.shard()).holders().get(nodeId);
  }

  /**
   * Which wanted chains are open (and which files are held), where the metadata does not say so.
   */
  void readiness(ClusterMetadata metadata, List<WantedChain> wanted, OpenFiles open) {
    Map<VersionKey, TreeSet<Integer>> ready = new HashMap<>();
    Map<VersionKey, TreeMap<Integer, String>> held = new HashMap<>();
    Set<ShardFileId> lost = new HashSet<>();
    for (WantedChain chain : wanted) {
      VersionKey key = new VersionKey(chain.key().table(), chain.key().version());
      ShardRecord record = shard(metadata, chain.key());
      if (open.chain(chain.key()) == null) {
        if (record.ready().contains(nodeId)) {
          lost.add(chain.files().getFirst().id());
        }
        continue;
      }
      WantedChain.WantedFile own = chain.files().getFirst();
      if (!record.holders().containsKey(nodeId)) {
        held.computeIfAbsent(key, k -> new TreeMap<>())
            .put(chain.key().shard(), own.manifest().digest().hex());
      }
      if (!record.ready().contains(nodeId)) {
        ready.computeIfAbsent(key, k -> new TreeSet<>()).add(chain.key().shard());
      }
    }
    dropped(lost);
    held.forEach(
        (key, digests) ->
            send(
                new Command.ReportHeld(
                    nodeId, session.get(), key.table(), key.version(), digests)));
    ready.forEach(
        (key, shards) ->
            send(
                new Command.ReportReady(
                    nodeId, session.get(), key.table(), key.version(), shards)));
  }

  private static ShardRecord shard(ClusterMetadata metadata, WantedChain.Key key) {
    TableRecord table = metadata.tables().get(key.table());
    VersionRecord version = table == null ? null : table.versions().get(key.version());
    return version == null ? ShardRecord.EMPTY : version.shards().get(key.shard());
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
                  nodeId, session.get(), table.name(), version.number(), now));
        }
      }
    }
  }

  /** Files that are no longer here. */
  void dropped(Set<ShardFileId> ids) {
    Map<VersionKey, TreeSet<Integer>> shards = new HashMap<>();
    for (ShardFileId id : ids) {
      shards
          .computeIfAbsent(new VersionKey(id.table(), id.version()), k -> new TreeSet<>())
          .add(id.shard());
    }
    if (session.get() != 0) {
      shards.forEach(
          (key, gone) ->
              send(
                  new Command.ReportDropped(
                      nodeId, session.get(), key.table(), key.version(), gone)));
    }
  }

  private void send(Command report) {
    long now = System.nanoTime();
    Long sent = sentNanos.get(report);
    if (sent != null && now - sent < TimeUnit.MILLISECONDS.toNanos(REPEAT_MILLIS)) {
      return;
    }
    if (sentNanos.size() >= MAX_REMEMBERED) {
      sentNanos.clear();
    }
    sentNanos.put(report, now);
    proposer
        .propose(report, TIMEOUT_MILLIS)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.debug("{}: {}", report, FeatureKvException.from(failure).getMessage());
              } else if (result.error() != null) {
                LOG.debug("{} was refused: {}", report, result.message());
              }
            });
  }
}
