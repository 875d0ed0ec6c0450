package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.merging.MergeSettings;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.storage.ShardFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chains become short under readers, who notice nothing. */
class MergeClusterTest {
  private static final int KEYS = 300;
  private static final int INCREMENTS = 6;
  private static final MergeSettings SETTINGS = new MergeSettings(INCREMENTS, 64L << 20);

  @TempDir Path directory;
  private final ScanningMerge merge = new ScanningMerge();
  private final Map<Long, Map<String, String>> expected = new TreeMap<>();
  private Transport transport;

  @BeforeEach
  void startTransport() {
    transport = Transport.start(1);
  }

  @AfterEach
  void stopTransport() {
    merge.letGo();
    transport.close();
  }

  private static String key(int number) {
    return "key-%04d".formatted(number);
  }

  /** Pushes the full version: every key but every tenth. */
  private void pushFull(TestCluster cluster) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    for (int i = 0; i < KEYS; i++) {
      if (i % 10 != 0) {
        entries.put(key(i), "full-" + i);
      }
    }
    push(cluster, UpdateMode.FULL, entries, entries);
  }

  /** Pushes an increment that changes every seventh key and adds one of the missing ones. */
  private void pushIncrement(TestCluster cluster, int round) throws IOException {
    long active = cluster.metadata().tables().get("t").activeVersion();
    Map<String, String> changes = new TreeMap<>();
    for (int i = round; i < KEYS; i += 7) {
      changes.put(key(i), "round-" + round + "-" + i);
    }
    changes.put(key(10 * round), "added-" + round);
    Map<String, String> after = new TreeMap<>(expected.get(active));
    after.putAll(changes);
    push(cluster, UpdateMode.INCREMENTAL, changes, after);
  }

  private void push(
      TestCluster cluster, UpdateMode mode, Map<String, String> entries, Map<String, String> after)
      throws IOException {
    List<String> lines = new ArrayList<>(List.of("k,v"));
    entries.forEach((k, v) -> lines.add(k + "," + v));
    Path file = directory.resolve("input-" + expected.size() + ".csv");
    Files.write(file, lines);
    expected.put(cluster.load("t", file.toString(), mode, "k").version(), after);
  }

  /** What a node answers for every key of a version, or the first thing that is wrong. */
  private String wrongAnswer(Connection connection, long version) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(key(i).getBytes(StandardCharsets.UTF_8));
    }
    BatchValues values =
        BatchValues.decode(
            connection
                .call(
                    FrameType.BATCH_GET,
                    0,
                    BatchGetRequest.encode("t", version, 0, 5_000, keys),
                    10_000)
                .join()
                .body());
    for (int i = 0; i < KEYS; i++) {
      String value = expected.get(version).get(key(i));
      String wanted = value == null ? "-" : "{\"v\":\"" + value + "\"}";
      String actual =
          switch (values.status(i)) {
            case FOUND -> StandardCharsets.UTF_8.decode(values.value(i)).toString();
            case ABSENT -> "-";
            case FAILED -> "failed: " + values.errorMessage(i);
            case DEFERRED -> ValueStatus.DEFERRED.name();
          };
      if (!wanted.equals(actual)) {
        return key(i) + " of version " + version + ": " + actual + " instead of " + wanted;
      }
    }
    return "";
  }

  private Connection connect(TestCluster cluster, int node) {
    return transport
        .connect(
            Endpoint.parse(cluster.node(node).listen()), Hello.client(""), Duration.ofSeconds(5))
        .join();
  }

  /** A load ends when the leader knows of it; others hear of it with the leader's next message. */
  private void checkAll(TestCluster cluster, long version, int... nodes) {
    for (int node : nodes) {
      try (Connection connection = connect(cluster, node)) {
        String wrong =
            await()
                .atMost(TestCluster.PATIENCE)
                .ignoreExceptionsMatching(
                    e -> String.valueOf(e.getMessage()).contains("is not served by this node"))
                .until(() -> wrongAnswer(connection, version), answer -> true);
        assertThat(wrong).as("node %s", node).isEmpty();
      }
    }
  }

  private static boolean isMerged(ClusterMetadata metadata, long number) {
    TableRecord table = metadata.tables().get("t");
    VersionRecord version = table.versions().get(number);
    for (int shard = 0; shard < version.shardCount(); shard++) {
      boolean isShort = table.chain(version, shard).size() == 1;
      if (!isShort || !version.shards().get(shard).isMergeComplete()) {
        return false;
      }
    }
    return true;
  }

  private static void awaitMerged(TestCluster cluster, long version) {
    await().atMost(TestCluster.PATIENCE).until(() -> isMerged(cluster.metadata(), version));
  }

  private long longChain(TestCluster cluster) throws IOException {
    pushFull(cluster);
    for (int round = 1; round <= INCREMENTS; round++) {
      pushIncrement(cluster, round);
    }
    return cluster.metadata().tables().get("t").activeVersion();
  }

  @Test
  void readersSeeTheSameBeforeWhileAndAfterTheirChainIsMerged() throws Exception {
    try (TestCluster cluster = TestCluster.start(directory, merge, SETTINGS, "a", "a", "b")) {
      cluster.createTable("t", TableKind.IDX, 2, 1);
      long active = longChain(cluster);
      cluster.awaitHealthy();
      await().atMost(TestCluster.PATIENCE).until(() -> merge.targets.size() > 0);
      checkAll(cluster, active, 0, 1, 2);
      AtomicReference<String> wrong = new AtomicReference<>("");
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger reads = new AtomicInteger();
      Thread reader = Thread.ofPlatform().start(() -> readOn(cluster, active, stop, reads, wrong));
      merge.letGo();
      awaitMerged(cluster, active);
      int readsWhenMerged = reads.get();
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> reads.get() > readsWhenMerged + 50 || !wrong.get().isEmpty());
      stop.set(true);
      reader.join();
      assertThat(wrong.get()).isEmpty();
      checkAll(cluster, active, 0, 1, 2);
      checkWhatComesAfter(cluster, active);
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void storageEngineMergesEveryKindToTheSameAnswers(TableKind kind) throws Exception {
    try (TestCluster cluster =
        TestCluster.start(directory, ShardFiles::merge, SETTINGS, "a", "b")) {
      cluster.createTable("t", kind, 2, 1);
      long active = longChain(cluster);
      checkAll(cluster, active, 0, 1);
      awaitMerged(cluster, active);
      cluster.awaitHealthy();
      checkAll(cluster, active, 0, 1);
      pushIncrement(cluster, 8);
      checkAll(cluster, cluster.metadata().tables().get("t").activeVersion(), 0, 1);
    }
  }

  private void readOn(
      TestCluster cluster,
      long version,
      AtomicBoolean stop,
      AtomicInteger reads,
      AtomicReference<String> wrong) {
    try (Connection first = connect(cluster, 0);
        Connection second = connect(cluster, 1);
        Connection third = connect(cluster, 2)) {
      while (!stop.get() && wrong.get().isEmpty()) {
        for (Connection connection : List.of(first, second, third)) {
          wrong.compareAndSet("", wrongAnswer(connection, version));
          reads.incrementAndGet();
        }
      }
    } catch (RuntimeException e) {
      wrong.set(String.valueOf(e));
    }
  }

  /** Ancestors go, a restart and an increment find the merged file, and so does a rollback. */
  private void checkWhatComesAfter(TestCluster cluster, long merged) throws IOException {
    pushIncrement(cluster, 8);
    long next = merged + 1;
    checkAll(cluster, next, 0, 1, 2);
    assertThat(cluster.metadata().tables().get("t").activeVersion()).isEqualTo(next);
    cluster
        .admin()
        .await(
            metadata ->
                metadata.tables().get("t").versions().headMap(merged).values().stream()
                    .allMatch(version -> version.state() == VersionState.DROPPED),
            TestCluster.PATIENCE);
    cluster.stop(1);
    cluster.restart(1);
    cluster.awaitState("n1", NodeState.UP);
    cluster.awaitHealthy();
    checkAll(cluster, next, 0, 1, 2);
    cluster.admin().propose(new Command.Rollback("t", 0));
    assertThat(cluster.metadata().tables().get("t").activeVersion()).isEqualTo(merged);
    checkAll(cluster, merged, 0, 1, 2);
    for (int node = 0; node < 3; node++) {
      Path own = cluster.dataOf(node).resolve("tables/t/" + merged);
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> !Files.exists(own.resolve("0.mdb")) && !Files.exists(own.resolve("1.mdb")));
    }
  }

  @Test
  void anotherNodeMergesWhereTheFirstIsLostAndADamagedFileComesAgain() throws Exception {
    try (TestCluster cluster = TestCluster.start(directory, merge, SETTINGS, "a", "b", "c")) {
      cluster.createTable("t", TableKind.IDX, 1, 1);
      long active = longChain(cluster);
      cluster.awaitHealthy();
      await().atMost(TestCluster.PATIENCE).until(() -> merge.targets.size() == 1);
      int first = 0;
      while (!merge.targets.getFirst().startsWith(cluster.dataOf(first))) {
        first++;
      }
      cluster.stop(first);
      cluster.awaitState("n" + first, NodeState.DOWN);
      merge.letGo();
      TableRecord table =
          cluster
              .admin()
              .await(
                  metadata ->
                      metadata.tables().get("t").versions().get(active).shards().get(0).merged()
                          != null,
                  TestCluster.PATIENCE)
              .tables()
              .get("t");
      assertThat(table.versions().get(active).shards().get(0).isMergeComplete()).isFalse();
      int other = (first + 1) % 3;
      checkAll(cluster, active, other, (first + 2) % 3);
      cluster.restart(first);
      awaitMerged(cluster, active);
      assertThat(merge.targets.size()).isEqualTo(2);
      cluster.stop(other);
      Path file = cluster.dataOf(other).resolve("tables/t/" + active + "/0.merged.mdb");
      byte[] sound = Files.readAllBytes(file);
      byte[] damaged = sound.clone();
      damaged[damaged.length / 2] ^= 1;
      Files.delete(file);
      Files.write(file, damaged);
      Path unregistered = file.resolveSibling("../" + (active - 1) + "/0.merged.mdb").normalize();
      Path cutShort = file.resolveSibling("0.merged.mdb.1-2.building");
      Files.write(unregistered, sound);
      Files.write(cutShort, new byte[7]);
      cluster.restart(other);
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> !Files.exists(unregistered) && !Files.exists(cutShort));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> Files.exists(file) && Arrays.equals(Files.readAllBytes(file), sound));
      cluster.awaitHealthy();
      checkAll(cluster, active, 0, 1, 2);
    }
  }
}
