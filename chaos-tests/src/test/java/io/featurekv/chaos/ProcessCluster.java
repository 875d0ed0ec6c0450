package io.featurekv.chaos;

import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Server processes on loopback, each with a data directory below one directory. */
public final class ProcessCluster implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final List<ServerNode> nodes = new ArrayList<>();

  /** One server and how it is started next; what is changed counts from its next start on. */
  public static final class ServerNode {
    private static final String LOOPBACK = "127.0.0.1";

    private final String id;
    private final String sect;
    private final int port = ServerPorts.next();
    private final int raftPort = ServerPorts.next();
    private final int httpPort = ServerPorts.next();
    private final List<String> javaOptions = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private List<String> wrapper = List.of();
    private String host = LOOPBACK;
    private String advertised = LOOPBACK;
    private Path data;
    private @Nullable Path raft;
    private String minFreeDisk = "0%";
    private @Nullable Process process;

    ServerNode(String id, String sect, Path data) {
      this.id = id;
      this.sect = sect;
      this.data = data;
    }

    public String id() {
      return id;
    }

    public String sect() {
      return sect;
    }

    /** Options of its JVM, instead of those before. */
    public ServerNode javaOptions(String... options) {
      javaOptions.clear();
      javaOptions.addAll(List.of(options));
      return this;
    }

    /** One variable more in its environment; null takes it away. */
    public ServerNode environment(String name, @Nullable String value) {
      if (value == null) {
        environment.remove(name);
      } else {
        environment.put(name, value);
      }
      return this;
    }

    /** More arguments of {@code server}, instead of those before. */
    public ServerNode arguments(String... more) {
      arguments.clear();
      arguments.addAll(List.of(more));
      return this;
    }

    /**
     * What its command line begins with, as {@code ip netns exec NAME}; it must end in {@code
     * exec}, so that the process started is the server.
     */
    public ServerNode wrapper(String... words) {
      wrapper = List.of(words);
      return this;
    }

    /** The address that it listens on, and the one under which others reach it (same ports). */
    public ServerNode hosts(String listen, String advertise) {
      host = listen;
      advertised = advertise;
      return this;
    }

    /** Where its files are, instead of below the directory of the cluster. */
    public ServerNode data(Path directory) {
      data = directory;
      return this;
    }

    /** Where its metadata log is, instead of in its data directory. */
    public ServerNode raft(Path directory) {
      raft = directory;
      return this;
    }

    /** How much disk must stay free. */
    public ServerNode minFreeDisk(String share) {
      minFreeDisk = share;
      return this;
    }

    /** The address under which others reach it. */
    public String host() {
      return advertised;
    }

    /** The address that it listens on. */
    public String listenHost() {
      return host;
    }

    public int port() {
      return port;
    }

    public int raftPort() {
      return raftPort;
    }

    public int httpPort() {
      return httpPort;
    }

    public Path data() {
      return data;
    }

    public Path raft() {
      return raft == null ? data.resolve("raft") : raft;
    }

    /** The process of its last start; fails where it was never started. */
    public Process process() {
      if (process == null) {
        throw new IllegalStateException(id + " was never started");
      }
      return process;
    }

    private boolean isAlive() {
      return process != null && process.isAlive();
    }

    private List<String> command(@Nullable String join, String... more) {
      List<String> all =
          new ArrayList<>(
              List.of(
                  "server",
                  "--data-dir",
                  data.toString(),
                  "--raft-dir",
                  raft().toString(),
                  "--node-id",
                  id,
                  "--sect",
                  sect,
                  "--listen",
                  host + ":" + port,
                  "--raft-listen",
                  host + ":" + raftPort,
                  "--http-listen",
                  host + ":" + httpPort,
                  "--advertise",
                  advertised,
                  "--min-free-disk",
                  minFreeDisk,
                  // Both ways of handing files over are harmed.
                  "--link-files",
                  port % 2 == 0 ? "on" : "off"));
      if (join != null) {
        all.addAll(List.of("--join", join));
      }
      all.addAll(arguments);
      all.addAll(List.of(more));
      return all;
    }

    private void start(Path log, @Nullable String join, String... more) {
      ProcessBuilder builder = FeatureKvProcess.command(command(join, more));
      List<String> words = new ArrayList<>(wrapper);
      words.addAll(builder.command());
      builder.command(words);
      builder.environment().put("FEATUREKV_JAVA_OPTS", "-Xmx512m " + String.join(" ", javaOptions));
      builder.environment().putAll(environment);
      try {
        process =
            builder
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  public ProcessCluster(Path directory) {
    this.directory = directory;
  }

  /** Starts one server per sect named and waits until all are there and up to three vote. */
  public static ProcessCluster start(Path directory, String... sects) {
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

  public void add(String sect) {
    int index = nodes.size();
    nodes.add(new ServerNode("n" + index, sect, directory.resolve("n" + index)));
  }

  /** JVM options for a node's next start. */
  public void javaOptions(int index, String... options) {
    nodes.get(index).javaOptions(options);
  }

  /** How much disk must stay free from a node's next start on. */
  void minFreeDisk(int index, String share) {
    nodes.get(index).minFreeDisk(share);
  }

  /** Starts a server, with more arguments for this start only; does not wait. */
  public void spawn(int index, String... more) {
    ServerNode node = nodes.get(index);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    node.start(log(index), index > 0 ? endpoint(0) : null, more);
  }

  public Path log(int index) {
    return directory.resolve(nodes.get(index).id + ".log");
  }

  public Path data(int index) {
    return nodes.get(index).data;
  }

  public String endpoint(int index) {
    return nodes.get(index).host() + ":" + nodes.get(index).port();
  }

  public int httpPort(int index) {
    return nodes.get(index).httpPort;
  }

  public List<String> endpoints() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      all.add(endpoint(i));
    }
    return all;
  }

  /** A server, to set how it is started next. */
  public ServerNode node(int index) {
    return nodes.get(index);
  }

  public int size() {
    return nodes.size();
  }

  public String id(int index) {
    return nodes.get(index).id;
  }

  public Path directory() {
    return directory;
  }

  /** SIGKILL. */
  public void kill(int index) {
    Process process = nodes.get(index).process();
    process.destroyForcibly();
    awaitEnd(process);
  }

  /** SIGTERM. */
  public int stop(int index) {
    Process process = nodes.get(index).process();
    process.destroy();
    awaitEnd(process);
    return process.exitValue();
  }

  /** Waits for a server to end by itself; returns its exit code. */
  public int awaitExit(int index) {
    Process process = nodes.get(index).process();
    awaitEnd(process);
    return process.exitValue();
  }

  public boolean isAlive(int index) {
    return nodes.get(index).isAlive();
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

  public void awaitAnswer(int index) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (var socket =
                  new java.net.Socket(nodes.get(index).listenHost(), nodes.get(index).port())) {
                return socket.isConnected();
              } catch (IOException e) {
                if (!nodes.get(index).isAlive()) {
                  throw new AssertionError(
                      "server " + index + " ended: " + Files.readString(log(index)));
                }
                return false;
              }
            });
  }

  /** Runs a command against all nodes. */
  public Outcome cli(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--endpoint", String.join(",", endpoints())));
    return FeatureKvProcess.run(directory, all);
  }

  /** Runs a command against one node. */
  public Outcome cliAt(int index, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--endpoint", endpoint(index)));
    return FeatureKvProcess.run(directory, all);
  }

  /** Index of the node that leads the metadata group. */
  public int leader() {
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
      if (node.isAlive()) {
        node.process().destroyForcibly();
      }
    }
    for (ServerNode node : nodes) {
      if (node.process != null) {
        awaitEnd(node.process());
      }
    }
  }
}
