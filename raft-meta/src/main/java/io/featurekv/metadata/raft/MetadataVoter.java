package io.featurekv.metadata.raft;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.JavaUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in the Raft group: server, state machine and a way to the leader.
 *
 * <p>All methods may be called from any thread and none of those that return futures blocks.
 * Futures complete on threads of the Raft group: what follows on them must be quick.
 *
 * <p>A peer's address cannot change while it is in the configuration of more than itself: Ratis
 * takes peers with known ids for unchanged. A node that moves rejoins under a new incarnation,
 * which is another peer id.
 */
public final class MetadataVoter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataVoter.class);

  static {
    // Ratis ends the process when its port is taken or any thread dies of an exception. Reads must
    // go on.
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final MetadataStateMachine stateMachine;
  private final LeaderLink leaderLink;
  private final ScheduledExecutorService scheduler;
  private final Fate fate;

  /** Why the server ended, if it did so by itself; known before the server is built. */
  private static final class Fate {
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> onFailure = new AtomicReference<>();
    private final AtomicBoolean closing = new AtomicBoolean();

    void fail(String reason) {
      if (!closing.get() && failure.compareAndSet(null, reason)) {
        LOG.error("This node no longer takes part in the metadata's Raft group: {}", reason);
        Runnable action = onFailure.get();
        if (action != null) {
          action.run();
        }
      }
    }
  }

  private MetadataVoter(
      RaftServer server,
      RaftGroupId groupId,
      MetadataStateMachine stateMachine,
      RaftProperties properties,
      RaftTransport transport,
      Fate fate) {
    this.server = server;
    this.groupId = groupId;
    this.stateMachine = stateMachine;
    this.fate = fate;
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("metadata-voter").factory());
    this.leaderLink =
        new LeaderLink(server, groupId, properties, transport, scheduler, fate.failure::get);
  }

  /**
   * Starts the server (RECOVER) and returns once it takes part, which does not mean that there is a
   * leader yet.
   *
   * @param onChange called in log order, on the applying thread, after each applied command; must
   *     be quick and never throw
   * @param onSnapshot called when the state jumps: at the start, where there is a snapshot, before
   *     this returns, and when one was installed
   * @throws FeatureKvException with CORRUPT when what the directory holds cannot be used (the
   *     message names the file and says what to do), WRONG_CLUSTER when it is another cluster's,
   *     UNAVAILABLE when the server cannot start (its port is taken, say)
   */
  public static MetadataVoter start(
      VoterConfig config, Consumer<MetadataChange> onChange, Consumer<ClusterMetadata> onSnapshot) {
    Map<String, String> first =
        config.bootstrap() ? Map.of(config.peerId(), config.advertisedAddress()) : Map.of();
    return start(
        config,
        new GrpcTransport(config.bindAddress(), config.peerId()),
        first,
        onChange,
        onSnapshot);
  }

  /**
   * As above, over another transport and in a group whose first voters are all known.
   *
   * @param config its addresses only name this peer in messages
   * @param firstConfiguration peer id to address, the same on all of them; counts only as long as
   *     nothing else is on the disk
   */
  public static MetadataVoter start(
      VoterConfig config,
      RaftTransport transport,
      Map<String, String> firstConfiguration,
      Consumer<MetadataChange> onChange,
      Consumer<ClusterMetadata> onSnapshot) {
    UUID cluster = UUID.fromString(config.clusterId());
    RaftDirectory directory = new RaftDirectory(config.directory(), cluster);
    directory.check();
    RaftGroupId groupId = RaftGroupId.valueOf(cluster);
    RaftProperties properties = RaftSettings.of(config, transport);
    directory.removeLogBehindSnapshot(RaftSettings.maxEntryBytes(properties));
    Fate fate = new Fate();
    MetadataStateMachine stateMachine = new MetadataStateMachine(onChange, onSnapshot, fate::fail);
    // With a snapshot the configuration is on disk, and the first one may be long out of date.
    List<RaftPeer> peers = directory.hasSnapshot() ? List.of() : peers(firstConfiguration);
    RaftServer server = null;
    try {
      server =
          RaftServer.newBuilder()
              .setServerId(RaftPeerId.valueOf(config.peerId()))
              .setGroup(RaftGroup.valueOf(groupId, peers))
              .setStateMachine(stateMachine)
              .setProperties(properties)
              .setParameters(transport.parameters())
              .setOption(RaftStorage.StartupOption.RECOVER)
              .build();
      server.start();
      MetadataVoter voter =
          new MetadataVoter(server, groupId, stateMachine, properties, transport, fate);
      voter.closeServerOnFailure();
      return voter;
    } catch (IOException | RuntimeException e) {
      fate.closing.set(true);
      closeQuietly(server);
      throw startFailure(
          config, e, () -> directory.damagedSegment(RaftSettings.maxEntryBytes(properties)));
    }
  }

  /**
   * @param damagedSegment what is wrong with the log, which the failure itself may not tell
   */
  private static FeatureKvException startFailure(
      VoterConfig config, Exception failure, Supplier<Optional<String>> damagedSegment) {
    StringBuilder reasons = new StringBuilder();
    boolean corrupt = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FeatureKvException known) {
        return new FeatureKvException(known.code(), String.valueOf(known.getMessage()), failure);
      }
      String name = cause.getClass().getSimpleName();
      corrupt |= name.contains("Corrupt") || name.contains("Checksum");
      reasons.append(reasons.isEmpty() ? "" : "; caused by ").append(cause);
    }
    Optional<String> damage = damagedSegment.get();
    corrupt |= damage.isPresent();
    damage.ifPresent(what -> reasons.insert(0, what + "; "));
    return corrupt
        ? new FeatureKvException(
            ErrorCode.CORRUPT,
            "the Raft log in "
                + config.directory()
                + " is damaged ("
                + reasons
                + "); "
                + RaftDirectory.adviceOnCorruption(),
            failure)
        : new FeatureKvException(
            ErrorCode.UNAVAILABLE,
            "the Raft server of peer "
                + config.peerId()
                + " cannot start on "
                + config.bindAddress()
                + " with directory "
                + config.directory()
                + ": "
                + reasons,
            failure);
  }

  private void closeServerOnFailure() {
    // Not on the thread that reports the failure: closing waits for it.
    Runnable close =
        () -> Thread.ofPlatform().name("metadata-voter-close").start(() -> closeQuietly(server));
    fate.onFailure.set(close);
    if (fate.failure.get() != null) {
      close.run();
    }
  }

  private static void closeQuietly(@Nullable RaftServer server) {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      LOG.warn("The Raft server did not close cleanly", e);
    }
  }

  private static RaftPeer peer(String id, String address) {
    return RaftPeer.newBuilder().setId(id).setAddress(address).build();
  }

  /** The state this node has applied. */
  public ClusterMetadata current() {
    return stateMachine.state();
  }

  /** Whether this node leads and has applied everything up to its own term. */
  public boolean isLeader() {
    RaftServer.Division division = division();
    return division != null && division.getInfo().isLeaderReady();
  }

  /** Peer id of the leader, as far as known. */
  public Optional<String> leaderPeerId() {
    RaftServer.Division division = division();
    RaftPeerId leader = division == null ? null : division.getInfo().getLeaderId();
    return leader == null ? Optional.empty() : Optional.of(leader.toString());
  }

  /**
   * Peer id to advertised address of the present Raft configuration. Empty for a joiner that is in
   * no configuration yet.
   */
  public Map<String, String> configuration() {
    Map<String, String> peers = new TreeMap<>();
    RaftServer.Division division = division();
    if (division != null) {
      for (RaftPeer peer : division.getRaftConf().getCurrentPeers()) {
        peers.put(peer.getId().toString(), peer.getAddress());
      }
    }
    return peers;
  }

  /** How far this voter has come; empty once its server has ended. */
  public Optional<RaftPosition> position() {
    RaftServer.Division division = division();
    return division == null
        ? Optional.empty()
        : Optional.of(
            new RaftPosition(
                division.getInfo().getCurrentTerm(),
                division.getRaftLog().getLastCommittedIndex(),
                division.getInfo().getLastAppliedIndex()));
  }

  private RaftServer.@Nullable Division division() {
    try {
      return fate.failure.get() == null ? server.getDivision(groupId) : null;
    } catch (IOException e) {
      // It is being closed.
      return null;
    }
  }

  /**
   * Sends a command to the leader, wherever it is, and completes with its result. Fails with
   * FeatureKvException: TRY_AGAIN when no leader took it (nothing happened), UNKNOWN_OUTCOME when
   * it may have been taken, INVALID_ARGUMENT or TOO_LARGE when the leader cannot read it; in any
   * case after {@code timeoutMillis} at the latest.
   *
   * @param timeoutMillis how long from now to try
   */
  public CompletableFuture<CommandResult> propose(CommandEnvelope envelope, long timeoutMillis) {
    return leaderLink.write(MetadataCodec.encodeCommand(envelope), timeoutMillis);
  }

  /**
   * The state as of a moment after the call began (a linearizable read). Fails with TRY_AGAIN when
   * there is no leader, or when this node cannot catch up with it, within {@code timeoutMillis}.
   */
  public CompletableFuture<ClusterMetadata> readLinearizable(long timeoutMillis) {
    return leaderLink.read(timeoutMillis).thenApply(reply -> current());
  }

  /**
   * Adds or removes one voter with compare-and-set on the present configuration: full next
   * configuration, peer id to address. Only on the leader. Completes once the new configuration is
   * committed.
   *
   * <p>Fails with FeatureKvException: TRY_AGAIN when nothing was changed because this node does not
   * lead, another change is under way or the node to add is silent; CONFLICT when the present
   * configuration is not {@code current} or the step is too big; UNKNOWN_OUTCOME when it may yet be
   * made.
   */
  public CompletableFuture<Void> changeConfiguration(
      Map<String, String> current, Map<String, String> next, long timeoutMillis) {
    if (!isLeader()) {
      return CompletableFuture.failedFuture(
          new FeatureKvException(
              ErrorCode.TRY_AGAIN, "only the metadata leader changes the voters, not this node"));
    }
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            ClientId.randomId(),
            server.getId(),
            groupId,
            CallId.getAndIncrement(),
            SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(peers(current))
                .setServersInNewConf(peers(next))
                .build());
    CompletableFuture<RaftClientReply> sent;
    try {
      sent = server.setConfigurationAsync(request);
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(configurationFailure(e));
    }
    return sent.copy()
        .orTimeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .handle(
            (reply, error) -> {
              Throwable problem = error != null ? error : reply.getException();
              if (problem != null) {
                throw configurationFailure(problem);
              }
              return null;
            });
  }

  private static List<RaftPeer> peers(Map<String, String> addresses) {
    List<RaftPeer> peers = new ArrayList<>();
    addresses.forEach((id, address) -> peers.add(peer(id, address)));
    return peers;
  }

  private static FeatureKvException configurationFailure(Throwable failure) {
    Throwable problem = JavaUtils.unwrapCompletionException(failure);
    ErrorCode code;
    if (problem instanceof ReconfigurationInProgressException
        || problem instanceof ReconfigurationTimeoutException
        || problem instanceof LeaderNotReadyException) {
      code = ErrorCode.TRY_AGAIN;
    } else if (problem instanceof SetConfigurationException) {
      code = ErrorCode.CONFLICT;
    } else {
      code = ErrorCode.UNKNOWN_OUTCOME;
    }
    return new FeatureKvException(code, "the voters were not changed: " + problem, problem);
  }

  /** Why the Raft server was shut down (a failed log write), or empty while it is well. */
  public Optional<String> failure() {
    return Optional.ofNullable(fate.failure.get());
  }

  /** Ends this node's part. Requests under way fail; nothing that was committed is lost. */
  @Override
  public void close() {
    if (!fate.closing.compareAndSet(false, true)) {
      return;
    }
    scheduler.shutdown();
    try {
      leaderLink.close();
    } catch (IOException e) {
      LOG.warn("A connection to another voter did not close cleanly", e);
    }
    closeQuietly(server);
    scheduler.shutdownNow();
  }
}
