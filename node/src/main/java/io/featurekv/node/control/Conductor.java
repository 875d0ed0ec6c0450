package io.featurekv.node.control;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the leader's decisions: asks the rules what is due and proposes it. One round at a
 * time; the next begins when every proposal of the one before has an answer. Ticked from the
 * control thread; does nothing while another node leads.
 */
final class Conductor {
  private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);
  private static final long PROPOSAL_TIMEOUT_MILLIS = 5_000;
  private static final long CONFIGURATION_TIMEOUT_MILLIS = 15_000;

  /** Work on a build that has been under way for less is not given to a second builder. */
  private static final long SLOW_WORK_MILLIS = Long.getLong("featurekv.build.slow.millis", 20_000);

  private static final long AVOID_PEER_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final MetadataVoter voter;
  private final Proposer proposer;
  private final Liveness liveness;
  private final TrialReports trials;
  private final String selfId;
  private final long takeOverAfterMillis;
  private final Runnable again;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicBoolean reconfiguring = new AtomicBoolean();

  /**
   * Since when each task and version record has been seen as it is; identity, because records are
   * replaced when they change.
   */
  private final Map<Object, Long> seenSinceNanos = new HashMap<>();

  /** When adding a peer failed last; others are tried before it is again. */
  private final Map<String, Long> failedPeerNanos = new ConcurrentHashMap<>();

  private boolean leading;

  /** {@code again} asks for the next tick at once; called when a round has changed something. */
  Conductor(
      MetadataVoter voter,
      Proposer proposer,
      Liveness liveness,
      TrialReports trials,
      String selfId,
      long takeOverAfterMillis,
      Runnable again) {
    this.voter = voter;
    this.proposer = proposer;
    this.liveness = liveness;
    this.trials = trials;
    this.selfId = selfId;
    this.takeOverAfterMillis = takeOverAfterMillis;
    this.again = again;
  }

  void tick() {
    boolean leads = voter.isLeader();
    if (leads && !leading) {
      LOG.info("{} leads the metadata group", selfId);
      liveness.leadershipBegan();
      seenSinceNanos.clear();
    }
    leading = leads;
    if (!leads || !busy.compareAndSet(false, true)) {
      return;
    }
    try {
      round(voter.current());
    } catch (RuntimeException e) {
      busy.set(false);
      LOG.error("a round of the leader's decisions failed", e);
    }
  }

  private void round(ClusterMetadata metadata) {
    if (metadata.clusterId().isEmpty()) {
      busy.set(false);
      return;
    }
    watchRecords(metadata);
    long nowMillis = System.currentTimeMillis();
    List<Command> commands = new ArrayList<>();
    commands.addAll(
        MembershipRules.nodeStates(
            metadata, selfId, nowMillis, takeOverAfterMillis, liveness::silentMillis));
    Map<String, String> configuration = voter.configuration();
    MembershipRules.voterFlags(metadata, configuration).ifPresent(commands::add);
    commands.addAll(
        LifecycleRules.due(
            metadata, nowMillis, this::unchangedMillis, table -> evidence(metadata, table)));
    commands.addAll(BuildRules.due(metadata, nowMillis, SLOW_WORK_MILLIS, this::unchangedMillis));
    reconfigure(metadata, configuration);
    AtomicBoolean changed = new AtomicBoolean();
    List<CompletableFuture<?>> proposals = new ArrayList<>();
    for (Command command : commands) {
      proposals.add(
          propose(command)
              .thenAccept(result -> changed.compareAndSet(false, result.error() == null)));
    }
    CompletableFuture.allOf(proposals.toArray(CompletableFuture[]::new))
        .whenComplete(
            (done, failure) -> {
              busy.set(false);
              if (changed.get()) {
                again.run();
              }
            });
  }

  private CanaryEvidence evidence(ClusterMetadata metadata, TableRecord table) {
    Canary canary = table.canary();
    return canary == null
        ? new CanaryEvidence(CanaryCounts.NONE, false)
        : trials.of(metadata, table.name(), canary.version());
  }

  private CompletableFuture<CommandResult> propose(Command command) {
    failpoint(command).ifPresent(Failpoint::hit);
    return proposer
        .propose(command, PROPOSAL_TIMEOUT_MILLIS)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.debug(
                    "{} was not taken: {}", command, FeatureKvException.from(failure).getMessage());
              } else if (result.error() != null) {
                LOG.debug("{} was refused: {}", command, result.message());
              } else {
                LOG.info("{}", command);
              }
            });
  }

  private static Optional<Failpoint> failpoint(Command command) {
    Failpoint point =
        switch (command) {
          case Command.SealBuild seal -> Failpoint.SEAL_BEFORE_PROPOSE;
          case Command.AdvanceVersion advance -> Failpoint.LOAD_BEFORE_ADVANCE;
          case Command.ActivateVersion activate -> Failpoint.ACTIVATE_BEFORE_PROPOSE;
          case Command.DropVersion drop -> Failpoint.COLLECT_BEFORE_PROPOSE;
          case Command.CompleteMerge complete -> Failpoint.MERGE_BEFORE_COMPLETE;
          case Command.StartCanary start -> Failpoint.CANARY_BEFORE_START;
          case Command.ReportCanary report -> Failpoint.CANARY_BEFORE_REPORT;
          default -> null;
        };
    return Optional.ofNullable(point);
  }

  private void reconfigure(ClusterMetadata metadata, Map<String, String> configuration) {
    Optional<Map<String, String>> next =
        MembershipRules.nextConfiguration(metadata, configuration, recentlyFailedPeers());
    if (next.isEmpty() || !reconfiguring.compareAndSet(false, true)) {
      return;
    }
    LOG.info("voters: {} to {}", configuration.keySet(), next.get().keySet());
    voter
        .changeConfiguration(configuration, next.get(), CONFIGURATION_TIMEOUT_MILLIS)
        .whenComplete(
            (done, failure) -> {
              reconfiguring.set(false);
              if (failure != null) {
                FeatureKvException error = FeatureKvException.from(failure);
                next.get().keySet().stream()
                    .filter(peer -> !configuration.containsKey(peer))
                    .forEach(peer -> failedPeerNanos.put(peer, System.nanoTime()));
                LOG.warn("voters could not be changed, trying again: {}", error.getMessage());
              }
            });
  }

  private Set<String> recentlyFailedPeers() {
    long now = System.nanoTime();
    failedPeerNanos.values().removeIf(at -> now - at > AVOID_PEER_NANOS);
    return Set.copyOf(failedPeerNanos.keySet());
  }

  private void watchRecords(ClusterMetadata metadata) {
    Map<Object, Long> before = new HashMap<>(seenSinceNanos);
    seenSinceNanos.clear();
    long now = System.nanoTime();
    for (TaskRecord task : metadata.tasks().values()) {
      if (!task.state().isFinal()) {
        seenSinceNanos.put(task, before.getOrDefault(task, now));
      }
    }
    for (BuildRules.Renewal renewal : BuildRules.renewals(metadata)) {
      seenSinceNanos.put(renewal, before.getOrDefault(renewal, now));
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
    return since == null ? 0 : (System.nanoTime() - since) / 1_000_000;
  }
}
