package io.featurekv.bench.ingest;

import io.featurekv.bench.report.ProcessUse;
import io.featurekv.bench.server.ChildProcesses;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@link PeerBuild} in a JVM of its own, and looks at its memory. Closed by any thread. */
final class PeerProcess implements AutoCloseable {
  private static final long LOOK_MILLIS = 50;
  private static final long HEAP_BYTES = 1L << 30;

  /** Sorting takes four numbers an entry, of which two are there before it. */
  private static final int HEAP_PER_ENTRY_BYTES = 64;

  private final ChildProcesses processes = new ChildProcesses();

  /** Builds in an empty directory. The input's files lie in {@code input}. */
  Outcome run(DataSet data, Subject subject, Path input, Path directory, long inputBytes)
      throws IOException {
    Path log = directory.resolveSibling(directory.getFileName() + ".log");
    Path out = directory.resolveSibling(directory.getFileName() + ".json");
    Process process =
        processes.start(
            new ProcessBuilder(command(data, subject, input, directory))
                .redirectOutput(out.toFile())
                .redirectError(log.toFile()));
    long peakBytes = 0;
    try {
      // What comes after the line is checking.
      while (Files.size(out) == 0 && !process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        peakBytes = Math.max(peakBytes, anonymousBytes(process));
      }
      if (process.waitFor() != 0) {
        throw new IOException(
            subject.name() + " ended with " + process.exitValue() + ": " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      processes.end(process);
    }
    String json = Files.readString(out, StandardCharsets.UTF_8);
    return Outcome.ofPeer(data, subject, json, inputBytes, peakBytes);
  }

  private static long anonymousBytes(Process process) {
    try {
      return ProcessUse.anonymousBytes(process.pid());
    } catch (IOException e) {
      // It has ended just now.
      return 0;
    }
  }

  private static List<String> command(DataSet data, Subject subject, Path input, Path directory) {
    long heap = HEAP_BYTES + (long) data.entries() * HEAP_PER_ENTRY_BYTES;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-Xm"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx" + (heap >> 20) + "m",
            "-cp",
            System.getProperty("java.class.path"),
            PeerBuild.class.getName(),
            subject.name(),
            input.toString(),
            data.format(),
            Integer.toString(data.entries()),
            directory.toString()));
    return command;
  }

  @Override
  public void close() {
    processes.close();
  }
}
