package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Transport;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRunner;
import io.featurekv.node.reconcile.Reconciler;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.ValueStatus;
import io.featurekv.protocol.message.Routing;
import io.featurekv.protocol.message.RoutingRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes in this process, from a file to a served read. */
class ClusterTest {
  @TempDir Path directory;
  private Transport transport;

  @BeforeEach
  void startTransport() {
    transport = Transport.start(1);
  }

  @AfterEach
  void stopTransport() {
    transport.close();
  }

  private List<String> get(String listen, String table, long version, String... keys) {
    List<byte[]> bytes = new ArrayList<>();
    for (String key : keys) {
      bytes.add(key.getBytes(StandardCharsets.UTF_8));
    }
    try (Connection connection =
        transport.connect(Endpoint.parse(listen), Hello.client(""), Duration.ofSeconds(5)).join()) {
      BatchValues values =
          BatchValues.decode(
              connection
                  .call(
                      FrameType.BATCH_GET,
                      0,
                      BatchGetRequest.encode(table, version, 0, 5_000, bytes),
                      10_000)
                  .join()
                  .body());
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < values.count(); i++) {
        texts.add(text(values, i));
      }
      return texts;
    } catch (RuntimeException e) {
      throw FeatureKvException.from(e);
    }
  }

  private static String text(BatchValues values, int i) {
    return switch (values.status(i)) {
      case FOUND -> StandardCharsets.UTF_8.decode(values.value(i)).toString();
      case ABSENT -> "-";
      case FAILED -> "failed: " + values.errorMessage(i);
      case DEFERRED -> "deferred";
    };
  }

  private Path csv(String name, String... lines) throws IOException {
    Path file = directory.resolve(name);
    Files.write(file, List.of(lines));
    return file;
  }

  @Test
  void oneNodeServesWhatACsvFileSays() throws IOException {
    Path zips =
        csv("zips.csv", "zip,city", "00501,Holtsville", "90210,\"Beverly \"\"Hills\"\", CA\"");
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("zips", TableKind.MEM, 4);
      LoadReport report = cluster.load("zips", zips.toString(), UpdateMode.FULL, "zip");
      assertThat(report.state()).isEqualTo("ACTIVE");
      assertThat(report.entries()).isEqualTo(2);
      assertThat(get(cluster.node(0).listen(), "zips", 0, "00501", "90210", "501"))
          .containsExactly(
              "{\"city\":\"Holtsville\"}", "{\"city\":\"Beverly \\\"Hills\\\", CA\"}", "-");
    }
  }

  @Test
  void everyKindAnswersEveryGeneratedKeyFromEveryNode() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "a", "b")) {
      for (TableKind kind : TableKind.values()) {
        String table = "t-" + kind.word();
        cluster.createTable(table, kind, 5);
        LoadReport report =
            cluster.load(table, "generate:2000?valueBytes=40&version=1", UpdateMode.FULL);
        assertThat(report.entries()).isEqualTo(2000);
        for (int node = 0; node < 3; node++) {
          String listen = cluster.node(node).listen();
          // The leader has told of the activation; others hear of it a little later.
          await()
              .atMost(Duration.ofSeconds(30))
              .ignoreExceptionsMatching(
                  e -> String.valueOf(e.getMessage()).contains("has no active version yet"))
              .untilAsserted(() -> checkGenerated(listen, table, 2000, 1));
        }
      }
    }
  }

  private void checkGenerated(String listen, String table, int entries, long dataVersion) {
    GeneratedEntries expected =
        GeneratedEntries.parse("generate:" + entries + "?valueBytes=40&version=" + dataVersion);
    for (int from = 0; from < entries; from += 500) {
      List<byte[]> keys = new ArrayList<>();
      for (int i = from; i < from + 500; i++) {
        keys.add(GeneratedEntries.keyBytes(i));
      }
      try (Connection connection =
          transport
              .connect(Endpoint.parse(listen), Hello.client(""), Duration.ofSeconds(5))
              .join()) {
        BatchValues values =
            BatchValues.decode(
                connection
                    .call(
                        FrameType.BATCH_GET,
                        0,
                        BatchGetRequest.encode(table, 0, 0, 5_000, keys),
                        10_000)
                    .join()
                    .body());
        for (int i = 0; i < 500; i++) {
          assertThat(values.status(i)).as("key %d", from + i).isEqualTo(ValueStatus.FOUND);
          byte[] value = new byte[values.value(i).remaining()];
          values.value(i).get(value);
          assertThat(value).isEqualTo(expected.value(from + i));
        }
      }
    }
  }

  @Test
  void everyNodeTellsTheLeadersTime() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "a", "b")) {
      for (int node = 0; node < 3; node++) {
        Endpoint listen = Endpoint.parse(cluster.node(node).listen());
        try (Connection connection =
            transport.connect(listen, Hello.client(""), Duration.ofSeconds(5)).join()) {
          ByteBuffer request = ByteBuffer.wrap(RoutingRequest.getDefaultInstance().toByteArray());
          CompletableFuture<Reply> first = new CompletableFuture<>();
          connection.subscribe(
              FrameType.WATCH_ROUTING,
              0,
              request,
              new StreamListener() {
                @Override
                public void onFrame(Reply frame) {
                  first.complete(frame);
                }

                @Override
                public void onEnd(FeatureKvException reason) {
                  first.completeExceptionally(reason);
                }
              });
          Routing routing = Routing.parseFrom(first.join().body());
          assertThat(routing.getReadTimeMillis())
              .isCloseTo(System.currentTimeMillis(), Offset.offset(10_000L));
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @Test
  void incrementReplacesAddsAndDeletesAndRollbackUndoesIt() throws IOException {
    Path full = csv("full.csv", "k,v", "a,1", "b,2", "c,3");
    Path increment = csv("inc.csv", "k,v", "b,20", "d,4");
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("t", TableKind.IDX, 3);
      String listen = cluster.node(0).listen();
      assertThatThrownBy(() -> cluster.load("t", increment.toString(), UpdateMode.INCREMENTAL, "k"))
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
      long v1 = cluster.load("t", full.toString(), UpdateMode.FULL, "k").version();
      long v2 = cluster.load("t", increment.toString(), UpdateMode.INCREMENTAL, "k").version();
      assertThat(v2).isGreaterThan(v1);
      awaitActive(listen, "t", "b", "{\"v\":\"20\"}");
      assertThat(get(listen, "t", 0, "a", "b", "c", "d"))
          .containsExactly("{\"v\":\"1\"}", "{\"v\":\"20\"}", "{\"v\":\"3\"}", "{\"v\":\"4\"}");
      assertThat(get(listen, "t", v1, "b", "d")).containsExactly("{\"v\":\"2\"}", "-");
      cluster.admin().propose(new Command.Rollback("t", 0));
      awaitActive(listen, "t", "b", "{\"v\":\"2\"}");
      assertThat(cluster.metadata().tables().get("t").versions().get(v2).state())
          .isEqualTo(VersionState.ROLLED_BACK);
      cluster.admin().propose(new Command.ActivateVersion("t", v2));
      awaitActive(listen, "t", "b", "{\"v\":\"20\"}");
    }
  }

  private void awaitActive(String listen, String table, String key, String value) {
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> get(listen, table, 0, key).equals(List.of(value)));
  }

  @Test
  void sameOperationIdReturnsTheFirstResultAndOtherInputsAreRefused() throws IOException {
    Path file = csv("f.csv", "k,v", "a,1");
    Path other = csv("g.csv", "k,v", "a,2");
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("t", TableKind.MEM, 2);
      var request = cluster.request("t", file.toString(), UpdateMode.FULL, "job-1", "k");
      LoadReport first = LoadRunner.run(cluster.admin(), request, TestCluster.quiet());
      LoadReport again = LoadRunner.run(cluster.admin(), request, TestCluster.quiet());
      assertThat(again.version()).isEqualTo(first.version());
      assertThat(again.entries()).isEqualTo(1);
      assertThatThrownBy(
              () ->
                  LoadRunner.run(
                      cluster.admin(),
                      cluster.request("t", other.toString(), UpdateMode.FULL, "job-1", "k"),
                      TestCluster.quiet()))
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
  }

  /**
   * As when a node dies between deleting files and telling the metadata of it. A restarted node
   * that still takes the version for retained may fetch the files once more before it hears of the
   * drop; then they stay for the grace of readers.
   */
  @Test
  void filesThatAreGoneAfterARestartAreTakenBackInTheMetadata() throws IOException {
    try (TestCluster cluster = TestCluster.start(directory, "a", "a", "b")) {
      cluster.createTable("t", TableKind.MEM, 2);
      cluster.load("t", "generate:100?valueBytes=40&version=1", UpdateMode.FULL);
      cluster.load("t", "generate:100?valueBytes=40&version=2", UpdateMode.FULL);
      cluster.stop(2);
      cluster.awaitState("n2", NodeState.DOWN);
      cluster.admin().propose(new Command.DropVersion("t", 1));
      Path dropped = cluster.dataOf(2).resolve("tables/t/1");
      try (var files = Files.list(dropped)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      cluster.restart(2);
      cluster
          .admin()
          .await(
              m ->
                  m.tables().get("t").versions().get(1L).shards().stream()
                      .noneMatch(shard -> shard.holders().containsKey("n2")),
              TestCluster.PATIENCE.plusMillis(Reconciler.GRACE_MILLIS));
    }
  }

  @Test
  void clusterOfThreeLosesOneTakesALoadAndTheLostOneCatchesUp() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "a", "b")) {
      cluster.createTable("t", TableKind.MEM, 4);
      cluster.load("t", "generate:1000?valueBytes=40&version=1", UpdateMode.FULL);
      cluster.stop(1);
      cluster.awaitState("n1", NodeState.DOWN);
      LoadReport report =
          cluster.load("t", "generate:1000?valueBytes=40&version=2", UpdateMode.FULL);
      assertThat(report.state()).isEqualTo("ACTIVE");
      checkGenerated(cluster.node(0).listen(), "t", 1000, 2);
      checkGenerated(cluster.node(2).listen(), "t", 1000, 2);
      cluster.restart(1);
      cluster.awaitHealthy();
      checkGenerated(cluster.node(1).listen(), "t", 1000, 2);
    }
  }

  @Test
  void restartOfAllKeepsEverythingAcknowledged() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b")) {
      cluster.createTable("t", TableKind.BLK, 3);
      cluster.load("t", "generate:1000?valueBytes=40&version=1", UpdateMode.FULL);
      cluster.stop(0);
      cluster.stop(1);
      cluster.restart(0);
      cluster.restart(1);
      cluster.awaitHealthy();
      checkGenerated(cluster.node(0).listen(), "t", 1000, 1);
      checkGenerated(cluster.node(1).listen(), "t", 1000, 1);
    }
  }

  @Test
  void nodeServesWhatItHasWithNoVoterInReach() {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b")) {
      cluster.createTable("t", TableKind.MEM, 3);
      cluster.load("t", "generate:1000?valueBytes=40&version=1", UpdateMode.FULL);
      cluster.awaitHealthy();
      cluster.stop(0);
      cluster.stop(1);
      cluster.restart(1);
      await()
          .atMost(TestCluster.PATIENCE)
          .ignoreExceptions()
          .until(() -> !get(cluster.node(1).listen(), "t", 0, "x").isEmpty());
      checkGenerated(cluster.node(1).listen(), "t", 1000, 1);
      assertThatThrownBy(() -> cluster.admin().propose(new Command.DropTable("t")))
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code().exitCode()).isEqualTo(75));
    }
  }

  @Test
  void nodesOfTwoClustersRefuseEachOther() {
    try (TestCluster one = TestCluster.start(directory.resolve("one"), "a");
        TestCluster two = TestCluster.start(directory.resolve("two"), "a")) {
      assertThatThrownBy(
              () ->
                  transport
                      .connect(
                          Endpoint.parse(one.node(0).listen()),
                          Hello.peer(two.node(0).clusterId(), "n9"),
                          Duration.ofSeconds(5))
                      .join())
          .hasCauseInstanceOf(FeatureKvException.class)
          .hasMessageContaining(one.node(0).clusterId());
    }
  }

  @Test
  void flippedByteAtRestIsFoundAtStartAndTheFileComesAgainFromAnotherNode() throws IOException {
    try (TestCluster cluster = TestCluster.start(directory, "a", "b")) {
      cluster.createTable("t", TableKind.MEM, 1);
      long version =
          cluster.load("t", "generate:1000?valueBytes=40&version=1", UpdateMode.FULL).version();
      cluster.stop(1);
      Path file = cluster.dataOf(1).resolve("tables/t/" + version + "/0.mdb");
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.delete(file);
      Files.write(file, bytes);
      cluster.restart(1);
      byte[] damaged = bytes.clone();
      bytes[bytes.length / 2] ^= 1;
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> Files.exists(file) && !Arrays.equals(Files.readAllBytes(file), damaged));
      assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
      cluster.awaitHealthy();
      checkGenerated(cluster.node(1).listen(), "t", 1000, 1);
    }
  }
}
