package io.featurekv.node.control;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * When each node was last heard of, by this node's monotonic clock. Every voter keeps one, so that
 * a new leader knows at once who is there. Thread-safe.
 */
public final class Liveness {
  private final Map<String, Long> lastHeardNanos = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;
  private volatile long leadingSinceNanos;

  /** {@code nanoTime} is a monotonic clock. */
  public Liveness(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A sign of life. */
  public void heard(String nodeId) {
    lastHeardNanos.put(nodeId, nanoTime.getAsLong());
  }

  /** This node has become the leader: silence counts from now on at the earliest. */
  void leadershipBegan() {
    leadingSinceNanos = nanoTime.getAsLong();
  }

  /** How long a node has been silent, as far as this leader can say. */
  long silentMillis(String nodeId) {
    long since = leadingSinceNanos;
    Long heard = lastHeardNanos.get(nodeId);
    if (heard != null && heard - since > 0) {
      since = heard;
    }
    return (nanoTime.getAsLong() - since) / 1_000_000;
  }

  /** Whether a node was heard of within the last {@code millis}, whoever led then. */
  boolean heardWithin(String nodeId, long millis) {
    Long heard = lastHeardNanos.get(nodeId);
    return heard != null && nanoTime.getAsLong() - heard < millis * 1_000_000;
  }
}
