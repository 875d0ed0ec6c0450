package io.featurekv.node.admin;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandResult;
import io.featurekv.model.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads the metadata of a cluster and proposes commands, through whichever of the given nodes answers first. Blocking; thread-safe.
 */
public final class ClusterAdmin implements AutoCloseable {
  private ClusterAdmin() {}

  /**
   * What one node said of the metadata.
   *
   * @param leader node id of the leader, empty when none is known
   * @param nodeId the node that answered
   * @param fresh whether this is a linearizable read; false when no leader could be reached and the node told what it last knew
   */
  public record MetadataView(ClusterMetadata metadata, String leader, String nodeId, boolean fresh) {}

  /**
   * Connects to the first endpoint that answers.
   *
   * @param timeout bound on each call of this object
   * @throws io.featurekv.model.FeatureKvException UNAVAILABLE naming every endpoint and what was wrong with it
   */
  public static ClusterAdmin connect(List<Endpoint> endpoints, Duration timeout) {
    throw new AssertionError("stub");
  }

  /** The state of the cluster: linearizable where a leader can be reached, else what the node last knew. */
  public MetadataView read() {
    throw new AssertionError("stub");
  }

  /**
   * Waits until the node's state satisfies {@code condition}; follows changes, does not poll.
   *
   * @throws io.featurekv.model.FeatureKvException DEADLINE after {@code patience}
   */
  public ClusterMetadata await(Predicate<ClusterMetadata> condition, Duration patience) {
    throw new AssertionError("stub");
  }

  /**
   * Proposes a command under a fresh operation id, repeating it with the same id until its outcome is known or the timeout has passed.
   *
   * @return the result of a command that took effect
   * @throws io.featurekv.model.FeatureKvException the refusal's own code; TRY_AGAIN or UNKNOWN_OUTCOME without a leader
   */
  public CommandResult propose(Command command) {
    throw new AssertionError("stub");
  }

  /** {@link #propose(Command)} under the caller's operation id. */
  public CommandResult propose(String operationId, Command command) {
    throw new AssertionError("stub");
  }

  @Override
  public void close() {}
}
