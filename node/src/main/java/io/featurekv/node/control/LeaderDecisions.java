package io.featurekv.node.control;

import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a leader proposes, round by round: asks the rules, and remembers for how long tasks,
 * versions and leases have been as they are, which the rules count by. Has no effects. Owned by one
 * thread.
 */
public final class LeaderDecisions {
  /** Work on a build that has been under way for less is not given to a second builder. */
  private static final long SLOW_WORK_MILLIS = Long.getLong("featurekv.build.slow.millis", 20_000);

  /** A leader that has decided nothing for so long stood still, and has heard nobody meanwhile. */
  private static final long MAX_GAP_NANOS = 60_000_000_000L;

  private final String selfId;
  private final Liveness liveness;
  private final TrialReports trials;
  private final long takeOverAfterMillis;
  private final LongSupplier nanoTime;

  /** Since when each task, version, renewal and trial has been seen as it is. */
  private final Map<Object, Long> seenSinceNanos = new HashMap<>();

  private long decidedNanos;

  /**
   * Of the node {@code selfId}, which is never silent to itself.
   *
   * @param takeOverAfterMillis how long a node is down before its shards are placed elsewhere
   * @param nanoTime a monotonic clock
   */
  public LeaderDecisions(
      String selfId,
      Liveness liveness,
      TrialReports trials,
      long takeOverAfterMillis,
      LongSupplier nanoTime) {
    this.selfId = selfId;
    this.liveness = liveness;
    this.trials = trials;
    this.takeOverAfterMillis = takeOverAfterMillis;
    this.nanoTime = nanoTime;
    this.decidedNanos = nanoTime.getAsLong();
  }

  /** This node has become the leader: whatever it waits for, it waits for from now on. */
  public void leadershipBegan() {
    liveness.leadershipBegan();
    seenSinceNanos.clear();
    decidedNanos = nanoTime.getAsLong();
  }

  /**
   * What is due, all of which can be proposed at once.
   *
   * @param configuration of the Raft group, peer id to address
   * @param nowMillis the leader's clock, for what is measured in hours and days
   */
  public List<Command> due(
      ClusterMetadata metadata, Map<String, String> configuration, long nowMillis) {
    long now = nanoTime.getAsLong();
    if (now - decidedNanos > MAX_GAP_NANOS) {
      liveness.leadershipBegan();
    }
    decidedNanos = now;
    watchRecords(metadata);
    List<Command> commands = new ArrayList<>();
    commands.addAll(
        MembershipRules.nodeStates(
            metadata,
            selfId,
            nowMillis,
            takeOverAfterMillis,
            liveness::silentMillis,
            id -> liveness.heardWithin(id, MembershipRules.DOWN_AFTER_MILLIS)));
    MembershipRules.voterFlags(metadata, configuration).ifPresent(commands::add);
    commands.addAll(
        LifecycleRules.due(
            metadata, nowMillis, this::unchangedMillis, table -> evidence(metadata, table)));
    commands.addAll(BuildRules.due(metadata, nowMillis, SLOW_WORK_MILLIS, this::unchangedMillis));
    return commands;
  }

  private CanaryEvidence evidence(ClusterMetadata metadata, TableRecord table) {
    Canary canary = table.canary();
    return canary == null
        ? new CanaryEvidence(CanaryCounts.NONE, false)
        : trials.of(metadata, table.name(), canary.version());
  }

  private void watchRecords(ClusterMetadata metadata) {
    Map<Object, Long> before = new HashMap<>(seenSinceNanos);
    seenSinceNanos.clear();
    long now = nanoTime.getAsLong();
    for (TaskRecord task : metadata.tasks().values()) {
      if (!task.state().isFinal()) {
        seenSinceNanos.put(task, before.getOrDefault(task, now));
      }
    }
    for (BuildRules.Renewal renewal : BuildRules.renewals(metadata)) {
      seenSinceNanos.put(renewal, before.getOrDefault(renewal, now));
    }
    for (Object trial : CanaryRules.watched(metadata)) {
      seenSinceNanos.put(trial, before.getOrDefault(trial, now));
    }
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        if (!version.loadFailures().isEmpty()) {
          seenSinceNanos.put(version, before.getOrDefault(version, now));
        }
      }
    }
  }

  private long unchangedMillis(Object record) {
    Long since = seenSinceNanos.get(record);
    return since == null ? 0 : (nanoTime.getAsLong() - since) / 1_000_000;
  }
}
