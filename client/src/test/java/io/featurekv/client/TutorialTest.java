package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How to use the client, from the first read to what can go wrong. Read it from top to bottom. */
class TutorialTest {
  // Two sects, "near" and "far"; the table "users" has versions 1 and 2, and 2 is active.
  private final FakeCluster cluster = FakeCluster.of("near", "near", "far");

  @BeforeEach
  void startCluster() {
    cluster.table("users", "ada", "alan", "barbara", "edsger");
    cluster.version("users", 1, 4).version("users", 2, 4).activate("users", 2).publish();
  }

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private String endpoints() {
    return String.join(",", cluster.endpoints().stream().map(Endpoint::toString).toList());
  }

  /** One client serves a whole application; it finds the other nodes by itself. */
  @Test
  void step1ReadOneKey() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      Optional<byte[]> value = client.blocking().get("users", Keys.utf8("ada"));
      assertThat(value).contains(Keys.utf8("users/2/ada"));

      // A key without an entry is not an error.
      assertThat(client.blocking().get("users", Keys.utf8("-nobody"))).isEmpty();
    }
  }

  /** Batches are what it is made for: all answers are of one version, absent keys included. */
  @Test
  void step2ReadManyKeysAtOneVersion() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      List<byte[]> keys = Keys.utf8(List.of("ada", "-nobody", "barbara"));
      BatchResult result = client.blocking().batchGet("users", keys);

      assertThat(result.version()).isEqualTo(2);
      assertThat(result.status(0)).isEqualTo(KeyStatus.FOUND);
      assertThat(result.text(0)).isEqualTo("users/2/ada");
      assertThat(result.status(1)).isEqualTo(KeyStatus.ABSENT);
      assertThat(result.value(1)).isNull();

      Map<String, String> found = result.foundTexts();
      assertThat(found).containsOnlyKeys("ada", "barbara");
    }
  }

  /** The same without waiting. What hangs on the future runs on a network thread: keep it short. */
  @Test
  void step3ReadWithoutWaiting() throws Exception {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      CompletableFuture<Integer> found =
          client
              .batchGet("users", Keys.utf8(List.of("ada", "alan")))
              .thenApply(result -> result.count(KeyStatus.FOUND));
      assertThat(found.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    }
  }

  /** A version that was read once can be read again, as long as the table keeps it. */
  @Test
  void step4ReadAnEarlierVersion() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      ReadOptions atVersion1 = ReadOptions.DEFAULT.withVersion(1);
      BatchResult result =
          client.blocking().batchGet("users", Keys.utf8(List.of("ada")), atVersion1);
      assertThat(result.version()).isEqualTo(1);
      assertThat(result.text(0)).isEqualTo("users/1/ada");
    }
  }

  /** Scans go over all shards, in the order of the keys, at one version too. */
  @Test
  void step5ScanARange() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      TableScan scan = client.scan("users", ScanOptions.ALL.withPrefix(Keys.utf8("a")));
      List<byte[]> keys = new ArrayList<>();
      while (scan.hasNext()) {
        keys.add(scan.next().key());
      }
      assertThat(keys).containsExactly(Keys.utf8("ada"), Keys.utf8("alan"));
    }
  }

  /** What there is to read. */
  @Test
  void step6ListTables() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      assertThat(client.blocking().tables())
          .containsExactly(new TableInfo("users", "mem", 2, 4, List.of(1L, 2L)));
    }
  }

  /** Where to start, how long to wait, and which sect is nearby. */
  @Test
  void step7Configure() {
    ClientConfig config =
        ClientConfig.of(endpoints()).withTimeout(Duration.ofSeconds(2)).withPreferredSect("near");
    try (FeatureKvClient client = FeatureKvClient.connect(config)) {
      client.blocking().batchGet("users", Keys.utf8(List.of("ada", "alan", "edsger")));
      assertThat(cluster.node(2).reads.get()).isZero();
    }
  }

  /** Nodes may come and go: the others answer, and the caller sees nothing of it. */
  @Test
  void step8LoseANode() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      List<byte[]> keys = Keys.utf8(List.of("ada", "alan", "barbara", "edsger"));
      client.blocking().batchGet("users", keys);
      cluster.node(0).kill();
      BatchResult result = client.blocking().batchGet("users", keys);
      assertThat(result.count(KeyStatus.FOUND)).isEqualTo(4);
    }
  }

  /** Errors have a code and a message for a person. */
  @Test
  void step9HandleErrors() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      try {
        client.blocking().batchGet("user", Keys.utf8(List.of("ada")));
        throw new AssertionError("there is no such table");
      } catch (FeatureKvException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(e).hasMessageContaining("no table 'user'");
      }

      // When only some keys cannot be read in time, they alone are FAILED, and say why.
      client.blocking().tables();
      cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
      BatchResult result =
          client
              .blocking()
              .batchGet(
                  "users",
                  Keys.utf8(List.of("ada")),
                  ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(100)));
      assertThat(result.status(0)).isEqualTo(KeyStatus.FAILED);
      FeatureKvException why = result.error(0);
      assertThat(why).isNotNull();
      assertThat(why.code()).isEqualTo(ErrorCode.DEADLINE);
    }
  }
}
