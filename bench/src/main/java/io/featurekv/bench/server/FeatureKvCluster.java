package io.featurekv.bench.server;

import io.featurekv.bench.profile.FlightRecordings;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** FeatureKV nodes, each the only one of its sect, run by the executable. Closed by any thread. */
public final class FeatureKvCluster implements AutoCloseable {
  private static final List<String> SECTS = List.of("a", "b", "c");
  private static final int PORTS = 3;

  private final ExecutableCommands commands;
  private final FlightRecordings recordings;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private final List<CpuShare> shares = new ArrayList<>();
  private boolean isClosed;

  private FeatureKvCluster(Path executable, FlightRecordings recordings) {
    this.commands = new ExecutableCommands(executable);
    this.recordings = recordings;
  }

  /**
   * As many nodes as sects, 1 to 3, of which the first one builds, so that the others show what a
   * further replica costs; data and logs go to a directory, which is there.
   *
   * @param buildMemory of the first node's builds, as the command takes it; empty for its own
   *     choice
   * @param recordings of the nodes
   */
  public static FeatureKvCluster start(
      Path directory, Path executable, int sects, String buildMemory, FlightRecordings recordings)
      throws IOException {
    FeatureKvCluster cluster = new FeatureKvCluster(executable, recordings);
    try {
      for (String sect : SECTS.subList(0, sects)) {
        List<String> options = new ArrayList<>();
        if (!cluster.nodes.isEmpty()) {
          options.addAll(List.of("--duties", "meta,serve"));
        } else if (!buildMemory.isEmpty()) {
          options.addAll(List.of("--build-memory", buildMemory));
        }
        cluster.startNode(directory, executable, sect, options);
        cluster.command("wait", "nodes=" + cluster.nodes.size(), "--timeout", "90s");
      }
      cluster.command("wait", "healthy", "--timeout", "90s");
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** One node that serves, and others that only build, with one thread each. */
  public static FeatureKvCluster startBuilders(
      Path directory, Path executable, int builders, FlightRecordings recordings)
      throws IOException {
    FeatureKvCluster cluster = new FeatureKvCluster(executable, recordings);
    try {
      cluster.startNode(directory, executable, SECTS.getFirst(), List.of("--duties", "meta,serve"));
      cluster.command("wait", "healthy", "--timeout", "90s");
      for (int i = 0; i < builders; i++) {
        cluster.startNode(
            directory,
            executable,
            "builder" + i,
            List.of("--duties", "build", "--build-threads", "1"));
      }
      cluster.command("wait", "nodes=" + cluster.nodes.size(), "--timeout", "90s");
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Holds each node but the first one to a share of a core from now on. */
  public synchronized void holdBuilders(double share) throws IOException {
    for (int node = 1; node < nodes.size(); node++) {
      CpuShare held =
          CpuShare.of("featurekv-bench-" + ProcessHandle.current().pid() + "-" + node, share);
      shares.add(held);
      held.hold(nodes.get(node).pid());
    }
  }

  private void startNode(Path directory, Path executable, String sect, List<String> options)
      throws IOException {
    List<Integer> ports = ServerProcess.freePorts(PORTS);
    Endpoint listen = new Endpoint("127.0.0.1", ports.get(0));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "server",
                "--stop-at-end-of-input",
                "--data-dir",
                directory.resolve("node-" + sect).toString(),
                "--node-id",
                "node-" + sect,
                "--sect",
                sect,
                "--listen",
                listen.toString(),
                "--raft-listen",
                "127.0.0.1:" + ports.get(1),
                "--http-listen",
                "127.0.0.1:" + ports.get(2),
                // Room was budgeted before.
                "--min-free-disk",
                "0%"));
    arguments.addAll(options);
    if (!nodes.isEmpty()) {
      arguments.addAll(List.of("--join", nodes.getFirst().endpoint().toString()));
    }
    own(
        ServerProcess.start(
            arguments,
            listen,
            directory.resolve("node-" + sect + ".log"),
            recordings.javaOptions("node-" + sect)));
  }

  private synchronized void own(ServerProcess node) throws IOException {
    if (isClosed) {
      node.close();
      throw new IOException("interrupted");
    }
    nodes.add(node);
  }

  /** Runs one command of the executable, and returns what it printed, messages included. */
  public String command(String... arguments) throws IOException {
    return commands.run(nodes.getFirst().endpoint(), arguments);
  }

  /** The same, with options for Java besides those that are set. */
  public String commandWith(String javaOptions, String... arguments) throws IOException {
    return commands.runWith(javaOptions, nodes.getFirst().endpoint(), arguments);
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    commands.close();
    nodes.reversed().forEach(ServerProcess::close);
    nodes.clear();
    shares.forEach(CpuShare::close);
    shares.clear();
  }
}
