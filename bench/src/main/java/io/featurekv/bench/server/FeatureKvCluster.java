package io.featurekv.bench.server;

import io.featurekv.bench.profile.FlightRecordings;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * FeatureKV nodes, each the only one of its sect, run by the executable. Closed by any thread,
 * whatever is under way; nothing begins afterwards.
 */
public final class FeatureKvCluster implements AutoCloseable {
  private static final List<String> SECTS = List.of("a", "b", "c");
  private static final int PORTS = 3;

  /** Before a node is killed that writes its recording when it ends. */
  private static final Duration RECORDED_STOP = Duration.ofMinutes(2);

  private final Path executable;
  private final ExecutableCommands commands;
  private final FlightRecordings recordings;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private final List<CpuShare> shares = new ArrayList<>();
  private boolean isClosed;

  /**
   * No node runs yet.
   *
   * @param recordings of the nodes
   */
  public FeatureKvCluster(Path executable, FlightRecordings recordings) {
    this.executable = executable;
    this.commands = new ExecutableCommands(executable);
    this.recordings = recordings;
  }

  /**
   * Starts as many nodes as sects, 1 to 3, of which the first one builds, so that the others show
   * what a further replica costs; data and logs go to a directory, which is there.
   *
   * @param buildMemory of the first node's builds, as the command takes it; empty for its own
   *     choice
   */
  public void start(Path directory, int sects, String buildMemory) throws IOException {
    for (String sect : SECTS.subList(0, sects)) {
      List<String> options = new ArrayList<>();
      if (!nodes.isEmpty()) {
        options.addAll(List.of("--duties", "meta,serve"));
      } else if (!buildMemory.isEmpty()) {
        options.addAll(List.of("--build-memory", buildMemory));
      }
      startNode(directory, sect, options);
      var _ = command("wait", "nodes=" + nodes.size(), "--timeout", "90s");
    }
    var _ = command("wait", "healthy", "--timeout", "90s");
  }

  /** Starts one node that serves, and others that only build, with one thread each. */
  public void startBuilders(Path directory, int builders) throws IOException {
    startNode(directory, SECTS.getFirst(), List.of("--duties", "meta,serve"));
    var _ = command("wait", "healthy", "--timeout", "90s");
    for (int i = 0; i < builders; i++) {
      startNode(directory, "builder" + i, List.of("--duties", "build", "--build-threads", "1"));
    }
    var _ = command("wait", "nodes=" + nodes.size(), "--timeout", "90s");
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

  private void startNode(Path directory, String sect, List<String> options) throws IOException {
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
    launch(arguments, listen, directory, "node-" + sect).awaitListening();
  }

  /** It is closed with the others from its first moment. */
  private synchronized ServerProcess launch(
      List<String> command, Endpoint listen, Path directory, String name) throws IOException {
    if (isClosed) {
      throw new IOException("interrupted");
    }
    ServerProcess node =
        ServerProcess.launch(
            command,
            listen,
            directory.resolve(name + ".log"),
            recordings.javaOptions(name),
            recordings.isOn() ? RECORDED_STOP : ServerProcess.STOP);
    nodes.add(node);
    return node;
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
    shares.forEach(CpuShare::close);
    shares.clear();
  }
}
