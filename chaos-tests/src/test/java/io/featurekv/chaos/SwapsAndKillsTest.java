package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Versions pushed, rolled back and nodes killed under a reader that checks every answer. */
class SwapsAndKillsTest {
  private static final int ENTRIES = 20_000;
  private static final int VALUE_BYTES = 40;
  private static final int PUSHES = 4;

  @TempDir(factory = BelowTarget.class, cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private static void push(ProcessCluster cluster, long version) {
    Json report =
        cluster
            .cli(
                "load",
                "t",
                "generate:" + ENTRIES + "?valueBytes=" + VALUE_BYTES + "&version=" + version,
                "-o",
                "json")
            .succeeds()
            .json();
    assertThat(report.at("state").text()).isEqualTo("ACTIVE");
    assertThat(report.at("version").number()).isEqualTo(version);
  }

  @Test
  void noBatchFailsOrMixesVersionsWhateverIsPushedRolledBackOrKilled() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a", "a", "b")) {
      cluster.cli("table", "create", "t", "--kind", "mem", "--shards", "4").succeeds();
      push(cluster, 1);
      try (CheckingReader reader =
          new CheckingReader(cluster.endpoints(), "t", ENTRIES, VALUE_BYTES, seed)) {
        long version = 1;
        for (int i = 0; i < PUSHES; i++) {
          push(cluster, ++version);
          if (i == 2 || i == 4) {
            cluster.cli("rollback", "t").succeeds();
          }
        }
        assertThat(reader.complaints()).as("files in %s", directory).isEmpty();
        List<Integer> order = new ArrayList<>(List.of(2, cluster.leader()));
        for (int victim : order.stream().distinct().toList()) {
          cluster.kill(victim);
          awaitBatches(reader, 200);
          push(cluster, ++version);
          Json status = cluster.cli("status", "-o", "json").json();
          assertThat(status.at("healthy").isTrue()).isFalse();
          cluster.spawn(victim);
          cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
          awaitBatches(reader, 200);
        }
        assertThat(reader.complaints()).as("files in %s", directory).isEmpty();
        assertThat(reader.batches()).isGreaterThan(1_000);
        assertThat(reader.batchesByVersion().size()).isGreaterThanOrEqualTo(PUSHES / 2);
        System.out.printf(
            "%d batches of %d over versions %s, slowest %.1f ms%n",
            reader.batches(),
            CheckingReader.BATCH_KEYS,
            reader.batchesByVersion().keySet(),
            reader.slowestMillis());
      }
    }
  }

  private static void awaitBatches(CheckingReader reader, int more) {
    long until = reader.batches() + more;
    await().atMost(ProcessCluster.PATIENCE).until(() -> reader.batches() >= until);
  }
}
