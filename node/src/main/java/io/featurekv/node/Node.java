package io.featurekv.node;

import java.util.concurrent.CountDownLatch;

/** One running node. */
public final class Node implements AutoCloseable {
  private Node() {}

  /**
   * Starts a node: locks the data directory, opens what it has, listens, joins or forms the cluster.
   *
   * @throws io.featurekv.model.FeatureKvException with WRONG_CLUSTER, CONFLICT (directory in use, node.json disagrees), INVALID_ARGUMENT
   */
  public static Node start(NodeConfig config) {
    throw new AssertionError("stub");
  }

  public String nodeId() {
    throw new AssertionError("stub");
  }

  public String clusterId() {
    throw new AssertionError("stub");
  }

  /** host:port that clients use. */
  public String listen() {
    throw new AssertionError("stub");
  }

  /** Released when the node has closed, by {@link #close()} or by a failure it cannot live with. */
  public CountDownLatch closed() {
    throw new AssertionError("stub");
  }

  @Override
  public void close() {}
}
