package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench read} against a real node: what it counts, and that it notices what is wrong. */
class BenchReadTest {
  private static final int ENTRIES = 5000;

  @TempDir Path directory;

  private static List<String> bench(String table, int entries, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "bench",
                "read",
                "--table",
                table,
                "--entries",
                Integer.toString(entries),
                "--verify"));
    words.addAll(List.of("--connections", "2", "--warmup", "300ms", "-o", "json"));
    words.addAll(List.of(more));
    return words;
  }

  private static String[] words(List<String> words) {
    return words.toArray(String[]::new);
  }

  @Test
  void countsBatchesKeysLatencyAndCpuAndNoticesWhatIsWrong() {
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a")) {
      cluster.cli("load", "t", "generate:" + ENTRIES + "?version=1", "--create", "mem").succeeds();

      Json open =
          cluster
              .cli(
                  words(bench("t", ENTRIES, "--rate", "20k", "--batches", "50", "--absent", "0.5")))
              .succeeds()
              .json();
      assertThat(open.at("batches").number()).isEqualTo(50);
      assertThat(open.at("keys").number()).isEqualTo(10_000);
      assertThat(open.at("found").number() + open.at("absent").number()).isEqualTo(10_000);
      assertThat(open.at("absent").number()).isBetween(4_000L, 6_000L);
      assertThat(open.at("failed").number() + open.at("mixed").number()).isZero();
      assertThat(open.at("latencyMicros").at("max").number()).isPositive();
      assertThat(open.at("serverCpuSecondsPerMillionKeys").value()).isInstanceOf(Double.class);

      Json closed =
          cluster
              .cli(words(bench("t", ENTRIES, "--duration", "500ms", "--distribution", "zipf:0.99")))
              .succeeds()
              .json();
      assertThat(closed.at("found").number()).isPositive().isEqualTo(closed.at("keys").number());

      // Entries that were never loaded are not there; those of a version with another seed differ.
      Json wrong =
          cluster
              .cli(words(bench("t", 2 * ENTRIES, "--rate", "20k", "--batches", "20")))
              .failsWith(1)
              .json();
      assertThat(wrong.at("wrong").number()).isEqualTo(20);
      cluster.cli("load", "t", "generate:" + ENTRIES + "?version=9").succeeds();
      Json mixed =
          cluster
              .cli(words(bench("t", ENTRIES, "--rate", "20k", "--batches", "20")))
              .failsWith(1)
              .json();
      assertThat(mixed.at("mixed").number()).isEqualTo(20);
      cluster.cli(words(bench("nowhere", ENTRIES))).failsWith(4);
    }
  }
}
