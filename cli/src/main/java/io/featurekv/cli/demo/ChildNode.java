package io.featurekv.cli.demo;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A node in a process of its own, run by this very executable. It stops when this process does,
 * however that happens.
 */
final class ChildNode {
  private static final long STOP_PATIENCE_SECONDS = 10;
  private static final int LOG_TAIL_LINES = 5;

  private final String id;
  private final Endpoint listen;
  private final Process process;
  private final Path log;

  private ChildNode(String id, Endpoint listen, Process process, Path log) {
    this.id = id;
    this.listen = listen;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a node.
   *
   * @param ports its own, for clients, metadata and HTTP
   * @param join where to find the cluster; empty for the first node
   */
  static ChildNode start(Path directory, String id, String sect, List<Integer> ports, String join)
      throws IOException {
    Endpoint listen = new Endpoint("127.0.0.1", ports.get(0));
    List<String> command = new ArrayList<>(Executable.command());
    command.addAll(
        List.of(
            "server",
            "--stop-at-end-of-input",
            "--data-dir",
            directory.resolve(id).toString(),
            "--node-id",
            id,
            "--sect",
            sect,
            "--listen",
            listen.toString(),
            "--raft-listen",
            "127.0.0.1:" + ports.get(1),
            "--http-listen",
            "127.0.0.1:" + ports.get(2)));
    if (!join.isEmpty()) {
      command.addAll(List.of("--join", join));
    }
    Path log = directory.resolve(id + ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(ChildNode::isOption);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new ChildNode(id, listen, process, log);
  }

  /** What is set for the demonstration must not reach the nodes as their options. */
  private static boolean isOption(String variable) {
    return variable.startsWith("FEATUREKV_")
        && !variable.equals("FEATUREKV_LOG")
        && !variable.equals("FEATUREKV_JAVA_HOME");
  }

  String id() {
    return id;
  }

  Endpoint listen() {
    return listen;
  }

  /**
   * Says when the node has died unasked.
   *
   * @throws FeatureKvException with the end of its log
   */
  void checkAlive() {
    if (process.isAlive()) {
      return;
    }
    throw new FeatureKvException(
        ErrorCode.INTERNAL, "node " + id + " ended with " + process.exitValue() + ": " + logTail());
  }

  private String logTail() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(log), StandardCharsets.UTF_8))) {
      List<String> lines = reader.lines().toList();
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Asks it to stop. */
  void beginStop() {
    process.destroy();
  }

  /** Waits until it has stopped, and kills it if it does not. */
  void awaitStopped() {
    try {
      if (!process.waitFor(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** How to run this program again. */
  private static final class Executable {
    private static List<String> command() {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "--add-opens=java.base/java.nio=ALL-UNNAMED",
              "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
              // So short a life does not pay back the optimizing compiler's work.
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC"));
      String classPath = System.getProperty("java.class.path");
      if (classPath.contains(File.pathSeparator)) {
        command.addAll(List.of("-cp", classPath, "io.featurekv.cli.Main"));
      } else {
        command.addAll(List.of("-jar", Path.of(classPath).toAbsolutePath().toString()));
      }
      return command;
    }
  }
}
