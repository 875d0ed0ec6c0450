package io.featurekv.metadata.raft;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** What is set on Ratis, and why it is not left at its default. */
final class RaftSettings {
  /** Longest command. A log segment and an append request must hold one whole. */
  static final int MAX_COMMAND_BYTES = 3 << 20;

  /** How long one try to reach the leader may take; a propose makes several. */
  static final Duration TRY_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration STAGING_TIMEOUT = Duration.ofSeconds(10);

  private static final int SNAPSHOTS_KEPT = 2;
  private static final String SEGMENT_SIZE = "4MB";
  private static final String PREALLOCATED_SIZE = "256KB";

  private RaftSettings() {}

  static RaftProperties of(VoterConfig config, RaftTransport transport) {
    RaftProperties properties = new RaftProperties();
    setStorage(properties, config);
    setSnapshots(properties, config);
    setTimes(properties, config);
    // Without it, a read answered by a leader that was replaced unnoticed could be stale.
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, time(TRY_TIMEOUT));
    transport.configure(properties);
    return properties;
  }

  /** The longest entry that a log written with such properties has. */
  static SizeInBytes maxEntryBytes(RaftProperties properties) {
    return RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties);
  }

  private static void setStorage(RaftProperties properties, VoterConfig config) {
    // The default is below /tmp.
    RaftServerConfigKeys.setStorageDir(properties, List.of(config.directory().toFile()));
    // Only closed segments are purged: small ones keep the log short.
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(SEGMENT_SIZE));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(PREALLOCATED_SIZE));
    // Composed, a request that begins at an index where another one is under way is answered as
    // appended when the other one is, however much longer it is: the leader counts entries that
    // this voter does not have, and never sends them again.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
  }

  private static void setSnapshots(RaftProperties properties, VoterConfig config) {
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(
        properties, config.snapshotEveryEntries());
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, SNAPSHOTS_KEPT);
    // Closing must not need disk space: it may be what a full disk leads to.
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    // A voter that is away must not keep the others' logs growing; it gets a snapshot.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
  }

  private static void setTimes(RaftProperties properties, VoterConfig config) {
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, time(config.electionTimeoutMin()));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, time(config.electionTimeoutMax()));
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, time(TRY_TIMEOUT));
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, appenderRetries(config));
    // How long a node to be added may be silent; the default is less than a busy machine may need.
    RaftServerConfigKeys.setStagingTimeout(properties, time(STAGING_TIMEOUT));
    // By default a process that was paused for a minute closes its Raft server for good.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(365, TimeUnit.DAYS));
  }

  /**
   * Pauses of a leader that a follower has failed, as {@code pause,times} in turn: half of the time
   * between heartbeats at most. By default they grow to 5 s. Where a pause is longer than that
   * time, a leader sends a heartbeat instead of entries; and a follower whose log begins later than
   * the leader thinks says where it begins only when it gets entries.
   */
  private static String appenderRetries(VoterConfig config) {
    return "1ms,10, " + Math.max(1, config.electionTimeoutMin().toMillis() / 4) + "ms,1000000";
  }

  private static TimeDuration time(Duration duration) {
    return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
  }
}
