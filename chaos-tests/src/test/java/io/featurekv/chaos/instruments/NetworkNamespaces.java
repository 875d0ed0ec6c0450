package io.featurekv.chaos.instruments;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A network of its own for each node, all on one bridge of this machine, whose packets can be
 * dropped by sender and receiver.
 *
 * <p>A dropped direction is a routing rule in the receiver's namespace, so that the sender notices
 * nothing, as with a broken cable; towards this process, which is outside of all namespaces, the
 * rule is in the sender's. Thread-safe.
 */
public final class NetworkNamespaces implements AutoCloseable {
  /** The name of this process, which reaches every node and stands for the clients. */
  public static final String OUTSIDE = "outside";

  private static final int MAX_NODES = 100;
  private static final int OUTSIDE_HOST = 254;
  private static final int FIRST_NETWORK = 64;
  private static final int NETWORKS = 128;
  private static final String DROP_RULE = "10";

  private final String name = SystemTools.uniqueName();
  private final String network;
  private final Map<String, String> namespaces = new LinkedHashMap<>();
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private final Set<Direction> dropped = new LinkedHashSet<>();
  private final AtExit atExit = new AtExit();

  private record Direction(String from, String to) {}

  private NetworkNamespaces(String network) {
    this.network = network;
  }

  /** Why there can be none on this machine; empty where there can. */
  public static Optional<String> missing() {
    Optional<String> tools = SystemTools.missingForRoot("ip", "ss");
    if (tools.isPresent()) {
      return tools;
    }
    String probe = SystemTools.uniqueName();
    SystemTools.Ended made =
        SystemTools.attempt("ip", "link", "add", probe + "a", "type", "veth", "peer", probe + "b");
    SystemTools.attempt("ip", "link", "del", probe + "a");
    boolean hasNamespaces = Files.exists(Path.of("/proc/self/ns/net"));
    return made.exitCode() == 0 && hasNamespaces
        ? Optional.empty()
        : Optional.of("needs network namespaces and veth: " + made.output().trim());
  }

  /** Makes the networks of so many nodes, by name. */
  public static NetworkNamespaces create(List<String> nodes) {
    if (nodes.size() > MAX_NODES) {
      throw new IllegalArgumentException("at most " + MAX_NODES + " nodes, not " + nodes.size());
    }
    NetworkNamespaces made = new NetworkNamespaces(freeNetwork());
    try {
      made.addBridge();
      nodes.forEach(made::add);
      return made;
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private static String freeNetwork() {
    String inUse = SystemTools.run("ip", "-4", "addr", "show");
    int first = (int) (ProcessHandle.current().pid() % NETWORKS);
    for (int i = 0; i < NETWORKS; i++) {
      String candidate = "10.213." + (FIRST_NETWORK + (first + i) % NETWORKS) + ".";
      if (!inUse.contains(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException("all " + NETWORKS + " networks are in use");
  }

  private void addBridge() {
    SystemTools.run("ip", "link", "add", name, "type", "bridge");
    atExit.add(() -> SystemTools.run("ip", "link", "del", name));
    SystemTools.run("ip", "addr", "add", network + OUTSIDE_HOST + "/24", "dev", name);
    SystemTools.run("ip", "link", "set", name, "up");
    addresses.put(OUTSIDE, network + OUTSIDE_HOST);
  }

  private void add(String node) {
    int number = namespaces.size() + 1;
    String namespace = name + "n" + number;
    String port = name + "p" + number;
    String address = network + number;
    SystemTools.run("ip", "netns", "add", namespace);
    atExit.add(() -> SystemTools.run("ip", "netns", "del", namespace));
    SystemTools.run(
        "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    SystemTools.run("ip", "link", "set", port, "master", name, "up");
    SystemTools.run("ip", "-n", namespace, "addr", "add", address + "/24", "dev", "eth0");
    SystemTools.run("ip", "-n", namespace, "link", "set", "eth0", "up");
    SystemTools.run("ip", "-n", namespace, "link", "set", "lo", "up");
    // What is for this host must pass the dropping rules first; by default nothing comes before.
    SystemTools.run(
        "ip", "-n", namespace, "rule", "add", "from", "all", "lookup", "local", "pref", "100");
    SystemTools.run("ip", "-n", namespace, "rule", "del", "pref", "0");
    namespaces.put(node, namespace);
    addresses.put(node, address);
  }

  /** What the names of all its devices and namespaces begin with. */
  String name() {
    return name;
  }

  /** The only address of a node, or of this process, in the network. */
  public synchronized String address(String node) {
    return known(addresses, node);
  }

  /** What comes before a command line so that it runs in a node's network. */
  public synchronized List<String> commandPrefix(String node) {
    return List.of("ip", "netns", "exec", known(namespaces, node));
  }

  /** Drops what one sends to the other from now on; the other way stays open. */
  public synchronized void drop(String from, String to) {
    if (dropped.add(new Direction(from, to))) {
      rule("add", from, to);
    }
  }

  /** Drops both ways. */
  public synchronized void separate(String one, String other) {
    drop(one, other);
    drop(other, one);
  }

  /** Separates each of the one side from each of the other. */
  public synchronized void partition(List<String> side, List<String> otherSide) {
    for (String one : side) {
      for (String other : otherSide) {
        separate(one, other);
      }
    }
  }

  /** Lets what one sends to the other pass again. */
  public synchronized void pass(String from, String to) {
    if (dropped.remove(new Direction(from, to))) {
      rule("del", from, to);
    }
  }

  /** Lets everything pass again. */
  public synchronized void heal() {
    for (Direction direction : new ArrayList<>(dropped)) {
      pass(direction.from(), direction.to());
    }
  }

  private void rule(String action, String from, String to) {
    boolean isInside = !to.equals(OUTSIDE);
    List<String> command = new ArrayList<>(List.of("ip", "-n"));
    command.add(known(namespaces, isInside ? to : from));
    command.addAll(List.of("rule", action));
    command.addAll(
        isInside
            ? List.of("from", address(from), "iif", "eth0")
            : List.of("from", "all", "to", address(to)));
    command.addAll(List.of("pref", DROP_RULE, "blackhole"));
    SystemTools.run(command.toArray(String[]::new));
  }

  /**
   * Ends all TCP connections of a node with another, as if both had been told; returns how many
   * there were.
   */
  public synchronized int killConnections(String node, String peer) {
    List<String> command = new ArrayList<>(commandPrefix(node));
    command.addAll(List.of("ss", "-H", "-t", "-n", "-K", "dst", address(peer)));
    return (int)
        SystemTools.run(command.toArray(String[]::new))
            .lines()
            .filter(line -> line.contains(address(peer)))
            .count();
  }

  private static String known(Map<String, String> names, String node) {
    String found = names.get(node);
    if (found == null) {
      throw new IllegalArgumentException("no node " + node + " among " + names.keySet());
    }
    return found;
  }

  /** Takes the networks away. Processes in them keep theirs, unconnected, until they end. */
  @Override
  public void close() {
    atExit.close();
  }
}
