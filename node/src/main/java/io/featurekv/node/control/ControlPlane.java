package io.featurekv.node.control;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.ReadClock;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.HeartbeatReply;
import io.featurekv.node.wire.TrialCounts;
import io.featurekv.protocol.FrameType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane of one node, ticked by one thread: forms the cluster or registers in it,
 * follows the metadata, sends heartbeats to the voters, and, while this node leads, carries out
 * what the rules say is due.
 */
public final class ControlPlane implements AutoCloseable {
  private static final long TICK_MILLIS = 200;
  private static final long HEARTBEAT_MILLIS = 500;
  private static final long PROPOSAL_TIMEOUT_MILLIS = 5_000;
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /** How long a node is down before its shards are placed on the others of its sect. */
  public static final long TAKE_OVER_MILLIS = Long.getLong("featurekv.takeover.millis", 300_000);

  /**
   * What this node is.
   *
   * @param formCluster the command that begins the cluster, null where it exists already
   */
  public record Self(
      String nodeId,
      Command.RegisterNode registration,
      Command.@Nullable FormCluster formCluster) {}

  private final Self self;
  private final MetadataFeed feed;
  private final Peers peers;
  private final Proposer proposer;
  private final Liveness liveness;
  private final Supplier<List<TrialCounts>> counted;
  private final TrialReports trials;
  private final long process = System.currentTimeMillis();
  private final AtomicLong session;
  private final ReadClock readClock;
  private final @Nullable MetadataVoter voter;
  private final MetadataFollower follower;
  private final @Nullable Conductor conductor;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("control").daemon().factory());
  private final AtomicBoolean proposing = new AtomicBoolean();
  private final AtomicBoolean triggered = new AtomicBoolean();
  private long heartbeatSentNanos;

  /**
   * {@code counted} tells what this process has counted of trials, {@code trials} what all have;
   * {@code voter} is null without the duty META; {@code session} becomes non-zero with the
   * registration; {@code readClock} hears what the leader's clock shows.
   */
  public ControlPlane(
      Self self,
      MetadataFeed feed,
      Peers peers,
      Proposer proposer,
      Liveness liveness,
      Supplier<List<TrialCounts>> counted,
      TrialReports trials,
      AtomicLong session,
      ReadClock readClock,
      @Nullable MetadataVoter voter,
      List<Endpoint> seeds) {
    this.self = self;
    this.feed = feed;
    this.peers = peers;
    this.proposer = proposer;
    this.liveness = liveness;
    this.counted = counted;
    this.trials = trials;
    this.session = session;
    this.readClock = readClock;
    this.voter = voter;
    this.follower = new MetadataFollower(feed, peers, seeds, this::localVoterFollows);
    this.conductor =
        voter == null
            ? null
            : new Conductor(
                voter,
                proposer,
                new LeaderDecisions(
                    self.nodeId(), liveness, trials, TAKE_OVER_MILLIS, System::nanoTime),
                self.nodeId(),
                this::trigger);
  }

  /** This node's voter while it takes part in the group. */
  public static Optional<MetadataVoter> takingPart(
      @Nullable MetadataVoter voter, String raftPeerId) {
    boolean takesPart =
        voter != null && voter.failure().isEmpty() && voter.configuration().containsKey(raftPeerId);
    return takesPart ? Optional.ofNullable(voter) : Optional.empty();
  }

  /** Begins to tick. */
  public void start() {
    thread.scheduleWithFixedDelay(this::guardedTick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    feed.listen(this::trigger);
  }

  /** The metadata has changed: what is due may have, too. */
  private void trigger() {
    if (!triggered.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.execute(
          () -> {
            triggered.set(false);
            guardedTick();
          });
    } catch (RejectedExecutionException e) {
      LOG.trace("the control plane is closed");
    }
  }

  private void guardedTick() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.error("the control plane failed; trying again", e);
    }
  }

  private void tick() {
    follower.tick();
    if (Introduction.isOver(feed.current(), self.nodeId(), session.get())) {
      LOG.warn("registered under this node's id again since; registering anew");
      session.set(0);
    }
    if (session.get() == 0) {
      introduce();
    }
    heartbeat();
    if (conductor != null && voter != null && voter.failure().isEmpty()) {
      conductor.tick();
    }
  }

  private boolean localVoterFollows() {
    return voter != null
        && takingPart(voter, peerId()).isPresent()
        && voter.current().index() >= feed.current().index();
  }

  private String peerId() {
    return self.nodeId() + "-" + self.registration().incarnation();
  }

  /**
   * Forms the cluster where this node begins it, then registers; one proposal at a time until it is
   * done.
   */
  private void introduce() {
    Command next = Introduction.next(feed.current(), self).orElse(null);
    if (proposing.get() || next == null) {
      return;
    }
    Failpoint.REGISTER_BEFORE_PROPOSE.hit();
    proposing.set(true);
    proposer
        .propose(next, PROPOSAL_TIMEOUT_MILLIS)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                LOG.debug("{}: {}", next, FeatureKvException.from(failure).getMessage());
              } else if (result.error() != null) {
                LOG.warn("{} was refused: {}", next, result.message());
              } else if (next instanceof Command.RegisterNode) {
                session.set(result.index());
                LOG.info(
                    "registered in cluster {} as {}", feed.current().clusterId(), self.nodeId());
              }
              proposing.set(false);
              if (session.get() != 0) {
                Failpoint.REGISTER_AFTER_APPLY.hit();
              }
            });
  }

  private void heartbeat() {
    long now = System.nanoTime();
    if (now - heartbeatSentNanos < HEARTBEAT_MILLIS * 1_000_000) {
      return;
    }
    heartbeatSentNanos = now;
    liveness.heard(self.nodeId());
    if (voter != null && voter.isLeader()) {
      readClock.heard(System.currentTimeMillis());
    }
    Heartbeat beat =
        new Heartbeat(self.nodeId(), session.get(), feed.current().index(), process, counted.get());
    trials.heard(beat);
    for (NodeRecord node : feed.current().nodes().values()) {
      if (node.voter() && !node.id().equals(self.nodeId())) {
        peers
            .call(node.id(), FrameType.HEARTBEAT, 0, beat.encode(), HEARTBEAT_MILLIS * 2)
            .thenAccept(
                reply -> readClock.heard(HeartbeatReply.decode(reply.body()).leaderTimeMillis()))
            .exceptionally(
                failure -> {
                  LOG.trace("heartbeat to {}: {}", node.id(), failure.toString());
                  return null;
                });
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    follower.stop();
  }
}
