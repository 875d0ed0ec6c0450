package io.featurekv.node.control;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import java.util.Optional;

/** How a node becomes known to the cluster: pure functions. */
public final class Introduction {
  private Introduction() {}

  /**
   * Whether a session counts no more: a registration of an earlier attempt was applied late, or
   * another process uses this node's id.
   *
   * @param session 0 for none
   */
  public static boolean isOver(ClusterMetadata metadata, String nodeId, long session) {
    NodeRecord record = metadata.nodes().get(nodeId);
    return session != 0 && record != null && record.session() > session;
  }

  /**
   * What a node without a session proposes: forms the cluster where it begins it, else registers;
   * nothing while it knows of no cluster.
   */
  public static Optional<Command> next(ClusterMetadata metadata, ControlPlane.Self self) {
    return metadata.isFormed()
        ? Optional.of(self.registration())
        : Optional.ofNullable(self.formCluster());
  }
}
