package io.featurekv.metadata.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.OperationIds;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Voters on loopback, each with its own directory, that a test starts and stops by name. */
final class VoterGroup implements AutoCloseable {
  static final long TIMEOUT_MILLIS = 20_000;

  private final Path root;
  private final int snapshotEveryEntries;
  private final String clusterId = UUID.randomUUID().toString();
  private final Map<String, String> addresses = new TreeMap<>();
  private final Map<String, MetadataVoter> running = new TreeMap<>();

  /** State hashes that any voter had, by index; two voters must never differ. */
  private final Map<Long, Long> hashes = new ConcurrentHashMap<>();

  private final List<String> disagreements = new ArrayList<>();
  private final AtomicInteger snapshotsInstalled = new AtomicInteger();

  VoterGroup(Path root, int snapshotEveryEntries) {
    this.root = root;
    this.snapshotEveryEntries = snapshotEveryEntries;
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  String clusterId() {
    return clusterId;
  }

  Path directory(String peer) {
    return root.resolve(peer);
  }

  Path groupDirectory(String peer) {
    return directory(peer).resolve(clusterId);
  }

  int snapshotsInstalled() {
    return snapshotsInstalled.get();
  }

  MetadataVoter start(String peer, boolean bootstrap) {
    String address = addresses.computeIfAbsent(peer, p -> "127.0.0.1:" + freePort());
    return start(peer, bootstrap, address);
  }

  MetadataVoter start(String peer, boolean bootstrap, String address) {
    addresses.put(peer, address);
    MetadataVoter voter =
        MetadataVoter.start(
            new VoterConfig(
                clusterId,
                peer,
                address,
                address,
                directory(peer),
                bootstrap,
                Duration.ofMillis(150),
                Duration.ofMillis(300),
                snapshotEveryEntries),
            change -> note(peer, change.after()),
            state -> {
              snapshotsInstalled.incrementAndGet();
              note(peer, state);
            });
    running.put(peer, voter);
    return voter;
  }

  private void note(String peer, ClusterMetadata state) {
    Long known = hashes.putIfAbsent(state.index(), state.stateHash());
    if (known != null && known != state.stateHash()) {
      synchronized (disagreements) {
        disagreements.add(peer + " at " + state.index());
      }
    }
  }

  /** Starts the first voter and forms the cluster on it. */
  MetadataVoter bootstrap(String peer) {
    MetadataVoter voter = start(peer, true);
    done(voter, new Command.FormCluster(clusterId, 3));
    return voter;
  }

  MetadataVoter voter(String peer) {
    return running.get(peer);
  }

  void stop(String peer) {
    running.remove(peer).close();
  }

  /** Starts a node and makes it a voter. */
  MetadataVoter join(String peer) {
    MetadataVoter joiner = start(peer, false);
    Map<String, String> next = new TreeMap<>(leader().configuration());
    next.put(peer, addresses.get(peer));
    await()
        .atMost(Duration.ofMillis(TIMEOUT_MILLIS))
        .until(() -> leader().configuration().equals(next) || added(next));
    eventually(() -> assertThat(joiner.configuration()).isEqualTo(next));
    return joiner;
  }

  /**
   * Whether the change was made; an election may come between, after which it is asked for again.
   */
  private boolean added(Map<String, String> next) {
    MetadataVoter leader = leader();
    try {
      leader.changeConfiguration(leader.configuration(), next, TIMEOUT_MILLIS).join();
      return true;
    } catch (CompletionException e) {
      if (e.getCause() instanceof FeatureKvException known
          && (known.code() == ErrorCode.TRY_AGAIN || known.code() == ErrorCode.UNKNOWN_OUTCOME)) {
        return false;
      }
      throw e;
    }
  }

  MetadataVoter leader() {
    // Taken as it was seen: a moment later it may lead no more.
    return await()
        .atMost(Duration.ofMillis(TIMEOUT_MILLIS))
        .until(
            () -> running.values().stream().filter(MetadataVoter::isLeader).toList(),
            leaders -> leaders.size() == 1)
        .get(0);
  }

  String leaderPeer() {
    MetadataVoter leader = leader();
    return running.entrySet().stream()
        .filter(e -> e.getValue() == leader)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  String followerPeer() {
    String leader = leaderPeer();
    return running.keySet().stream().filter(p -> !p.equals(leader)).findFirst().orElseThrow();
  }

  static CommandEnvelope envelope(Command command) {
    long now = System.currentTimeMillis();
    return new CommandEnvelope(OperationIds.next(now), now, command);
  }

  static CommandResult propose(MetadataVoter voter, Command command) {
    return voter.propose(envelope(command), TIMEOUT_MILLIS).join();
  }

  static CommandResult done(MetadataVoter voter, Command command) {
    return propose(voter, command).orThrow();
  }

  static ErrorCode failureOf(Runnable call) {
    try {
      call.run();
    } catch (CompletionException e) {
      if (e.getCause() instanceof FeatureKvException known) {
        return known.code();
      }
      throw e;
    }
    throw new AssertionError("it did not fail");
  }

  /** Waits until every running voter has what the leader has now. */
  void converge() {
    ClusterMetadata state = leader().readLinearizable(TIMEOUT_MILLIS).join();
    eventually(
        () ->
            assertThat(running.values())
                .allSatisfy(
                    voter ->
                        assertThat(voter.current().index()).isGreaterThanOrEqualTo(state.index())));
    for (MetadataVoter voter : running.values()) {
      assertThat(voter.current().stateHash()).isEqualTo(leader().current().stateHash());
    }
    synchronized (disagreements) {
      assertThat(disagreements).isEmpty();
    }
  }

  static void eventually(org.awaitility.core.ThrowingRunnable assertion) {
    await().atMost(Duration.ofMillis(TIMEOUT_MILLIS)).untilAsserted(assertion);
  }

  @Override
  public void close() {
    running.values().forEach(MetadataVoter::close);
    running.clear();
  }
}
