package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The ways to all known addresses: the configured ones and those in the routing. Thread-safe. */
final class Nodes {
  private final List<Endpoint> seeds;
  private final Transport transport;
  private final ClusterIdentity cluster;
  private final NetworkThread thread;
  private final Map<Endpoint, NodeLink> links = new ConcurrentHashMap<>();

  Nodes(List<Endpoint> seeds, Transport transport, ClusterIdentity cluster, NetworkThread thread) {
    this.seeds = seeds;
    this.transport = transport;
    this.cluster = cluster;
    this.thread = thread;
  }

  List<Endpoint> seeds() {
    return seeds;
  }

  NodeLink link(Endpoint endpoint) {
    return links.computeIfAbsent(
        endpoint, address -> new NodeLink(address, transport, cluster, thread));
  }

  boolean isAvoided(Endpoint endpoint) {
    NodeLink link = links.get(endpoint);
    return link != null && link.isAvoided();
  }

  /** Lets go of addresses that are in no configuration and no routing any more. */
  void keepOnly(RoutingView view) {
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
