package io.featurekv.bench.server;

import io.featurekv.bench.report.ProcessUse;
import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that listens on loopback. It is ours: it ends with {@link #close}. */
final class ServerProcess implements AutoCloseable {
  private static final long START_MILLIS = 60_000;

  /** Before a server is killed that was asked to end. */
  static final Duration STOP = Duration.ofSeconds(10);

  private static final long POLL_MILLIS = 20;
  private static final String JAVA_OPTIONS = "FEATUREKV_JAVA_OPTS";

  private final Process process;
  private final Endpoint endpoint;
  private final Path log;
  private final Duration patience;
  private final OutputStream input;

  private ServerProcess(Process process, Endpoint endpoint, Path log, Duration patience) {
    this.process = process;
    this.endpoint = endpoint;
    this.log = log;
    this.patience = patience;
    this.input = process.getOutputStream();
  }

  /** Starts a command and waits until it listens. Its output goes to a file. */
  static ServerProcess start(List<String> command, Endpoint endpoint, Path log) throws IOException {
    ServerProcess server = launch(command, endpoint, log, "", STOP);
    try {
      server.awaitListening();
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /**
   * Starts a command that need not listen yet.
   *
   * @param javaOptions besides those that are set; see {@link #addJavaOptions}
   * @param patience with its end, when it is closed
   */
  static ServerProcess launch(
      List<String> command, Endpoint endpoint, Path log, String javaOptions, Duration patience)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(ServerProcess::isOption);
    addJavaOptions(builder, javaOptions);
    return new ServerProcess(
        builder.redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        endpoint,
        log,
        patience);
  }

  /** Has FeatureKV's executable run with options for Java besides those that are set. */
  static void addJavaOptions(ProcessBuilder builder, String options) {
    if (!options.isEmpty()) {
      builder.environment().merge(JAVA_OPTIONS, options, (set, more) -> set + " " + more);
    }
  }

  /** What is set for this program must not reach a node as its options. */
  static boolean isOption(String variable) {
    return variable.startsWith("FEATUREKV_")
        && !variable.equals("FEATUREKV_JAVA_HOME")
        && !variable.equals(JAVA_OPTIONS);
  }

  /** So many ports that nobody listens on. */
  static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Waits until it listens; fails when it has ended. */
  void awaitListening() throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (true) {
      if (!process.isAlive()) {
        throw new IOException(
            "a server ended with " + process.exitValue() + ": " + Files.readString(log).strip());
      }
      try (SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(endpoint.host(), endpoint.port()))) {
        if (channel.isConnected()) {
          return;
        }
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new IOException(endpoint + " does not listen after " + START_MILLIS + " ms", e);
        }
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  long pid() {
    return process.pid();
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** CPU time of all its threads so far, those that have ended included; ticks of 10 ms. */
  double cpuSeconds() throws IOException {
    return ProcessUse.cpuSeconds(process.pid());
  }

  /** Memory that it holds, in bytes; pages of files are counted too. */
  long residentBytes() throws IOException {
    return ProcessUse.residentBytes(process.pid());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      input.close();
    } catch (IOException e) {
      // It has ended.
    }
    ChildProcesses.end(process, patience);
  }
}
