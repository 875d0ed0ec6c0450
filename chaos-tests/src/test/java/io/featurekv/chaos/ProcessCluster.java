package io.featurekv.chaos;

import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Server processes on loopback, each with a data directory below one directory. */
final class ProcessCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final List<ServerNode> nodes = new ArrayList<>();

  private static final class ServerNode {
    final String id;
    final String sect;
    final int port;
    final int raftPort;
    final int httpPort;
    final Path data;
    final List<String> javaOptions = new ArrayList<>();
    String minFreeDisk = "0%";
    Process process;

    ServerNode(String id, String sect, Path data) {
      this.id = id;
      this.sect = sect;
      this.data = data;
      this.port = freePort();
      this.raftPort = freePort();
      this.httpPort = freePort();
    }
  }

  ProcessCluster(Path directory) {
    this.directory = directory;
  }

  /** Starts one server per sect named and waits until all are there and up to three vote. */
  static ProcessCluster start(Path directory, String... sects) {
    ProcessCluster cluster = new ProcessCluster(directory);
    for (String sect : sects) {
      cluster.add(sect);
    }
    for (int i = 0; i < sects.length; i++) {
      cluster.spawn(i);
      if (i == 0) {
        cluster.awaitAnswer(0);
      }
    }
    cluster.cli("wait", "nodes=" + sects.length, "--timeout", "90s").succeeds();
    cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
    return cluster;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  void add(String sect) {
    int index = nodes.size();
    nodes.add(new ServerNode("n" + index, sect, directory.resolve("n" + index)));
  }

  /** JVM options for a node's next start. */
  void javaOptions(int index, String... options) {
    nodes.get(index).javaOptions.clear();
    nodes.get(index).javaOptions.addAll(List.of(options));
  }

  /** How much disk must stay free from a node's next start on. */
  void minFreeDisk(int index, String share) {
    nodes.get(index).minFreeDisk = share;
  }

  void spawn(int index, String... more) {
    ServerNode node = nodes.get(index);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--data-dir",
                node.data.toString(),
                "--node-id",
                node.id,
                "--sect",
                node.sect,
                "--listen",
                "127.0.0.1:" + node.port,
                "--raft-listen",
                "127.0.0.1:" + node.raftPort,
                "--http-listen",
                "127.0.0.1:" + node.httpPort,
                "--min-free-disk",
                node.minFreeDisk));
    if (index > 0) {
      arguments.addAll(List.of("--join", endpoint(0)));
    }
    arguments.addAll(List.of(more));
    try {
      Files.createDirectories(directory);
      ProcessBuilder builder = FeatureKvProcess.command(arguments);
      builder
          .environment()
          .put("FEATUREKV_JAVA_OPTS", "-Xmx512m " + String.join(" ", node.javaOptions));
      node.process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log(index).toFile()))
              .start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Path log(int index) {
    return directory.resolve(nodes.get(index).id + ".log");
  }

  Path data(int index) {
    return nodes.get(index).data;
  }

  String endpoint(int index) {
    return "127.0.0.1:" + nodes.get(index).port;
  }

  int httpPort(int index) {
    return nodes.get(index).httpPort;
  }

  List<String> endpoints() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      all.add(endpoint(i));
    }
    return all;
  }

  int size() {
    return nodes.size();
  }

  String id(int index) {
    return nodes.get(index).id;
  }

  Path directory() {
    return directory;
  }

  /** SIGKILL. */
  void kill(int index) {
    Process process = nodes.get(index).process;
    process.destroyForcibly();
    awaitEnd(process);
  }

  /** SIGTERM. */
  int stop(int index) {
    Process process = nodes.get(index).process;
    process.destroy();
    awaitEnd(process);
    return process.exitValue();
  }

  /** Waits for a server to end by itself; returns its exit code. */
  int awaitExit(int index) {
    Process process = nodes.get(index).process;
    awaitEnd(process);
    return process.exitValue();
  }

  boolean isAlive(int index) {
    return nodes.get(index).process.isAlive();
  }

  private static void awaitEnd(Process process) {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("a server did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  void awaitAnswer(int index) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (var socket =
                  new java.net.Socket(InetAddress.getLoopbackAddress(), nodes.get(index).port)) {
                return socket.isConnected();
              } catch (IOException e) {
                if (!nodes.get(index).process.isAlive()) {
                  throw new AssertionError(
                      "server " + index + " ended: " + Files.readString(log(index)));
                }
                return false;
              }
            });
  }

  /** Runs a command against all nodes. */
  Outcome cli(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--endpoint", String.join(",", endpoints())));
    return FeatureKvProcess.run(directory, all);
  }

  /** Runs a command against one node. */
  Outcome cliAt(int index, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--endpoint", endpoint(index)));
    return FeatureKvProcess.run(directory, all);
  }

  /** Index of the node that leads the metadata group. */
  int leader() {
    int[] found = {-1};
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              String leader = cli("status", "-o", "json").succeeds().json().at("leader").text();
              for (int i = 0; i < nodes.size(); i++) {
                if (nodes.get(i).id.equals(leader)) {
                  found[0] = i;
                }
              }
              return found[0] >= 0;
            });
    return found[0];
  }

  @Override
  public void close() {
    for (ServerNode node : nodes) {
      if (node.process != null && node.process.isAlive()) {
        node.process.destroyForcibly();
      }
    }
    for (ServerNode node : nodes) {
      if (node.process != null) {
        awaitEnd(node.process);
      }
    }
  }
}
