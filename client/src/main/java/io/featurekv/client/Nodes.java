package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The ways to all known addresses: the configured ones and those in the routing. Thread-safe. */
final class Nodes {
  /** A node is an outlier that takes so many times as long as its peers, */
  private static final int OUTLIER_FACTOR = 5;

  /** and so much longer. */
  private static final long OUTLIER_NANOS = 5_000_000;

  private final List<Endpoint> seeds;
  private final Transport transport;
  private final ClusterIdentity cluster;
  private final NetworkThread thread;
  private final int connectionsPerNode;
  private final Counters counters;
  private final Map<Endpoint, NodeLink> links = new ConcurrentHashMap<>();
  private volatile @Nullable RoutingView newest;

  Nodes(
      ClientConfig config,
      Transport transport,
      ClusterIdentity cluster,
      NetworkThread thread,
      Counters counters) {
    this.seeds = config.endpoints();
    this.connectionsPerNode = config.connectionsPerNode();
    this.counters = counters;
    this.transport = transport;
    this.cluster = cluster;
    this.thread = thread;
  }

  List<Endpoint> seeds() {
    return seeds;
  }

  NodeLink link(Endpoint endpoint) {
    return links.computeIfAbsent(
        endpoint,
        address ->
            new NodeLink(address, transport, cluster, thread, this, connectionsPerNode, counters));
  }

  /** What one more request of so many keys costs at an address. */
  double cost(Endpoint endpoint, int keys) {
    NodeLink link = links.get(endpoint);
    return link == null ? 0 : link.cost(keys);
  }

  /** Whether one answers very much slower than the median of the others does. */
  boolean isOutlier(NodeLink one, int keys) {
    List<Double> others = new ArrayList<>();
    for (NodeLink link : links.values()) {
      if (!link.endpoint().equals(one.endpoint())
          && !link.isAvoided()
          && link.latency().isKnown(keys)) {
        others.add(link.latency().averageNanos(keys));
      }
    }
    if (others.isEmpty() || !one.latency().isKnown(keys)) {
      return false;
    }
    Collections.sort(others);
    double median = others.get((others.size() - 1) / 2);
    double average = one.latency().averageNanos(keys);
    return average > OUTLIER_FACTOR * median && average - median > OUTLIER_NANOS;
  }

  /**
   * Whether one may be left out for being slow: of no shard of an active version more than half of
   * the holders are left out then.
   */
  boolean maySpare(NodeLink one) {
    RoutingView view = newest;
    if (view == null) {
      return false;
    }
    for (RoutingView.Table table : view.tables().values()) {
      RoutingView.Version active = table.versions().get(table.activeVersion());
      for (int[] holders : active == null ? List.<int[]>of() : active.holders()) {
        boolean holds = false;
        int avoided = 1;
        for (int index : holders) {
          RoutingView.Node node = view.nodes().get(index);
          boolean same = one.endpoint().equals(node.endpoint());
          holds |= same;
          avoided += !same && !isUsable(node) ? 1 : 0;
        }
        if (holds && 2 * avoided > holders.length) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean isUsable(RoutingView.Node node) {
    return node.up() && node.endpoint() != null && !isAvoided(node.endpoint());
  }

  boolean isAvoided(Endpoint endpoint) {
    NodeLink link = links.get(endpoint);
    return link != null && link.isAvoided();
  }

  /** Lets go of addresses that are in no configuration and no routing any more. */
  void keepOnly(RoutingView view) {
    newest = view;
    Set<Endpoint> known = new HashSet<>(seeds);
    known.addAll(view.endpoints());
    for (Endpoint endpoint : List.copyOf(links.keySet())) {
      NodeLink link = known.contains(endpoint) ? null : links.remove(endpoint);
      if (link != null) {
        link.retire();
      }
    }
  }

  void close() {
    links.values().forEach(NodeLink::retire);
  }
}
