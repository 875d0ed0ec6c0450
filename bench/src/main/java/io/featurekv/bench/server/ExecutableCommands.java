package io.featurekv.bench.server;

import io.featurekv.model.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands of FeatureKV's executable. Thread-safe; once closed, none runs and none begins. */
final class ExecutableCommands implements AutoCloseable {
  private static final long COMMAND_HOURS = 6;

  private final Path executable;
  private final ChildProcesses processes = new ChildProcesses();

  ExecutableCommands(Path executable) {
    this.executable = executable;
  }

  /** Runs one against a node, and returns what it printed, messages included. */
  String run(Endpoint endpoint, String... arguments) throws IOException {
    return runWith("", endpoint, arguments);
  }

  /** The same, with options for Java besides those that are set. */
  String runWith(String javaOptions, Endpoint endpoint, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--endpoint", endpoint.toString()));
    return run(javaOptions, all);
  }

  /** Runs one, and returns what it printed, messages included. */
  String run(List<String> arguments) throws IOException {
    return run("", arguments);
  }

  private String run(String javaOptions, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(executable.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(ServerProcess::isOption);
    ServerProcess.addJavaOptions(builder, javaOptions);
    Process process = processes.start(builder);
    try {
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(COMMAND_HOURS, TimeUnit.HOURS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      processes.end(process);
    }
  }

  @Override
  public void close() {
    processes.close();
  }
}
