package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.NetworkNamespaces;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Every server in a network namespace of its own, all on one bridge. */
record NamespacedLayout() implements Layout {
  @Override
  public String name() {
    return "namespaces";
  }

  @Override
  public Optional<String> missing() {
    return NetworkNamespaces.missing();
  }

  @Override
  public Ground arrange(ProcessCluster cluster) {
    List<String> ids = IntStream.range(0, cluster.size()).mapToObj(cluster::id).toList();
    NetworkNamespaces networks = NetworkNamespaces.create(ids);
    for (int i = 0; i < cluster.size(); i++) {
      ServerNode node = cluster.node(i);
      String address = networks.address(node.id());
      node.hosts(address, address)
          .wrapper(networks.commandPrefix(node.id()).toArray(String[]::new));
    }
    return new Bridged(networks, ids);
  }

  /** Wires that drop packets. */
  record Bridged(NetworkNamespaces networks, List<String> ids) implements Wires {
    private String name(int server) {
      return server == OUTSIDE ? NetworkNamespaces.OUTSIDE : ids.get(server);
    }

    @Override
    public void drop(int from, int to) {
      networks.drop(name(from), name(to));
    }

    @Override
    public void pass(int from, int to) {
      networks.pass(name(from), name(to));
    }

    /** Ends the connections of one with another on its side; returns how many there were. */
    int forget(int server, int peer) {
      return networks.killConnections(name(server), name(peer));
    }

    @Override
    public void heal() {
      networks.heal();
    }

    @Override
    public void close() {
      networks.close();
    }
  }
}
