package io.featurekv.metadata.raft;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.CommandResult;
import io.featurekv.metadata.MetadataChange;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** This node's part in the Raft group: server, state machine and a client to the leader. */
public final class MetadataVoter implements AutoCloseable {
  private MetadataVoter() {}

  /**
   * Starts the server (RECOVER) and returns once it takes part.
   *
   * @param onChange called in log order, on the applying thread, after each applied command; must
   *     be quick and never throw
   * @param onSnapshot called when the state jumps because a snapshot was installed
   */
  public static MetadataVoter start(
      VoterConfig config, Consumer<MetadataChange> onChange, Consumer<ClusterMetadata> onSnapshot) {
    throw new AssertionError("stub");
  }

  /** The state this node has applied. */
  public ClusterMetadata current() {
    throw new AssertionError("stub");
  }

  /** Whether this node leads and has applied everything up to its own term. */
  public boolean isLeader() {
    throw new AssertionError("stub");
  }

  /** Peer id of the leader, as far as known. */
  public Optional<String> leaderPeerId() {
    throw new AssertionError("stub");
  }

  /**
   * Peer id to advertised address of the present Raft configuration. Empty for a joiner that is in
   * no configuration yet.
   */
  public Map<String, String> configuration() {
    throw new AssertionError("stub");
  }

  /**
   * Sends a command to the leader, wherever it is, and completes with its result. Fails with
   * FeatureKvException: TRY_AGAIN when no leader took it (nothing happened), UNKNOWN_OUTCOME when
   * it may have been taken; within the deadline in any case.
   */
  public CompletableFuture<CommandResult> propose(CommandEnvelope envelope, long deadlineMillis) {
    throw new AssertionError("stub");
  }

  /**
   * The state as of a moment after the call began (a linearizable read). Fails with TRY_AGAIN
   * without a leader.
   */
  public CompletableFuture<ClusterMetadata> readLinearizable(long deadlineMillis) {
    throw new AssertionError("stub");
  }

  /**
   * Adds or removes one voter with compare-and-set on the present configuration: full next
   * configuration, peer id to address.
   */
  public CompletableFuture<Void> changeConfiguration(
      Map<String, String> current, Map<String, String> next, long deadlineMillis) {
    throw new AssertionError("stub");
  }

  /** Why the Raft server was shut down (a failed log write), or empty while it is well. */
  public Optional<String> failure() {
    throw new AssertionError("stub");
  }

  @Override
  public void close() {}
}
