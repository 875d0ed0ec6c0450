import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Run by the build, as source: starts the executable once as a node and once as a command, so that
 * the virtual machine writes down what both needed to start (its ahead-of-time cache, JEP 483 and
 * 515). With these files beside it the executable starts in half the time; without them, or where
 * they do not fit, it starts as ever.
 *
 * <p>Argument: the executable. Files: {@code featurekv.server.aot} and {@code
 * featurekv.command.aot}. Never fails: what cannot be written is said and left out.
 */
final class StartupTraining {
  private static final long PATIENCE_SECONDS = 60;

  private final Path executable;
  private final Path directory;
  private final List<Process> started = new ArrayList<>();

  private StartupTraining(Path executable, Path directory) {
    this.executable = executable;
    this.directory = directory;
  }

  public static void main(String[] arguments) throws IOException {
    Path executable = Path.of(arguments[0]).toAbsolutePath();
    Path directory = Files.createTempDirectory(executable.getParent(), "startup-");
    StartupTraining training = new StartupTraining(executable, directory);
    try {
      training.run();
    } catch (IOException e) {
      System.err.println("featurekv will start without caches: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      for (Process process : training.started) {
        process.destroyForcibly().onExit().join();
      }
      try {
        delete(directory);
      } catch (IOException e) {
        System.err.println(directory + " is left behind: " + e);
      }
    }
  }

  private void run() throws IOException, InterruptedException {
    for (String kind : List.of("server", "command")) {
      Files.deleteIfExists(cache(kind));
    }
    String listen = freeAddress();
    Process node =
        start(
            "server",
            "server",
            "--stop-at-end-of-input",
            "--data-dir",
            directory.resolve("data").toString(),
            "--min-free-disk",
            "0%",
            "--listen",
            listen,
            "--raft-listen",
            freeAddress(),
            "--http-listen",
            freeAddress());
    expectSuccess(start("", "wait", "healthy", "--timeout", "50s", "--endpoint", listen));
    expectSuccess(
        start("command", "load", "t", "generate:1000", "--create", "mem", "--endpoint", listen));
    node.getOutputStream().close();
    expectSuccess(node);
    for (String kind : List.of("server", "command")) {
      Files.move(written(kind), cache(kind), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private Path cache(String kind) {
    return executable.resolveSibling(executable.getFileName() + "." + kind + ".aot");
  }

  private Path written(String kind) {
    return directory.resolve(kind + ".aot");
  }

  private static String freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  /**
   * @param kind of the cache that the process writes when it ends; empty for none
   */
  private Process start(String kind, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(executable.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("FEATUREKV_") && !name.endsWith("_HOME"));
    if (!kind.isEmpty()) {
      builder.environment().put("FEATUREKV_JAVA_OPTS", "-XX:AOTCacheOutput=" + written(kind));
    }
    Path log = directory.resolve(started.size() + ".log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    started.add(process);
    return process;
  }

  private void expectSuccess(Process process) throws IOException, InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(
          "a process did not end within " + PATIENCE_SECONDS + " s" + log(process));
    }
    if (process.exitValue() != 0) {
      throw new IOException("a process ended with " + process.exitValue() + log(process));
    }
  }

  private String log(Process process) throws IOException {
    return ": " + Files.readString(directory.resolve(started.indexOf(process) + ".log")).strip();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
