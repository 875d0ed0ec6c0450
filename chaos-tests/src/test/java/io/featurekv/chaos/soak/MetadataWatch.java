package io.featurekv.chaos.soak;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Subscription;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.node.control.MetadataFeed;
import io.featurekv.node.wire.MetadataEvent;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * Follows the metadata change by change through whichever server answers, applies each change
 * itself, and holds what must be true at every index: equal hashes (I7), one active version a table
 * (I7), nothing activated that was not ready (I10), nothing dropped that comes back (I1). Keeps
 * which version was active from which index on.
 */
final class MetadataWatch implements AutoCloseable {
  private static final Duration CONNECT_TIME = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 100;

  private final List<Endpoint> endpoints;
  private final Checks checks;
  private final KnownVersions versions = new KnownVersions();
  private final MetadataFeed feed = new MetadataFeed(ClusterMetadata.empty());
  private final Transport transport = Transport.start(1);
  private final SortedMap<String, List<Turn>> turns = new TreeMap<>();
  private final Thread thread;
  private ClusterMetadata last = ClusterMetadata.empty();
  private volatile boolean isClosed;

  /**
   * A version became the active one.
   *
   * @param index of the metadata at which it was
   * @param afterGap whether changes before it were missed, so that others may have been active in
   *     between
   */
  record Turn(long index, long version, boolean afterGap) {}

  MetadataWatch(List<Endpoint> endpoints, Checks checks) {
    this.endpoints = List.copyOf(endpoints);
    this.checks = checks;
    this.thread = Thread.ofPlatform().name("metadata-watch").start(this::loop);
  }

  private void loop() {
    int next = 0;
    while (!isClosed) {
      follow(endpoints.get(next++ % endpoints.size()));
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Until the stream ends. */
  private void follow(Endpoint endpoint) {
    CountDownLatch ended = new CountDownLatch(1);
    try (Connection connection =
            transport
                .connect(endpoint, Hello.tool(feed.current().clusterId()), CONNECT_TIME)
                .join();
        Subscription stream =
            connection.subscribe(
                FrameType.WATCH_METADATA,
                0,
                MetadataEvent.encodeWatch(feed.current().index()),
                new StreamListener() {
                  @Override
                  public void onFrame(Reply reply) {
                    try {
                      if (!take(MetadataEvent.decode(reply.body()))) {
                        ended.countDown();
                      }
                    } catch (RuntimeException | Error e) {
                      checks.broken("metadata-watch", e);
                      ended.countDown();
                    }
                  }

                  @Override
                  public void onEnd(FeatureKvException why) {
                    ended.countDown();
                  }
                })) {
      connection.onClose(ended::countDown);
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // It is down; the next one is asked.
    }
  }

  private boolean take(MetadataEvent event) {
    if (event.index() <= feed.current().index()) {
      return true;
    }
    if (!feed.onEvent(event)) {
      checks.violated(7, "a server's state hash at index " + event.index() + " is another one");
      feed.reset();
      return false;
    }
    record(feed.current(), event.snapshot());
    return true;
  }

  /** The next state; {@code isGap} where others may have been between it and the last. */
  synchronized void record(ClusterMetadata now, boolean isGap) {
    for (TableRecord table : now.tables().values()) {
      checkOneActive(table, now.index());
      for (VersionRecord version : table.versions().values()) {
        checkNotBack(table, version);
      }
      TableRecord before = last.tables().get(table.name());
      long active = before == null ? 0 : before.activeVersion();
      if (table.activeVersion() != active) {
        turns
            .computeIfAbsent(table.name(), name -> new ArrayList<>())
            .add(new Turn(now.index(), table.activeVersion(), isGap));
        checkReady(table, now.index());
      }
    }
    versions.add(now);
    last = now;
  }

  private void checkNotBack(TableRecord table, VersionRecord version) {
    TableRecord before = last.tables().get(table.name());
    if (before == null || before.id() != table.id() || version.number() >= before.nextVersion()) {
      return;
    }
    VersionRecord then = before.versions().get(version.number());
    boolean wasGone = then == null || then.state() == VersionState.DROPPED;
    if (wasGone && version.state() != VersionState.DROPPED) {
      checks.violated(1, name(table, version) + " was dropped and is " + version.state());
    }
  }

  private void checkOneActive(TableRecord table, long index) {
    List<Long> active =
        table.versions().values().stream()
            .filter(version -> version.state() == VersionState.ACTIVE)
            .map(VersionRecord::number)
            .toList();
    List<Long> expected = table.activeVersion() == 0 ? List.of() : List.of(table.activeVersion());
    if (!active.equals(expected)) {
      checks.violated(
          7,
          table.name()
              + " at index "
              + index
              + " has the active versions "
              + active
              + ", and says "
              + expected);
    }
  }

  private void checkReady(TableRecord table, long index) {
    VersionRecord active = table.active();
    if (active == null) {
      return;
    }
    for (int shard = 0; shard < active.shardCount(); shard++) {
      String where =
          name(table, active) + " became active at index " + index + " while shard " + shard;
      ShardRecord record = active.shards().get(shard);
      if (record.ready().isEmpty() || record.manifest() == null) {
        checks.violated(10, where + " was ready nowhere");
        continue;
      }
      for (String node : record.ready()) {
        if (!hasVerified(record, record.manifest(), node)) {
          checks.violated(
              10,
              where
                  + " was ready on "
                  + node
                  + ", which held "
                  + record.holders().get(node)
                  + " and not "
                  + record.manifest().digest().hex());
        }
      }
    }
  }

  /** Whether a node has told the digest of the shard's file, or of the one that it is merged in. */
  private static boolean hasVerified(ShardRecord record, FileManifest manifest, String node) {
    return manifest.digest().hex().equals(record.holders().get(node)) || record.isMergedOn(node);
  }

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }

  /** A state from elsewhere, as a linearizable read, may know versions sooner than the stream. */
  void learn(ClusterMetadata metadata) {
    if (metadata.index() > feed.current().index()) {
      versions.add(metadata);
    }
  }

  KnownVersions versions() {
    return versions;
  }

  /** Index that the stream has come to. */
  long index() {
    return feed.current().index();
  }

  /** Which versions of a table were active one after another. */
  synchronized List<Turn> turns(String table) {
    return List.copyOf(turns.getOrDefault(table, List.of()));
  }

  /** All tables that had an active version. */
  synchronized Map<String, List<Turn>> turns() {
    SortedMap<String, List<Turn>> copy = new TreeMap<>();
    turns.forEach((table, list) -> copy.put(table, List.copyOf(list)));
    return copy;
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
  }
}
