package io.featurekv.node.control;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When each node was last heard of, by this node's monotonic clock. Every voter keeps one, so that
 * a new leader knows at once who is there. Thread-safe.
 */
public final class Liveness {
  private final Map<String, Long> lastHeardNanos = new ConcurrentHashMap<>();
  private volatile long leadingSinceNanos;

  /** A sign of life. */
  public void heard(String nodeId) {
    lastHeardNanos.put(nodeId, System.nanoTime());
  }

  /** This node has become the leader: silence counts from now on at the earliest. */
  void leadershipBegan() {
    leadingSinceNanos = System.nanoTime();
  }

  /** How long a node has been silent, as far as this leader can say. */
  long silentMillis(String nodeId) {
    long since = leadingSinceNanos;
    Long heard = lastHeardNanos.get(nodeId);
    if (heard != null && heard - since > 0) {
      since = heard;
    }
    return (System.nanoTime() - since) / 1_000_000;
  }

  /** Whether a node was heard of within the last {@code millis}, whoever led then. */
  boolean heardWithin(String nodeId, long millis) {
    Long heard = lastHeardNanos.get(nodeId);
    return heard != null && System.nanoTime() - heard < millis * 1_000_000;
  }
}
