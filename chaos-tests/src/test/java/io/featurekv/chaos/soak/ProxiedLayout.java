package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.Link;
import io.featurekv.chaos.instruments.TcpProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Servers on loopback, each known to all others and to clients only under an address of its own,
 * where a proxy stands.
 */
record ProxiedLayout() implements Layout {
  private static final long SEED = 20_261;
  private static final String OTHERS = "outside";

  @Override
  public String name() {
    return "proxied";
  }

  @Override
  public Optional<String> missing() {
    return System.getProperty("os.name", "").equals("Linux")
        ? Optional.empty()
        : Optional.of("needs Linux: 127.0.0.0/8 and /proc");
  }

  @Override
  public Ground arrange(ProcessCluster cluster) {
    List<String> ids = IntStream.range(0, cluster.size()).mapToObj(cluster::id).toList();
    TcpProxy proxy =
        new TcpProxy(
            SEED, TcpProxy.byProcess(ids, id -> pid(cluster.node(ids.indexOf(id))), OTHERS));
    // Test runs beside this one have other addresses.
    long network = ProcessHandle.current().pid();
    for (int i = 0; i < cluster.size(); i++) {
      ServerNode node = cluster.node(i);
      String advertised = "127." + (1 + network / 250 % 250) + "." + network % 250 + "." + (i + 2);
      node.hosts("127.0.0.1", advertised);
      for (int port : List.of(node.port(), node.raftPort(), node.httpPort())) {
        proxy.open(
            node.id(),
            new InetSocketAddress(advertised, port),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
    }
    return new Proxied(proxy, ids);
  }

  private static long pid(ServerNode node) {
    try {
      return node.process().pid();
    } catch (IllegalStateException e) {
      // It was never started, so that no connection is from it.
      return -1;
    }
  }

  /** Wires that hold bytes back, and can do worse to them. */
  record Proxied(TcpProxy proxy, List<String> ids) implements Wires {
    private String name(int server) {
      return server == OUTSIDE ? OTHERS : ids.get(server);
    }

    /** One direction. */
    Link link(int from, int to) {
      return proxy.link(name(from), name(to));
    }

    /** Every direction towards a server, from the others and from outside. */
    List<Link> linksTo(int server) {
      List<Link> links = new ArrayList<>();
      for (int from = OUTSIDE; from < ids.size(); from++) {
        if (from != server) {
          links.add(link(from, server));
        }
      }
      return links;
    }

    /** Breaks all connections between two; returns how many there were. */
    int cut(int one, int other) {
      return proxy.cut(name(one), name(other));
    }

    @Override
    public void drop(int from, int to) {
      link(from, to).hold();
    }

    @Override
    public void pass(int from, int to) {
      link(from, to).heal();
    }

    @Override
    public void heal() {
      proxy.heal();
    }

    @Override
    public void close() {
      proxy.close();
    }
  }
}
