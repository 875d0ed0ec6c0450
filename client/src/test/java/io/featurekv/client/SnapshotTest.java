package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several tables at one moment, for many calls, and elsewhere. */
@Timeout(60)
class SnapshotTest {
  private static final List<byte[]> KEYS = Keys.utf8(List.of("ada", "-none", "vera"));

  private final FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  @BeforeEach
  void open() {
    cluster.table("t", "ada", "vera").version("t", 1, 4).version("t", 2, 4).activate("t", 2);
    cluster.table("u", "ada").version("u", 7, 2).activate("u", 7).table("empty").publish();
    // No hedges, so that no node hears of a read after it has ended.
    client = FeatureKvClient.connect(cluster.config().withHedging(false));
  }

  @AfterEach
  void closeAll() {
    client.close();
    cluster.close();
  }

  private static void fails(ErrorCode code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FeatureKvException.class, error -> assertThat(error.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static SnapshotToken with(SnapshotToken token, long index, long readTimeMillis) {
    return new SnapshotToken(token.clusterId(), index, readTimeMillis, token.versions());
  }

  @Test
  void keepsItsVersionsAndItsTimeWhateverBecomesActive() {
    Snapshot snapshot = client.blocking().snapshot("t", "u", "t");
    assertThat(snapshot.tables()).containsExactly("t", "u");
    assertThat(snapshot.version("u")).isEqualTo(7);
    cluster.version("t", 3, 9).activate("t", 3).publish();
    Eventually.holds(() -> client.blocking().batchGet("t", KEYS).version() == 3);
    cluster.nodes().forEach(node -> node.readTimes.clear());
    BatchResult result = snapshot.blocking().batchGet("t", KEYS);
    assertThat(result.version()).isEqualTo(2);
    assertThat(result.readTimeMillis()).isEqualTo(snapshot.readTimeMillis());
    assertThat(result.text(0)).isEqualTo("t/2/ada");
    assertThat(snapshot.blocking().get("u", Keys.utf8("ada"))).contains(Keys.utf8("u/7/ada"));
    assertThat(snapshot.plain().getAll("t", List.of("ada", "-none"))).containsOnlyKeys("ada");
    long version = snapshot.blocking().batchGet("t", KEYS, ReadOptions.DEFAULT, BatchView::version);
    assertThat(version).isEqualTo(2);
    TableScan scan = snapshot.scan("t", ScanOptions.ALL);
    List<byte[]> keys = new ArrayList<>();
    scan.forEachRemaining(entry -> keys.add(entry.key()));
    assertThat(keys).containsExactly(Keys.utf8("ada"), Keys.utf8("vera"));
    assertThat(scan.version()).isEqualTo(2);
    cluster
        .nodes()
        .forEach(node -> assertThat(node.readTimes).allMatch(snapshotTime(snapshot)::equals));
  }

  private static Long snapshotTime(Snapshot snapshot) {
    return snapshot.readTimeMillis();
  }

  @Test
  void goesOnElsewhereByItsToken() {
    Snapshot first = client.blocking().snapshot("t", "u");
    String text = first.token().toString();
    cluster.activate("t", 1).publish();
    try (FeatureKvClient other = FeatureKvClient.connect(cluster.config())) {
      Snapshot second = other.blocking().snapshot(SnapshotToken.parse(text));
      assertThat(second.token()).isEqualTo(first.token());
      assertThat(second.blocking().batchGet("t", KEYS).version()).isEqualTo(2);
      assertThat(second.readTimeMillis()).isEqualTo(first.readTimeMillis());
      assertThat(second.token().toString()).isEqualTo(text).matches("fks1\\.[A-Za-z0-9_-]+");
    }
  }

  @Test
  void refusesTablesAndVersionsThatItDoesNotHave() {
    fails(ErrorCode.INVALID_ARGUMENT, "1 to", () -> client.blocking().snapshot());
    fails(ErrorCode.NOT_FOUND, "'x'", () -> client.blocking().snapshot("t", "x"));
    fails(ErrorCode.NOT_FOUND, "no active", () -> client.blocking().snapshot("t", "empty"));
    Snapshot snapshot = client.blocking().snapshot("t");
    fails(ErrorCode.INVALID_ARGUMENT, "it has [t]", () -> snapshot.blocking().batchGet("u", KEYS));
    fails(ErrorCode.INVALID_ARGUMENT, "it has [t]", () -> snapshot.version("u"));
    fails(ErrorCode.INVALID_ARGUMENT, "it has [t]", () -> snapshot.scan("u", ScanOptions.ALL));
    fails(
        ErrorCode.INVALID_ARGUMENT,
        "not 1",
        () -> snapshot.blocking().batchGet("t", KEYS, ReadOptions.DEFAULT.withVersion(1)));
  }

  @Test
  void isGoneWhenAVersionIsNoLongerKeptAlsoWhenOnlyTheNodesKnow() {
    Snapshot snapshot = client.blocking().snapshot("t");
    snapshot.blocking().batchGet("t", KEYS);
    cluster.version("t", 3, 4).activate("t", 3).drop("t", 2);
    fails(ErrorCode.SNAPSHOT_GONE, "'t'", () -> snapshot.blocking().batchGet("t", KEYS));
    cluster.publish();
    fails(ErrorCode.SNAPSHOT_GONE, "'t'", () -> snapshot.blocking().batchGet("t", KEYS));
    fails(ErrorCode.SNAPSHOT_GONE, "'t'", () -> snapshot.scan("t", ScanOptions.ALL));
    fails(ErrorCode.SNAPSHOT_GONE, "'t'", () -> client.blocking().snapshot(snapshot.token()));
  }

  @Test
  void isGoneAfterADay() {
    Snapshot fresh = client.blocking().snapshot("t");
    long tooOld = fresh.readTimeMillis() - Snapshot.MAX_AGE_MILLIS - 1;
    SnapshotToken old = with(fresh.token(), fresh.token().metadataIndex(), tooOld);
    fails(ErrorCode.SNAPSHOT_GONE, "minutes old", () -> client.blocking().snapshot(old));
    SnapshotToken young = with(fresh.token(), fresh.token().metadataIndex(), tooOld + 3_600_000);
    assertThat(client.blocking().snapshot(young).blocking().batchGet("t", KEYS).readTimeMillis())
        .isEqualTo(young.readTimeMillis());
  }

  @Test
  void refusesAnotherClustersToken() {
    SnapshotToken token = client.blocking().snapshot("t").token();
    SnapshotToken other =
        new SnapshotToken("c2", token.metadataIndex(), token.readTimeMillis(), token.versions());
    fails(ErrorCode.WRONG_CLUSTER, "c2", () -> client.blocking().snapshot(other));
  }

  @Test
  void isUnavailableWhereNobodyKnowsTheClusterAsItWas() {
    SnapshotToken token = client.blocking().snapshot("t").token();
    SnapshotToken ahead = with(token, token.metadataIndex() + 1, token.readTimeMillis());
    client.close();
    client = FeatureKvClient.connect(cluster.config().withTimeout(Duration.ofMillis(600)));
    fails(ErrorCode.UNAVAILABLE, "metadata index", () -> client.blocking().snapshot(ahead));
    client.close();
    client = FeatureKvClient.connect(cluster.config());
    var opening = client.snapshot(ahead);
    // Whenever the news come, before or after the client has looked.
    cluster.publish();
    assertThat(opening.join().blocking().batchGet("t", KEYS).version()).isEqualTo(2);
  }

  @Test
  void endsByItsDeadlineWhenNobodySpeaks() {
    SnapshotToken token = client.blocking().snapshot("t").token();
    client.close();
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    client = FeatureKvClient.connect(cluster.config().withTimeout(Duration.ofMillis(200)));
    for (var opening : List.of(client.snapshot("t"), client.snapshot(token))) {
      assertThat(opening.handle((snapshot, error) -> FeatureKvException.from(error).code()).join())
          .isIn(ErrorCode.UNAVAILABLE, ErrorCode.DEADLINE);
    }
  }

  @Test
  void doesNotParseADamagedToken() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    TreeMap<String, Long> versions = new TreeMap<>(Map.of("users", 12L, "items", 7L));
    SnapshotToken token = new SnapshotToken("c1", 4711, 1_795_305_600_789L, versions);
    String text = token.toString();
    assertThat(SnapshotToken.parse(text)).isEqualTo(token);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder damaged = new StringBuilder(text);
      switch (random.nextInt(3)) {
        case 0 -> damaged.setLength(random.nextInt(text.length()));
        case 1 -> damaged.append((char) ('a' + random.nextInt(26)));
        default ->
            damaged.setCharAt(random.nextInt(text.length()), (char) (' ' + random.nextInt(95)));
      }
      if (!damaged.toString().equals(text)) {
        fails(
            ErrorCode.INVALID_ARGUMENT,
            "snapshot token",
            () -> SnapshotToken.parse(damaged.toString()));
      }
    }
    fails(
        ErrorCode.INVALID_ARGUMENT,
        "does not know",
        () -> SnapshotToken.parse(text.replace("fks1", "fks2")));
  }

  @Test
  void aTokenStaysWhatItIs() {
    // A token that was handed out must be read by later releases too.
    String golden = "fks1.AmMxZxIAAAAAAAAVd40AogEAAAEABXVzZXJzDAAAAAAAAABfii-B";
    SnapshotToken token =
        new SnapshotToken("c1", 4711, 1_795_305_600_789L, new TreeMap<>(Map.of("users", 12L)));
    assertThat(token.toString()).isEqualTo(golden);
    assertThat(SnapshotToken.parse(golden)).isEqualTo(token);
  }
}
