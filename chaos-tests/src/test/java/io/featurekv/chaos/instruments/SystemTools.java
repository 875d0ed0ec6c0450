package io.featurekv.chaos.instruments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Commands of the operating system, run to their end. */
public final class SystemTools {
  private static final long MAX_SECONDS = 60;
  private static final AtomicInteger NAMES = new AtomicInteger();

  private SystemTools() {}

  /** What a command printed, both streams together, and how it ended. */
  record Ended(int exitCode, String output) {}

  /** Empty where this process is root and all commands are installed, else what is missing. */
  static Optional<String> missingForRoot(String... commands) {
    if (!isRoot()) {
      return Optional.of("needs root");
    }
    return missing(commands);
  }

  /** Empty where all commands are installed, else what is missing. */
  static Optional<String> missing(String... commands) {
    for (String command : commands) {
      if (find(command).isEmpty()) {
        return Optional.of("needs the command " + command);
      }
    }
    return Optional.empty();
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static Optional<Path> find(String command) {
    List<String> directories =
        new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)));
    directories.addAll(List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin"));
    return directories.stream()
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, command))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A name that no other process or instrument of this machine has; short enough for a device. */
  static String uniqueName() {
    return "fk" + Long.toString(ProcessHandle.current().pid(), 36) + "x" + NAMES.getAndIncrement();
  }

  /**
   * Runs a command.
   *
   * @throws IllegalStateException with its output, if it fails or does not end
   */
  static String run(String... command) {
    Ended ended = attempt(command);
    if (ended.exitCode() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " ended with " + ended.exitCode() + ": " + ended.output());
    }
    return ended.output();
  }

  /** Runs a command that may fail. */
  static Ended attempt(String... command) {
    try {
      Path output = Files.createTempFile("featurekv-tool", ".txt");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("PATH", environment.getOrDefault("PATH", "") + ":/usr/sbin:/sbin");
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException(String.join(" ", command) + " did not end");
        }
        return new Ended(process.exitValue(), Files.readString(output));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", command) + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
