package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.loader.GeneratedEntries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL of every node, and of the builder, at random moments of a push, which then goes on when
 * it is run again.
 */
class CrashDuringPushTest {
  private static final int ENTRIES = 60_000;
  private static final int VALUE_BYTES = 60;
  private static final int ROUNDS = Integer.getInteger("featurekv.crash.rounds", 1);
  private static final Set<String> SETTLED =
      Set.of("ACTIVE", "RETAINED", "ROLLED_BACK", "FAILED", "DROPPED", "READY");

  @TempDir(factory = BelowTarget.class, cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private String[] load(long version, String operationId) {
    return new String[] {
      "load",
      "t",
      "generate:" + ENTRIES + "?valueBytes=" + VALUE_BYTES + "&version=" + version,
      "--operation-id",
      operationId,
      "--temp-dir",
      directory.resolve("temp").toString(),
      "-o",
      "json"
    };
  }

  private static void restart(ProcessCluster cluster) {
    for (int node = 0; node < cluster.size(); node++) {
      cluster.spawn(node);
    }
    cluster.cli("wait", "nodes=" + cluster.size(), "--timeout", "90s").succeeds();
    cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
  }

  @Test
  void nothingAcknowledgedIsLostAndTheHalfDonePushGoesOnToTheSameVersion()
      throws IOException, InterruptedException {
    long seed = Long.getLong("featurekv.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a", "a", "b")) {
      cluster.cli("table", "create", "t", "--kind", "idx", "--shards", "4").succeeds();
      cluster.cli(load(1, "op-1")).succeeds();
      long acknowledged = 1;
      for (int round = 0; round < ROUNDS; round++) {
        long next = acknowledged + 1;
        boolean ended = crash(cluster, load(next, "op-" + next), random.nextInt(3_000));
        System.out.printf(
            "round %d: killed %s%n", round, ended ? "after the push" : "during the push");
        restart(cluster);
        assertReads(cluster, acknowledged, next);
        Json report = cluster.cli(load(next, "op-" + next)).succeeds().json();
        assertThat(report.at("version").number()).isEqualTo(next);
        assertThat(report.at("state").text()).isEqualTo("ACTIVE");
        assertThat(report.at("entries").number()).isEqualTo(ENTRIES);
        assertThat(versions(cluster)).as("one version for each operation").hasSize((int) next);
        assertReads(cluster, next, next);
        assertThat(filesBelow(directory.resolve("temp"))).as("left by loads").isEmpty();
        acknowledged = next;
      }
      awaitSettled(cluster);
      assertNoStrayFiles(cluster);
    }
  }

  /**
   * Starts a load and kills all nodes and the builder after so many milliseconds; returns whether
   * the load had ended.
   */
  private static boolean crash(ProcessCluster cluster, String[] load, int afterMillis)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(load));
    arguments.addAll(List.of("--endpoint", String.join(",", cluster.endpoints())));
    Process builder =
        FeatureKvProcess.command(arguments)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean ended = builder.waitFor(1_000L + afterMillis, TimeUnit.MILLISECONDS);
    for (int node = 0; node < cluster.size(); node++) {
      cluster.kill(node);
    }
    builder.destroyForcibly();
    builder.waitFor();
    return ended;
  }

  /**
   * The active version is the last acknowledged one or the one whose push was cut off, and every
   * value is its own.
   */
  private static void assertReads(ProcessCluster cluster, long atLeast, long atMost)
      throws IOException {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add(GeneratedEntries.key((long) i * (ENTRIES / 1_000)));
    }
    Path file = Files.write(cluster.directory().resolve("keys.txt"), keys);
    Json reply =
        cluster.cli("get", "t", "--keys-file", file.toString(), "-o", "json").succeeds().json();
    long version = reply.at("version").number();
    assertThat(version).isBetween(atLeast, atMost);
    GeneratedEntries expected =
        GeneratedEntries.parse(
            "generate:" + ENTRIES + "?valueBytes=" + VALUE_BYTES + "&version=" + version);
    List<Json> results = reply.at("results").list();
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).at("status").text()).isEqualTo("FOUND");
      assertThat(bytes(results.get(i))).isEqualTo(expected.value((long) i * (ENTRIES / 1_000)));
    }
  }

  private static byte[] bytes(Json result) {
    return result.has("valueBase64")
        ? java.util.Base64.getDecoder().decode(result.at("valueBase64").text())
        : result.at("value").text().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static List<Json> versions(ProcessCluster cluster) {
    return cluster.cli("version", "list", "t", "-o", "json").succeeds().json().list();
  }

  /** Nothing stays half done: what was not finished is FAILED, with a reason. */
  private static void awaitSettled(ProcessCluster cluster) {
    await()
        .atMost(ProcessCluster.PATIENCE)
        .untilAsserted(
            () -> {
              for (Json version : versions(cluster)) {
                String state = version.at("state").text();
                assertThat(SETTLED).contains(state);
                if (state.equals("FAILED")) {
                  assertThat(version.at("reason").text()).isNotEmpty();
                }
              }
            });
  }

  private static void assertNoStrayFiles(ProcessCluster cluster) {
    await()
        .atMost(ProcessCluster.PATIENCE)
        .untilAsserted(
            () -> {
              Set<String> kept = new HashSet<>();
              for (Json version : versions(cluster)) {
                if (!version.at("state").text().equals("FAILED")) {
                  kept.add(Long.toString(version.at("version").number()));
                }
              }
              for (int node = 0; node < cluster.size(); node++) {
                for (Path file : filesBelow(cluster.data(node).resolve("tables"))) {
                  String name = file.getFileName().toString();
                  assertThat(name).matches("\\d+\\.(mdb|pieces)");
                  assertThat(kept).contains(file.getParent().getFileName().toString());
                }
              }
            });
  }

  private static List<Path> filesBelow(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }
}
