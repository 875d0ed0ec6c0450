package io.featurekv.bench.ingest;

import io.featurekv.bench.profile.FlightRecordings;
import io.featurekv.bench.profile.Profiles;
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
  private static final String WARM_UP = "warmup";

  private static final int CHECKED_BATCHES = 100;

  private final Path executable;
  private final String memory;
  private final boolean isProfiled;
  private final @Nullable Path keptRecordings;
  private @Nullable FeatureKvCluster cluster;
  private boolean isClosed;

  /**
   * Runs no load yet.
   *
   * @param memory for the load, as the command takes it; empty for its own choice
   * @param isProfiled whether the load and the nodes are recorded
   * @param keptRecordings where recordings are copied to; null for nowhere
   */
  OwnLoad(Path executable, String memory, boolean isProfiled, @Nullable Path keptRecordings) {
    this.executable = executable;
    this.memory = memory;
    this.isProfiled = isProfiled;
    this.keptRecordings = keptRecordings;
  }

  /** Loads the files in {@code input}; everything else lies in an empty directory. */
  Outcome run(DataSet data, Subject.Own subject, Path input, Path directory) throws IOException {
    FlightRecordings recordings = recordings(directory);
    Outcome outcome;
    try (FeatureKvCluster started = own(new FeatureKvCluster(executable, recordings))) {
      started.start(directory, subject.sects(), subject.onCluster() ? memory : "");
      outcome =
          load(
              started,
              data,
              subject,
              subject.kind(),
              subject.onCluster(),
              input,
              directory,
              recordings);
    }
    return withProfiles(outcome, recordings);
  }

  /**
   * The same, where builders of their own do the work, which they have done once before: they are
   * held to so little that compiling their code would be most of what they do.
   */
  Outcome run(DataSet data, Subject.Held subject, Path input, Path directory) throws IOException {
    FlightRecordings recordings = recordings(directory);
    Outcome outcome;
    try (FeatureKvCluster started = own(new FeatureKvCluster(executable, recordings))) {
      started.startBuilders(directory, subject.builders());
      var _ = started.command(words(WARM_UP, data, subject.kind(), true, input, directory));
      var _ = started.command("table", "drop", WARM_UP, "--yes");
      started.holdBuilders(subject.share());
      outcome = load(started, data, subject, subject.kind(), true, input, directory, recordings);
    }
    return withProfiles(outcome, recordings);
  }

  private FlightRecordings recordings(Path directory) throws IOException {
    return isProfiled
        ? FlightRecordings.in(Files.createDirectories(directory.resolve("recordings")))
        : FlightRecordings.none();
  }

  /** The nodes have ended. What was measured stays, whatever became of the recordings. */
  private Outcome withProfiles(Outcome outcome, FlightRecordings recordings) {
    Profiles profiles = recordings.read();
    List<String> missing = new ArrayList<>(profiles.missing());
    if (keptRecordings != null) {
      String load = outcome.data().title() + " " + outcome.subject().name();
      missing.addAll(recordings.copyTo(keptRecordings, load.replaceAll("[^A-Za-z0-9+]+", "-")));
    }
    return outcome.with(new Profiles(profiles.processes(), missing));
  }

  private Outcome load(
      FeatureKvCluster started,
      DataSet data,
      Subject subject,
      String kind,
      boolean onCluster,
      Path input,
      Path directory,
      FlightRecordings recordings)
      throws IOException {
    String[] words = words(TABLE, data, kind, onCluster, input, directory);
    String output = started.commandWith(recordings.javaOptions(Outcome.LOAD), words);
    check(started, data);
    // Progress comes before it.
    return Outcome.ofLoad(
        data, subject, output.substring(Math.max(0, output.indexOf("{\"taskId\""))));
  }

  private String[] words(
      String table, DataSet data, String kind, boolean onCluster, Path input, Path directory)
      throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("temporary"));
    List<String> words =
        new ArrayList<>(
            List.of(
                "bench",
                "load",
                "--table",
                table,
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
    return words.toArray(String[]::new);
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

  /** Nothing of it runs yet. */
  private synchronized FeatureKvCluster own(FeatureKvCluster more) throws IOException {
    if (isClosed) {
      throw new IOException("interrupted");
    }
    cluster = more;
    return more;
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    if (cluster != null) {
      cluster.close();
    }
  }
}
