package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.wire.FeatureKvWire;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One FeatureKV node, run by the executable, with one table. */
public final class FeatureKvServer implements Server {
  static final int RESP_DATABASE = 1;

  private final ServerProcess process;
  private final ExecutableCommands commands;
  private final String kind;
  private final @Nullable Endpoint resp;

  private FeatureKvServer(
      ServerProcess process, Path executable, String kind, @Nullable Endpoint resp) {
    this.process = process;
    this.commands = new ExecutableCommands(executable);
    this.kind = kind;
    this.resp = resp;
  }

  /** A node whose table is of a kind, {@code mem} for one. */
  public static FeatureKvServer start(Path directory, Path executable, String kind)
      throws IOException {
    List<Integer> ports = ServerProcess.freePorts(4);
    Endpoint resp =
        knows(executable, "--resp-listen") ? new Endpoint("127.0.0.1", ports.get(3)) : null;
    Endpoint listen = new Endpoint("127.0.0.1", ports.get(0));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "server",
                "--stop-at-end-of-input",
                "--data-dir",
                directory.resolve("featurekv-" + kind).toString(),
                "--listen",
                listen.toString(),
                "--raft-listen",
                "127.0.0.1:" + ports.get(1),
                "--http-listen",
                "127.0.0.1:" + ports.get(2)));
    if (resp != null) {
      arguments.addAll(
          List.of(
              "--resp-listen", resp.toString(), "--resp-databases", RESP_DATABASE + "=" + kind));
    }
    ServerProcess process =
        ServerProcess.start(arguments, listen, directory.resolve("featurekv-" + kind + ".log"));
    FeatureKvServer server = new FeatureKvServer(process, executable, kind, resp);
    try {
      server.command("wait", "healthy");
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
    return server;
  }

  /** Whether the server command has an option: it may be of an older release. */
  private static boolean knows(Path executable, String option) throws IOException {
    Process help =
        new ProcessBuilder(executable.toString(), "server", "--help")
            .redirectErrorStream(true)
            .start();
    return new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .contains(option);
  }

  /** The port for clients of Redis, where the node has one. */
  public Optional<Server> respFace() {
    return resp == null ? Optional.empty() : Optional.of(new RespFace(this, resp));
  }

  /** The table that is read. */
  public String table() {
    return kind;
  }

  @Override
  public String name() {
    return "featurekv-" + kind;
  }

  @Override
  public String description() {
    return "featurekv server, a table of kind " + kind;
  }

  @Override
  public Endpoint endpoint() {
    return process.endpoint();
  }

  @Override
  public void load(EntrySet entries) throws IOException {
    loadVersion(entries, 1);
  }

  /** Loads another version of the table, which becomes the active one unless told otherwise. */
  public void loadVersion(EntrySet entries, int version, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "load",
                table(),
                "generate:" + entries.count() + "?valueBytes=100&version=" + version,
                "--create",
                kind));
    arguments.addAll(List.of(more));
    command(arguments.toArray(String[]::new));
  }

  /** Runs one command of the executable against this node, and returns what it printed. */
  public String command(String... arguments) throws IOException {
    return commands.run(endpoint(), arguments);
  }

  @Override
  public List<Dialect> dialects(int batch) {
    return List.of(new Dialect("", () -> new FeatureKvWire(table())));
  }

  @Override
  public double cpuSeconds() throws IOException {
    return process.cpuSeconds();
  }

  @Override
  public long residentBytes() throws IOException {
    return process.residentBytes();
  }

  @Override
  public void close() {
    commands.close();
    process.close();
  }
}
