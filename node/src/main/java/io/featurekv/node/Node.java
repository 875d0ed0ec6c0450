package io.featurekv.node;

import io.featurekv.node.build.BuildStages;
import io.featurekv.node.merging.ChainMerge;
import io.featurekv.node.merging.MergeSettings;
import io.featurekv.storage.ShardFiles;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running node: the data plane (files, chains, the port) and the control plane (metadata,
 * decisions), each with threads of its own.
 */
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final NodeIdentity identity;
  private final String listen;
  private final Deque<AutoCloseable> parts;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicBoolean closing = new AtomicBoolean();

  Node(NodeIdentity identity, String listen, Deque<AutoCloseable> parts) {
    this.identity = identity;
    this.listen = listen;
    this.parts = new ArrayDeque<>(parts);
  }

  /**
   * Starts a node: locks the data directory, opens what it has, listens, joins or forms the
   * cluster.
   *
   * @throws io.featurekv.model.FeatureKvException with WRONG_CLUSTER, CONFLICT (directory in use,
   *     node.json disagrees), INVALID_ARGUMENT
   */
  public static Node start(NodeConfig config) {
    return start(config, ShardFiles::merge, MergeSettings.ofProperties());
  }

  /** {@link #start(NodeConfig)} with another way to merge. */
  static Node start(NodeConfig config, ChainMerge merge, MergeSettings mergeSettings) {
    return start(config, merge, mergeSettings, BuildStages.REAL);
  }

  /** The same, with something else in between when the cluster builds. */
  static Node start(
      NodeConfig config, ChainMerge merge, MergeSettings mergeSettings, BuildStages stages) {
    return new NodeAssembly(config, merge, mergeSettings, stages).start();
  }

  /** Its id in the cluster. */
  public String nodeId() {
    return identity.nodeId();
  }

  /** The cluster's id, UUID text. */
  public String clusterId() {
    return identity.clusterId();
  }

  /** host:port that clients use. */
  public String listen() {
    return listen;
  }

  /** Released when the node has closed. */
  public CountDownLatch closed() {
    return closed;
  }

  /** Stops in reverse order of starting. Idempotent. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    closeAll(parts);
    closed.countDown();
  }

  static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.removeLast().close();
      } catch (Exception e) {
        LOG.warn("a part did not close cleanly", e);
      }
    }
  }
}
