package io.featurekv.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.FeatureKvProcess.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are damaged at rest, and disks without room: told clearly, survived, and mended where
 * another node can.
 */
class DamageTest {
  @TempDir Path directory;

  private static void flipByte(Path file) throws IOException {
    assertThat(file.toFile().setWritable(true)).isTrue();
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(bytes.length() / 2);
      int before = bytes.read();
      bytes.seek(bytes.length() / 2);
      bytes.write(before ^ 1);
    }
  }

  private static void truncate(Path file) throws IOException {
    assertThat(file.toFile().setWritable(true)).isTrue();
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength(bytes.length() / 2);
    }
  }

  private static Path shard(ProcessCluster cluster, int node, int shard) {
    return cluster.data(node).resolve("tables/t/1/" + shard + ".mdb");
  }

  private static void loadFirst(ProcessCluster cluster) {
    cluster.cli("table", "create", "t", "--kind", "idx", "--shards", "3").succeeds();
    cluster.cli("load", "t", "generate:20000?valueBytes=50&version=1").succeeds();
    cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
  }

  private static void awaitSame(Path one, Path other) {
    await()
        .atMost(ProcessCluster.PATIENCE)
        .until(
            () ->
                Files.exists(one)
                    && Arrays.equals(Files.readAllBytes(one), Files.readAllBytes(other)));
  }

  @Test
  void flippedAndTruncatedFilesAreFoundAtStartAndComeAgainFromAnotherNode() throws IOException {
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a", "b")) {
      loadFirst(cluster);
      cluster.kill(1);
      flipByte(shard(cluster, 1, 0));
      truncate(shard(cluster, 1, 1));
      cluster.spawn(1);
      awaitSame(shard(cluster, 1, 0), shard(cluster, 0, 0));
      awaitSame(shard(cluster, 1, 1), shard(cluster, 0, 1));
      cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
      assertThat(Files.readString(cluster.log(1)))
          .contains("t/1/0 cannot be served here")
          .contains("t/1/1 cannot be served here")
          .contains("expected");
      assertThat(cluster.isAlive(0)).isTrue();
      assertThat(cluster.isAlive(1)).isTrue();
    }
  }

  @Test
  void scrubFindsAFlippedByteInAFileThatIsBeingServed() throws IOException {
    ProcessCluster cluster = new ProcessCluster(directory);
    try (cluster) {
      cluster.add("a");
      cluster.add("b");
      cluster.javaOptions(1, "-Dfeaturekv.scrub.period.millis=300");
      cluster.spawn(0);
      cluster.awaitAnswer(0);
      cluster.spawn(1);
      cluster.cli("wait", "nodes=2", "--timeout", "90s").succeeds();
      loadFirst(cluster);
      try (CheckingReader reader = new CheckingReader(cluster.endpoints(), "t", 20_000, 50, 11)) {
        flipByte(shard(cluster, 1, 2));
        awaitSame(shard(cluster, 1, 2), shard(cluster, 0, 2));
        assertThat(Files.readString(cluster.log(1))).contains("t/1/2 is damaged");
        cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
        assertThat(cluster.isAlive(1)).isTrue();
        // Bytes in the middle of a page of values may have been read before the scrub came by.
        assertThat(reader.complaints()).noneMatch(complaint -> complaint.contains("failed"));
      }
    }
  }

  @Test
  void onlyCopyThatIsDamagedIsToldNotServedAndReplacedByTheNextLoad() throws IOException {
    try (ProcessCluster cluster = ProcessCluster.start(directory, "a")) {
      loadFirst(cluster);
      cluster.kill(0);
      for (int shard = 0; shard < 3; shard++) {
        flipByte(shard(cluster, 0, shard));
      }
      cluster.spawn(0);
      cluster.awaitAnswer(0);
      String key = io.featurekv.loader.GeneratedEntries.key(0);
      await()
          .atMost(ProcessCluster.PATIENCE)
          .untilAsserted(
              () -> {
                Outcome outcome = cluster.cli("get", "t", key, "-o", "json");
                assertThat(outcome.exitCode()).isNotZero();
                assertThat(cluster.cli("status", "-o", "json").json().at("healthy").isTrue())
                    .isFalse();
              });
      assertThat(cluster.isAlive(0)).isTrue();
      cluster.cli("load", "t", "generate:20000?valueBytes=50&version=2").succeeds();
      cluster.cli("get", "t", key).succeeds();
    }
  }

  @Test
  void diskWithoutRoomRefusesTheLoadNamesTheOptionAndReadsGoOn() {
    ProcessCluster cluster = new ProcessCluster(directory);
    try (cluster) {
      cluster.add("a");
      cluster.spawn(0);
      cluster.awaitAnswer(0);
      cluster.cli("wait", "nodes=1", "--timeout", "90s").succeeds();
      loadFirst(cluster);
      cluster.stop(0);
      cluster.minFreeDisk(0, "99.99%");
      cluster.spawn(0);
      cluster.cli("wait", "healthy", "--timeout", "90s").succeeds();
      Outcome outcome = cluster.cli("load", "t", "generate:20000?valueBytes=50&version=2");
      assertThat(outcome.failsWith(1).err()).contains("--min-free-disk").contains("bytes");
      cluster.cli("get", "t", io.featurekv.loader.GeneratedEntries.key(5)).succeeds();
      List<Json> versions =
          cluster.cli("version", "list", "t", "-o", "json").succeeds().json().list();
      assertThat(versions.getLast().at("state").text()).isEqualTo("FAILED");
      assertThat(versions.getLast().at("reason").text()).contains("--min-free-disk");
    }
  }
}
