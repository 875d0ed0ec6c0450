package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench load} against a real node: what it loads, what it measures, and what it leaves. */
class BenchLoadTest {
  private static final String ENTRIES = "20000";

  @TempDir Path directory;

  private static void assertMeasured(Json report, String source) {
    assertThat(report.at("state").text()).isEqualTo("ACTIVE");
    assertThat(report.at("source").text()).isEqualTo(source);
    assertThat(report.at("entries").number()).isEqualTo(20_000);
    for (String figure :
        List.of(
            "keysPerSecond", "clientCpuSecondsPerMillionKeys", "serverCpuSecondsPerMillionKeys")) {
      assertThat(report.at(figure).value()).isInstanceOf(Double.class);
    }
    for (String figure : List.of("inputBytes", "clientPeakMemoryBytes", "serverPeakMemoryBytes")) {
      assertThat(report.at(figure).number()).isPositive();
    }
    assertThat(report.at("serversUnknownBecause").value()).isNull();
    assertThat(report.at("clientMemoryHeld").value()).isInstanceOf(Boolean.class);
    Json node = report.at("nodes").list().getFirst();
    assertThat(node.at("memoryBoundBytes").number())
        .isGreaterThan(node.at("peakMemoryBytes").number());
    assertThat(node.at("memoryHeld").value()).isEqualTo(true);
    assertThat(report.at("stages").list().getFirst().at("serverCpuSecondsPerMillionKeys").value())
        .isInstanceOf(Double.class);
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void loadsTheStandardSetMeasuresAndCleansUp() throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("temporary"));
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a")) {
      for (String source : List.of("csv", "parquet")) {
        Json report =
            cluster
                .cli(
                    "bench",
                    "load",
                    "--table",
                    "t",
                    "--entries",
                    ENTRIES,
                    "--source",
                    source,
                    "--temp-dir",
                    temporary.toString(),
                    "-o",
                    "json")
                .succeeds()
                .json();
        assertMeasured(report, source);
        assertThat(files(temporary)).isEmpty();
      }
      // Versions 1 and 2 were loaded with values of their own, so that reads can be checked.
      Json read =
          cluster
              .cli(
                  "bench",
                  "read",
                  "--table",
                  "t",
                  "--entries",
                  ENTRIES,
                  "--batches",
                  "100",
                  "--warmup",
                  "100ms",
                  "--connections",
                  "2",
                  "--verify",
                  "-o",
                  "json")
              .succeeds()
              .json();
      assertThat(read.at("found").number()).isEqualTo(20_000);

      Outcome refused =
          cluster
              .cli(
                  "bench",
                  "load",
                  "--table",
                  "t",
                  "--entries",
                  "100G",
                  "--temp-dir",
                  temporary.toString())
              .failsWith(1);
      assertThat(refused.err()).contains("shard files being built", "sorted runs", "are free");
      assertThat(files(temporary)).isEmpty();
    }
  }
}
