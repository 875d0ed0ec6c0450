package io.featurekv.node.control;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
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

  private static final long AVOID_PEER_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final MetadataVoter voter;
  private final Proposer proposer;
  private final String selfId;
  private final LeaderDecisions decisions;
  private final Runnable again;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicBoolean reconfiguring = new AtomicBoolean();

  /** When adding a peer failed last; others are tried before it is again. */
  private final Map<String, Long> failedPeerNanos = new ConcurrentHashMap<>();

  private boolean leading;

  /** {@code again} asks for the next tick at once; called when a round has changed something. */
  Conductor(
      MetadataVoter voter,
      Proposer proposer,
      LeaderDecisions decisions,
      String selfId,
      Runnable again) {
    this.voter = voter;
    this.proposer = proposer;
    this.decisions = decisions;
    this.selfId = selfId;
    this.again = again;
  }

  void tick() {
    boolean leads = voter.isLeader();
    if (leads && !leading) {
      LOG.info("{} leads the metadata group", selfId);
      decisions.leadershipBegan();
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
    Map<String, String> configuration = voter.configuration();
    List<Command> commands = decisions.due(metadata, configuration, System.currentTimeMillis());
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
}
