package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.client.BatchResult;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRunner;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions on trial in one of two sects. The data of version V are generated as V. */
class CanaryClusterTest {
  private static final int ENTRIES = 1_000;
  private static final long LONG_MILLIS = 3_600_000;
  private static final CanaryPlan IN_B = new CanaryPlan("b", LONG_MILLIS);

  @TempDir Path directory;
  private final ExecutorService loads = Executors.newCachedThreadPool();

  @AfterEach
  void stopLoads() {
    loads.shutdownNow();
  }

  private static String input(long version) {
    return "generate:" + ENTRIES + "?valueBytes=40&version=" + version;
  }

  private static FeatureKvClient near(TestCluster cluster, String sect) {
    return FeatureKvClient.connect(
        new ClientConfig(
            cluster.endpoints(), TestCluster.PATIENCE, sect, "", 1, true, 1, Duration.ZERO));
  }

  private CompletableFuture<LoadReport> load(
      TestCluster cluster, String table, long version, CanaryPlan plan) {
    return CompletableFuture.supplyAsync(
        () ->
            LoadRunner.run(
                cluster.admin(),
                cluster
                    .request(table, input(version), UpdateMode.FULL, table + version)
                    .withCanary(plan),
                TestCluster.quiet()),
        loads);
  }

  private static void awaitTrial(TestCluster cluster, String table, long version) {
    cluster
        .admin()
        .await(
            metadata -> {
              TableRecord record = metadata.tables().get(table);
              return record.canary() != null && record.canary().version() == version;
            },
            TestCluster.PATIENCE);
  }

  /** Reads every key in one batch, checks that all are of one version, and tells which. */
  private static long readAll(FeatureKvClient client, String table) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < ENTRIES; i++) {
      keys.add(GeneratedEntries.keyBytes(i));
    }
    BatchResult result = client.blocking().batchGet(table, keys);
    GeneratedEntries expected = GeneratedEntries.parse(input(result.version()));
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(result.value(i))
          .as("key %d of version %d", i, result.version())
          .isEqualTo(expected.value(i));
    }
    return result.version();
  }

  /** What a reader sees who names no version. */
  private static long versionThatANodeChooses(TestCluster cluster, int node) {
    Endpoint listen = Endpoint.parse(cluster.node(node).listen());
    try (Transport transport = Transport.start(1);
        Connection connection =
            transport.connect(listen, Hello.client(""), TestCluster.PATIENCE).join()) {
      ByteBuffer request =
          BatchGetRequest.encode("t", 0, 0, 5_000, List.of(GeneratedEntries.keyBytes(1)));
      return BatchValues.decode(
              connection.call(FrameType.BATCH_GET, 0, request, 10_000).join().body())
          .version();
    }
  }

  private static void awaitRead(FeatureKvClient client, String table, long version) {
    await().atMost(TestCluster.PATIENCE).until(() -> readAll(client, table) == version);
  }

  private static String whyFailed(CompletableFuture<LoadReport> load) {
    return FeatureKvException.from(load.handle((_, failure) -> failure).join()).getMessage();
  }

  @Test
  void aCanaryIsReadInItsSectAloneUntilItIsDecided() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b");
        FeatureKvClient nearA = near(cluster, "a");
        FeatureKvClient nearB = near(cluster, "b")) {
      cluster.createTable("t", TableKind.MEM, 3);
      // With nothing to compare with, the first one is no canary.
      assertThat(load(cluster, "t", 1, IN_B).join().trial()).isNull();

      CompletableFuture<LoadReport> second = load(cluster, "t", 2, IN_B);
      awaitTrial(cluster, "t", 2);
      awaitRead(nearB, "t", 2);
      for (int i = 0; i < 20; i++) {
        assertThat(readAll(nearA, "t")).isEqualTo(1);
        assertThat(readAll(nearB, "t")).isEqualTo(2);
      }
      assertThat(versionThatANodeChooses(cluster, 0)).isEqualTo(1);
      assertThat(versionThatANodeChooses(cluster, 1)).isEqualTo(2);
      assertThat(second).isNotDone();
      cluster.admin().propose(new Command.ActivateVersion("t", 2));
      assertThat(second.join().state()).isEqualTo("ACTIVE");
      awaitRead(nearA, "t", 2);

      CompletableFuture<LoadReport> third = load(cluster, "t", 3, IN_B);
      awaitTrial(cluster, "t", 3);
      awaitRead(nearB, "t", 3);
      cluster.admin().propose(new Command.Rollback("t", 0));
      assertThat(whyFailed(third)).contains("in favour of version 2");
      awaitRead(nearB, "t", 2);

      LoadReport fourth = load(cluster, "t", 4, new CanaryPlan("b", 1)).join();
      assertThat(fourth.state()).isEqualTo("ACTIVE");
      assertThat(fourth.trial()).isNotNull();
      awaitRead(nearA, "t", 4);
      awaitRead(nearB, "t", 4);
    }
  }

  @Test
  void aCanaryThatCannotBeReadGoesBackAndNobodyMissesAnything() throws IOException {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b");
        FeatureKvClient nearA = near(cluster, "a");
        FeatureKvClient nearB = near(cluster, "b")) {
      cluster.createTable("t", TableKind.BLK, 2);
      load(cluster, "t", 1, null).join();
      CompletableFuture<LoadReport> second = load(cluster, "t", 2, IN_B);
      awaitTrial(cluster, "t", 2);
      damage(cluster.dataOf(1).resolve("tables/t/2"));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(
              () -> {
                readAll(nearB, "t");
                assertThat(readAll(nearA, "t")).isEqualTo(1);
                return second.isDone();
              });
      assertThat(whyFailed(second))
          .contains("canary: ")
          .contains(" reads of version 2 in sect b failed")
          .contains("at most 0.10 % may")
          .contains("of version 1 0 of ");
      TableRecord table = cluster.metadata().tables().get("t");
      assertThat(table.canary()).isNull();
      assertThat(table.activeVersion()).isEqualTo(1);
      assertThat(table.versions().get(2L).state()).isEqualTo(VersionState.ROLLED_BACK);
      assertThat(cluster.metadata().tasks().get("t2").state()).isEqualTo(TaskState.FAILED);
      awaitRead(nearB, "t", 1);
    }
  }

  /** Overwrites the middle of every shard file, which stays as long as it is. */
  private static void damage(Path version) throws IOException {
    try (Stream<Path> files = Files.list(version)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".mdb")).toList()) {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          byte[] garbage = new byte[(int) (channel.size() / 2)];
          Arrays.fill(garbage, (byte) 0x55);
          channel.write(ByteBuffer.wrap(garbage), channel.size() / 4);
        }
      }
    }
  }
}
