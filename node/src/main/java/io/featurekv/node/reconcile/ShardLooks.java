package io.featurekv.node.reconcile;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.DataCheck;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.ShardFindings;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Digest;
import io.featurekv.model.FeatureKvException;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into the shards of versions that are not ready yet, as far as the gates of their tables ask
 * for it and no other node has told what is in them. Owned by the reconciling thread; the looking
 * is done on the jobs' threads.
 */
final class ShardLooks {
  /** Shards that are looked into at a time. */
  private static final int MAX_RUNNING = 2;

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Logger LOG = LoggerFactory.getLogger(ShardLooks.class);

  private final Executor jobs;
  private final Executor reconciling;
  private final LongSupplier readTimeMillis;
  private final Set<Subject> running = new HashSet<>();
  private final Map<Subject, ShardFindings> found = new HashMap<>();
  private final Map<Subject, Long> failedNanos = new HashMap<>();

  /** A shard as one attempt built it. */
  private record Subject(WantedChain.Key key, Digest digest) {
    static Subject of(WantedChain chain) {
      return new Subject(chain.key(), chain.files().getFirst().manifest().digest());
    }
  }

  /** {@code reconciling} runs tasks on the owning thread, and a round after each. */
  ShardLooks(Executor jobs, Executor reconciling, LongSupplier readTimeMillis) {
    this.jobs = jobs;
    this.reconciling = reconciling;
    this.readTimeMillis = readTimeMillis;
  }

  /**
   * Begins to look where that is due.
   *
   * @return what was found and is not in the metadata yet, by version and shard
   */
  Map<NodeReports.VersionKey, SortedMap<Integer, ShardFindings>> round(
      ClusterMetadata metadata, List<WantedChain> wanted, OpenFiles<?> open) {
    Map<NodeReports.VersionKey, SortedMap<Integer, ShardFindings>> untold = new HashMap<>();
    Set<Subject> asked = new HashSet<>();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        DataCheck check = version.dataCheck();
        boolean isOnItsWay =
            version.state() == VersionState.SEALED || version.state() == VersionState.LOADING;
        if (check == null || check.isComplete() || !isOnItsWay) {
          continue;
        }
        for (WantedChain chain : wanted) {
          if (isAsked(chain, table, version, check)) {
            Subject subject = Subject.of(chain);
            asked.add(subject);
            ShardFindings findings = found.get(subject);
            if (findings == null) {
              begin(subject, table, version, check, wanted, open);
            } else {
              untold
                  .computeIfAbsent(
                      new NodeReports.VersionKey(table.name(), version.number()),
                      key -> new TreeMap<>())
                  .put(chain.key().shard(), findings);
            }
          }
        }
      }
    }
    found.keySet().retainAll(asked);
    failedNanos.keySet().retainAll(asked);
    return untold;
  }

  private static boolean isAsked(
      WantedChain chain, TableRecord table, VersionRecord version, DataCheck check) {
    return chain.key().version() == version.number()
        && chain.key().table().equals(table.name())
        && check.pendingShards().contains(chain.key().shard());
  }

  private void begin(
      Subject subject,
      TableRecord table,
      VersionRecord version,
      DataCheck check,
      List<WantedChain> wanted,
      OpenFiles<?> open) {
    Long failed = failedNanos.get(subject);
    boolean waits = failed != null && System.nanoTime() - failed < RETRY_NANOS;
    ShardChain chain = open.chain(subject.key());
    if (chain == null || waits || running.contains(subject) || running.size() >= MAX_RUNNING) {
      return;
    }
    List<@Nullable ShardChain> before = before(table, check, wanted, open);
    if (before == null) {
      return;
    }
    int shard = subject.key().shard();
    List<GoldenKey> goldenKeys =
        check.asksGolden() ? DataCheck.goldenKeysOf(table, version, shard) : List.of();
    ShardLook look =
        new ShardLook(
            shard,
            version.shardCount(),
            chain,
            goldenKeys,
            before,
            TimeUnit.MILLISECONDS.toSeconds(readTimeMillis.getAsLong()),
            table.schema());
    running.add(subject);
    jobs.execute(() -> look(subject, look));
  }

  /**
   * The chains of the version before, in the places of its shards; empty where nothing is compared,
   * null while one that should be here is not open yet.
   */
  private static @Nullable List<@Nullable ShardChain> before(
      TableRecord table, DataCheck check, List<WantedChain> wanted, OpenFiles<?> open) {
    VersionRecord before = table.versions().get(check.overlapWith());
    List<@Nullable ShardChain> chains = new ArrayList<>();
    if (before == null) {
      return chains;
    }
    for (int shard = 0; shard < before.shardCount(); shard++) {
      chains.add(open.chain(new WantedChain.Key(table.name(), before.number(), shard)));
    }
    for (WantedChain chain : wanted) {
      boolean isOfIt =
          chain.key().version() == before.number() && chain.key().table().equals(table.name());
      if (isOfIt && chains.get(chain.key().shard()) == null) {
        return null;
      }
    }
    return chains;
  }

  private void look(Subject subject, ShardLook look) {
    ShardFindings result = underLeases(subject, look);
    reconciling.execute(
        () -> {
          running.remove(subject);
          if (result == null) {
            failedNanos.put(subject, System.nanoTime());
          } else {
            found.put(subject, result);
          }
        });
  }

  /** What was found; null where something was closed meanwhile or cannot be read. */
  private static @Nullable ShardFindings underLeases(Subject subject, ShardLook look) {
    if (!look.tryAcquire()) {
      return null;
    }
    try {
      return look.look();
    } catch (RuntimeException | Error e) {
      // An InternalError is what the JVM makes of a page of a map that cannot be read.
      LOG.warn(
          "{} could not be looked into, trying again: {}",
          subject.key(),
          FeatureKvException.from(e).getMessage());
      return null;
    } finally {
      look.release();
    }
  }
}
