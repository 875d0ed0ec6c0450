package io.featurekv.cli.demo;

import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Three nodes in two sects on loopback, in a temporary directory; all of it goes when this is
 * closed or the process ends.
 */
final class DemoCluster implements AutoCloseable {
  private static final List<String> SECTS = List.of("a", "a", "b");
  private static final int PORTS_PER_NODE = 3;

  private final Path directory;
  private final List<ChildNode> nodes = new CopyOnWriteArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread hook = Thread.ofPlatform().name("demo-cleanup").unstarted(this::cleanUp);

  private DemoCluster(Path directory) {
    this.directory = directory;
  }

  /** Starts the nodes; they may not answer yet. */
  static DemoCluster start() throws IOException {
    DemoCluster cluster = new DemoCluster(Files.createTempDirectory("featurekv-demo-"));
    Runtime.getRuntime().addShutdownHook(cluster.hook);
    try {
      cluster.ports.addAll(freePorts(SECTS.size() * PORTS_PER_NODE));
      for (int i = 0; i < SECTS.size(); i++) {
        cluster.nodes.add(cluster.startNode(i));
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private ChildNode startNode(int number) throws IOException {
    List<Integer> own = ports.subList(number * PORTS_PER_NODE, (number + 1) * PORTS_PER_NODE);
    String join = number == 0 ? "" : nodes.getFirst().listen().toString();
    return ChildNode.start(directory, "n" + (number + 1), SECTS.get(number), own, join);
  }

  /** Starts those nodes again that no longer run. */
  void restartKilled() throws IOException {
    for (int i = 0; i < nodes.size(); i++) {
      if (!nodes.get(i).isAlive()) {
        nodes.set(i, startNode(i));
      }
    }
  }

  /** Ports that were free a moment ago, all different. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  List<ChildNode> nodes() {
    return List.copyOf(nodes);
  }

  Path directory() {
    return directory;
  }

  List<Endpoint> endpoints() {
    return nodes.stream().map(ChildNode::listen).toList();
  }

  @Override
  public void close() {
    cleanUp();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending; what the hook does was done above.
    }
  }

  private void cleanUp() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    nodes.forEach(ChildNode::beginStop);
    nodes.forEach(ChildNode::awaitStopped);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("featurekv: " + directory + " could not be removed: " + e.getMessage());
    }
  }
}
