package io.featurekv.bench.ingest;

import io.featurekv.bench.server.FeatureKvCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads input files into a new cluster by {@code featurekv bench load}, reads some of it back, and
 * stops the cluster. Closed by any thread.
 */
final class OwnLoad implements AutoCloseable {
  private static final String TABLE = "t";
  private static final int CHECKED_BATCHES = 100;

  private final Path executable;
  private final String memory;
  private @Nullable FeatureKvCluster cluster;
  private boolean isClosed;

  /**
   * Runs no load yet.
   *
   * @param memory for the load, as the command takes it; empty for its own choice
   */
  OwnLoad(Path executable, String memory) {
    this.executable = executable;
    this.memory = memory;
  }

  /** Loads the files in {@code input}; everything else lies in an empty directory. */
  Outcome run(DataSet data, Subject.Own subject, Path input, Path directory) throws IOException {
    try (FeatureKvCluster started =
        own(
            FeatureKvCluster.start(
                directory, executable, subject.sects(), subject.onCluster() ? memory : ""))) {
      return load(started, data, subject, subject.kind(), subject.onCluster(), input, directory);
    }
  }

  /** The same, where builders of their own do the work. */
  Outcome run(DataSet data, Subject.Held subject, Path input, Path directory) throws IOException {
    try (FeatureKvCluster started =
        own(
            FeatureKvCluster.startHeld(
                directory, executable, subject.builders(), subject.share()))) {
      return load(started, data, subject, subject.kind(), true, input, directory);
    }
  }

  private Outcome load(
      FeatureKvCluster started,
      DataSet data,
      Subject subject,
      String kind,
      boolean onCluster,
      Path input,
      Path directory)
      throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("temporary"));
    List<String> words =
        new ArrayList<>(
            List.of(
                "bench",
                "load",
                "--table",
                TABLE,
                "--kind",
                kind,
                "--entries",
                Integer.toString(data.entries()),
                "--value-bytes",
                Integer.toString(data.valueBytes()),
                "--source",
                data.format(),
                "--input-dir",
                input.toString(),
                "--temp-dir",
                temporary.toString(),
                "--timeout",
                "1h",
                "-o",
                "json"));
    if (onCluster) {
      words.add("--on-cluster");
    } else if (!memory.isEmpty()) {
      words.addAll(List.of("--memory", memory));
    }
    String output = started.command(words.toArray(String[]::new));
    check(started, data);
    // Progress comes before it.
    return Outcome.ofLoad(
        data, subject, output.substring(Math.max(0, output.indexOf("{\"taskId\""))));
  }

  /** The command fails where a value is not the one that was loaded. */
  private static void check(FeatureKvCluster cluster, DataSet data) throws IOException {
    String output =
        cluster.command(
            "bench",
            "read",
            "--table",
            TABLE,
            "--entries",
            Integer.toString(data.entries()),
            "--value-bytes",
            Integer.toString(data.valueBytes()),
            "--batches",
            Integer.toString(CHECKED_BATCHES),
            "--warmup",
            "100ms",
            "--absent",
            "0.5",
            "--timeout",
            "30s",
            "--verify",
            "-o",
            "json");
    if (!output.contains("\"failed\":0,")) {
      throw new IOException("reading back failed: " + output);
    }
  }

  private synchronized FeatureKvCluster own(FeatureKvCluster started) throws IOException {
    if (isClosed) {
      started.close();
      throw new IOException("interrupted");
    }
    cluster = started;
    return started;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    if (cluster != null) {
      cluster.close();
    }
  }
}
