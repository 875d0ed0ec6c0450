package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /**
   * Who wants bytes takes the plain face: nulls for absent keys, exceptions for everything else.
   */
  @Test
  void step10ReadPlainBytes() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      PlainReads reads = client.plain();
      assertThat(reads.get("users", "ada")).isEqualTo(Keys.utf8("users/2/ada"));
      assertThat(reads.get("users", Keys.utf8("-nobody"))).isNull();

      List<byte[]> values = reads.getAll("users", Keys.utf8(List.of("alan", "-nobody")));
      assertThat(values).containsExactly(Keys.utf8("users/2/alan"), null);

      Map<String, byte[]> found = reads.getAll("users", Set.of("ada", "-nobody"));
      assertThat(found).containsOnlyKeys("ada");
    }
  }

  /** All or nothing: one key that cannot be read in time fails the batch. */
  @Test
  void step11ReadAllOrNothing() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      client.blocking().tables();
      cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
      ReadOptions options =
          ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(100)).withAllowPartial(false);
      try {
        client.blocking().batchGet("users", Keys.utf8(List.of("ada", "alan")), options);
        throw new AssertionError("nobody answers");
      } catch (FeatureKvException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE);
        assertThat(e).hasMessageContaining("2 of 2 keys failed");
      }
    }
  }

  /**
   * Where copies are too much, a reader looks at the answers in the memory that they were received
   * into. It runs on a network thread, and what it looks at is gone when it returns.
   */
  @Test
  void step12ReadWithoutCopies() throws Exception {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      List<byte[]> keys = Keys.utf8(List.of("ada", "-nobody", "alan"));
      CompletableFuture<Integer> firstBytes =
          client.batchGet(
              "users",
              keys,
              ReadOptions.DEFAULT,
              view -> {
                int sum = 0;
                for (int i = 0; i < view.size(); i++) {
                  if (view.status(i) == KeyStatus.FOUND) {
                    sum += view.getInt(i, 0) & 0xFF;
                  }
                }
                return sum;
              });
      assertThat(firstBytes.get(10, TimeUnit.SECONDS)).isEqualTo(2 * 'u');

      // Several values into one array of the caller's.
      byte[] row = new byte[64];
      int length =
          client
              .blocking()
              .batchGet(
                  "users",
                  keys,
                  ReadOptions.DEFAULT,
                  view -> {
                    int at = view.copyValue(0, row, 0);
                    return at + view.copyValue(2, row, at);
                  });
      assertThat(new String(row, 0, length, StandardCharsets.UTF_8))
          .isEqualTo("users/2/adausers/2/alan");
    }
  }

  /** What several calls read fits together when they read one snapshot. */
  @Test
  void step13ReadASnapshot() {
    cluster.table("items", "lamp").version("items", 5, 2).activate("items", 5).publish();
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      Snapshot snapshot = client.blocking().snapshot("users", "items");
      assertThat(snapshot.version("items")).isEqualTo(5);

      // Another version becomes active; the snapshot does not move.
      cluster.activate("users", 1).publish();
      BatchResult users = snapshot.blocking().batchGet("users", Keys.utf8(List.of("ada")));
      assertThat(users.version()).isEqualTo(2);
      assertThat(users.readTimeMillis()).isEqualTo(snapshot.readTimeMillis());
      assertThat(snapshot.plain().get("items", "lamp")).isEqualTo(Keys.utf8("items/5/lamp"));
      assertThat(snapshot.scan("users", ScanOptions.ALL).version()).isEqualTo(2);
    }
  }

  /** A token carries a snapshot to another process, as long as its versions are kept. */
  @Test
  void step14GoOnWithASnapshotElsewhere() {
    String token;
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      token = client.blocking().snapshot("users").token().toString();
    }
    cluster.version("users", 3, 4).activate("users", 3).publish();
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      Snapshot snapshot = client.blocking().snapshot(SnapshotToken.parse(token));
      assertThat(snapshot.plain().get("users", "ada")).isEqualTo(Keys.utf8("users/2/ada"));

      cluster.drop("users", 2).publish();
      try {
        snapshot.plain().get("users", "ada");
        throw new AssertionError("version 2 is gone");
      } catch (FeatureKvException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_GONE);
      }
    }
  }

  /** An application that reads key by key can have its gets sent together. */
  @Test
  void step15SendSingleGetsTogether() {
    ClientConfig config =
        ClientConfig.of(endpoints()).withSingleGetWindow(Duration.ofNanos(200_000));
    try (FeatureKvClient client = FeatureKvClient.connect(config)) {
      List<CompletableFuture<Optional<byte[]>>> gets = new ArrayList<>();
      for (String key : List.of("ada", "-nobody", "alan", "barbara")) {
        gets.add(client.get("users", Keys.utf8(key)));
      }
      assertThat(gets.get(0).join()).contains(Keys.utf8("users/2/ada"));
      assertThat(gets.get(1).join()).isEmpty();
    }
  }

  /**
   * A table may have columns. Whoever names some is sent those alone, and reads them by name or by
   * index, in the order in which they were named.
   */
  @Test
  void step16ReadColumnsOfRows() {
    cluster.table("people", "ada", "barbara").version("people", 3, 2);
    cluster.activate("people", 3).publish();
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      assertThat(client.blocking().tables().get(0).columns())
          .extracting(RowColumn::toString)
          .containsExactly("name:string", "born:int64", "score:float=0.5", "emb:list<float>?");

      List<byte[]> keys = Keys.utf8(List.of("ada", "-nobody", "barbara"));
      ReadOptions columns = ReadOptions.columns("born", "emb");
      BatchResult result = client.blocking().batchGet("people", keys, columns);
      RowView ada = result.row(0);
      assertThat(ada.getLong("born")).isEqualTo(1803);
      assertThat(ada.getFloats("emb")).containsExactly(3, 0.25f);
      assertThat(ada.columns()).extracting(RowColumn::name).containsExactly("born", "emb");
      assertThat(result.row(1)).isNull();
      assertThat(result.row(2).isNull("emb")).isTrue();

      // One row, all of its columns, bytes aside.
      RowView row = client.plain().getRow("people", "ada");
      assertThat(row.getString("name")).isEqualTo("ada");
      assertThat(row.getDouble("score")).isEqualTo(0.5);

      // Where copies are too much: one view that moves from row to row, columns by index.
      long sum =
          client
              .blocking()
              .batchGet(
                  "people",
                  Keys.utf8(List.of("ada", "barbara")),
                  columns,
                  view -> view.row(0).getLong(0) + view.row(1).getLong(0));
      assertThat(sum).isEqualTo(2 * 1803);

      TableScan scan = client.scan("people", ScanOptions.ALL.withColumns("name"));
      assertThat(scan.next().row().getString(0)).isEqualTo("ada");

      // A column that is not there is a mistake, and the message says what is.
      try {
        client.plain().getRow("people", "ada", "borm");
        throw new AssertionError("there is no such column");
      } catch (FeatureKvException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(e).hasMessageContaining("no column 'borm'; it has name, born, score, emb");
      }
    }
  }

  /** What the client did: whether it hedges and retries more than it should. */
  @Test
  void step17WatchTheClient() {
    try (FeatureKvClient client = FeatureKvClient.connect(endpoints())) {
      client.blocking().batchGet("users", Keys.utf8(List.of("ada", "alan", "edsger")));
      ClientStatistics statistics = client.statistics();
      assertThat(statistics.reads()).isEqualTo(1);
      assertThat(statistics.firstTries()).isPositive();
      assertThat(statistics.ejections()).isZero();
    }
  }
}
