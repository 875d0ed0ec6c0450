package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FeatureKvClientTest {
  private static final List<String> MANY = new ArrayList<>();

  static {
    for (int i = 0; i < 60; i++) {
      MANY.add("key" + i);
      MANY.add("-gone" + i);
      MANY.add("v" + i);
    }
  }

  private FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  @AfterEach
  void closeAll() {
    if (client != null) {
      client.close();
    }
    cluster.close();
  }

  private FeatureKvClient open() {
    cluster.table("t", MANY.toArray(String[]::new)).version("t", 1, 8).version("t", 2, 8);
    cluster.activate("t", 2).publish();
    client = FeatureKvClient.connect(cluster.config());
    return client;
  }

  /** Every answer is the one of the version that the result names; returns that version. */
  private static long checkAll(BatchResult result, List<String> keys) {
    assertThat(result.size()).isEqualTo(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      String expected = FakeCluster.value(result.table(), result.version(), keys.get(i));
      assertThat(result.error(i)).as("error of %s", keys.get(i)).isNull();
      assertThat(result.text(i)).isEqualTo(expected);
    }
    return result.version();
  }

  private long readAll() {
    return checkAll(client.blocking().batchGet("t", Keys.utf8(MANY)), MANY);
  }

  private static ErrorCode codeOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(30, TimeUnit.SECONDS);
      throw new AssertionError("it succeeded");
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(FeatureKvException.class);
      return ((FeatureKvException) e.getCause()).code();
    }
  }

  @Test
  void answersEveryKeyInOrderAtTheActiveVersion() {
    open();
    assertThat(readAll()).isEqualTo(2);
  }

  @Test
  void asksEveryPartAndEveryRetryAtOneReadTime() {
    cluster.node(0).mood = FakeNode.Mood.BROKEN;
    cluster.nodes().forEach(node -> node.maxBatchKeys = 7);
    cluster.nodes().forEach(node -> node.valuesPerReply = 2);
    cluster.nodes().forEach(node -> node.beforeRead = FeatureKvClientTest::passSomeTime);
    open().close();
    client = FeatureKvClient.connect(cluster.config().withPreferredSect("a"));
    long last = FakeCluster.READ_TIME_MILLIS - 1;
    for (int batch = 0; batch < 3; batch++) {
      cluster.nodes().forEach(node -> node.readTimes.clear());
      readAll();
      List<Long> times = new ArrayList<>();
      cluster.nodes().forEach(node -> times.addAll(node.readTimes));
      assertThat(times).hasSizeGreaterThan(3);
      assertThat(times.stream().distinct()).hasSize(1);
      assertThat(times.get(0)).isGreaterThan(last);
      last = times.get(0);
    }
    assertThat(last).isLessThan(FakeCluster.READ_TIME_MILLIS + 60_000);
  }

  private static void passSomeTime() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < 2_000_000) {
      Thread.onSpinWait();
    }
  }

  @Test
  void asksOneSectOnly() {
    open();
    readAll();
    boolean sectA = cluster.node(0).reads.get() + cluster.node(1).reads.get() > 0;
    boolean sectB = cluster.node(2).reads.get() > 0;
    assertThat(sectA).isNotEqualTo(sectB);
  }

  @Test
  void readsFromThePreferredSectWhileItIsWell() {
    open().close();
    client = FeatureKvClient.connect(cluster.config().withPreferredSect("b"));
    for (int i = 0; i < 10; i++) {
      readAll();
    }
    assertThat(cluster.node(0).reads.get() + cluster.node(1).reads.get()).isZero();
    assertThat(cluster.node(2).reads.get()).isEqualTo(10);
  }

  @Test
  void acceptsTheSameKeyTwiceAndNoKeyAtAll() {
    open();
    List<String> twice = List.of("key1", "key1", "-x", "-x");
    checkAll(client.blocking().batchGet("t", Keys.utf8(twice)), twice);
    assertThat(client.blocking().batchGet("t", List.of()).size()).isZero();
  }

  @Test
  void refusesKeysBeyondTheLimits() throws Exception {
    open();
    assertThat(codeOf(client.batchGet("t", List.of(new byte[0]))))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(codeOf(client.batchGet("t", List.of(new byte[501])))).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(codeOf(client.batchGet("../t", List.of(new byte[1]))))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void cutsBatchesToWhatANodeTakes() {
    cluster.nodes().forEach(node -> node.maxBatchKeys = 7);
    open();
    assertThat(readAll()).isEqualTo(2);
  }

  @Test
  void asksAgainForDeferredKeys() {
    cluster.nodes().forEach(node -> node.valuesPerReply = 2);
    open();
    assertThat(readAll()).isEqualTo(2);
  }

  @Test
  void readsAnOlderVersionOnRequest() {
    open();
    BatchResult result =
        client.blocking().batchGet("t", Keys.utf8(MANY), ReadOptions.DEFAULT.withVersion(1));
    assertThat(checkAll(result, MANY)).isEqualTo(1);
  }

  @Test
  void survivesAKilledNode() {
    open();
    readAll();
    for (FakeNode killed : cluster.nodes()) {
      killed.kill();
      for (int i = 0; i < 10; i++) {
        assertThat(readAll()).isEqualTo(2);
      }
      killed.restart();
    }
  }

  @Test
  void survivesAHungNodeWithinTheDeadline() {
    open();
    readAll();
    cluster.node(2).mood = FakeNode.Mood.HUNG;
    Eventually.holds(
        () -> {
          readAll();
          return client.statistics().ejections() > 0;
        });
    int asked = cluster.node(2).reads.get();
    for (int i = 0; i < 20; i++) {
      readAll();
    }
    // Avoided by now: only PINGs go there, but for what was on its way when it was outrun.
    assertThat(cluster.node(2).reads.get()).isLessThanOrEqualTo(asked + 2);
  }

  @Test
  void comesBackToANodeThatRecovered() {
    open().close();
    client = FeatureKvClient.connect(cluster.config().withPreferredSect("b"));
    readAll();
    cluster.node(2).kill();
    readAll();
    cluster.node(2).restart();
    int before = cluster.node(2).reads.get();
    Eventually.holds(
        () -> {
          readAll();
          return cluster.node(2).reads.get() > before;
        });
  }

  @Test
  void retriesOnAnotherSectWhateverANodeSuffersFrom() {
    open();
    for (FakeNode.Mood mood :
        List.of(
            FakeNode.Mood.BROKEN,
            FakeNode.Mood.FAILS_KEYS,
            FakeNode.Mood.LIES_ABOUT_VERSION,
            FakeNode.Mood.BABBLES,
            FakeNode.Mood.HANGS_UP)) {
      for (FakeNode node : cluster.nodes()) {
        node.mood = mood;
        for (int i = 0; i < 4; i++) {
          assertThat(readAll()).as("%s is %s", node.id(), mood).isEqualTo(2);
        }
        node.mood = FakeNode.Mood.WELL;
      }
    }
  }

  @Test
  void movesToTheNewVersionWhenItsOwnPinIsGone() {
    open();
    readAll();
    cluster.version("t", 3, 16).activate("t", 3).drop("t", 2).drop("t", 1);
    // The nodes have dropped it, and nobody has told the client.
    assertThat(readAll()).isEqualTo(3);
  }

  @Test
  void movesToTheNewVersionWhenOneNodeOfManyHasDroppedThePin() {
    open();
    readAll();
    cluster.nodes().forEach(node -> node.followsMetadata = true);
    cluster.version("t", 4, 3).activate("t", 4);
    cluster.node(0).notServed.add(2L);
    cluster.node(2).notServed.add(2L);
    assertThat(readAll()).isEqualTo(4);
  }

  @Test
  void asksElsewhereWhenANodeDoesNotHaveTheVersionYet() {
    open();
    readAll();
    cluster.node(0).notServed.add(2L);
    for (int i = 0; i < 4; i++) {
      assertThat(readAll()).isEqualTo(2);
    }
  }

  @Test
  void saysThatACallersVersionIsGoneOrNeverWas() throws Exception {
    open();
    cluster.drop("t", 1).publish();
    var keys = Keys.utf8(MANY);
    assertThat(codeOf(client.batchGet("t", keys, ReadOptions.DEFAULT.withVersion(1))))
        .isEqualTo(ErrorCode.SNAPSHOT_GONE);
    assertThat(codeOf(client.batchGet("t", keys, ReadOptions.DEFAULT.withVersion(9))))
        .isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void saysThatACallersVersionIsGoneWhenOnlyTheNodesKnow() throws Exception {
    open();
    readAll();
    cluster.drop("t", 1);
    var keys = Keys.utf8(MANY);
    assertThat(codeOf(client.batchGet("t", keys, ReadOptions.DEFAULT.withVersion(1))))
        .isEqualTo(ErrorCode.SNAPSHOT_GONE);
  }

  @Test
  void neverMixesVersionsWhileTheyChange() {
    open();
    AtomicInteger turn = new AtomicInteger();
    AtomicInteger version = new AtomicInteger(2);
    // Every few reads the world changes, in the middle of batches too.
    for (FakeNode node : cluster.nodes()) {
      node.beforeRead =
          () -> {
            if (turn.incrementAndGet() % 5 == 0) {
              int next = version.incrementAndGet();
              cluster.version("t", next, 1 + next % 9).activate("t", next);
              cluster.drop("t", next - 2L);
              if (turn.get() % 3 == 0) {
                cluster.publish();
              }
            }
          };
    }
    long last = 0;
    for (int i = 0; i < 100; i++) {
      long seen = readAll();
      assertThat(seen).isGreaterThanOrEqualTo(last);
      last = seen;
    }
    assertThat(last).isGreaterThan(20);
  }

  @Test
  void goesBackOnlyByARollback() {
    open();
    readAll();
    cluster.activate("t", 1).publish();
    Eventually.holds(() -> readAll() == 1);
  }

  @Test
  void doesNotFollowANodeThatIsBehind() {
    open();
    readAll();
    FakeNode behind = cluster.node(1);
    behind.followsMetadata = false;
    cluster.version("t", 3, 8).activate("t", 3).publish();
    Eventually.holds(() -> readAll() == 3);
    // Whatever it watches now, it must be the one that is behind.
    cluster.node(0).kill();
    cluster.node(2).kill();
    for (int i = 0; i < 10; i++) {
      assertThat(readAll()).isEqualTo(3);
    }
  }

  @Test
  void keepsTheDeadlineWhenEverybodyHangs() throws Exception {
    open();
    readAll();
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    BatchResult result =
        client
            .batchGet("t", Keys.utf8(MANY), ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(300)))
            .get(20, TimeUnit.SECONDS);
    assertThat(result.count(KeyStatus.FAILED)).isEqualTo(MANY.size());
    assertThat(result.error(0).code()).isEqualTo(ErrorCode.DEADLINE);
    assertThat(result.version()).isEqualTo(2);
  }

  @Test
  void keepsTheDeadlineWhenNobodySpeaks() throws Exception {
    // Before the client connects: one routing that still comes, and the version is known.
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    open();
    var options = ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(200));
    assertThat(codeOf(client.batchGet("t", Keys.utf8(MANY), options)))
        .isIn(ErrorCode.UNAVAILABLE, ErrorCode.DEADLINE);
  }

  @Test
  void failsKeysWithTheLastErrorWhenNobodyCanReadThem() {
    open();
    readAll();
    for (FakeNode node : cluster.nodes()) {
      node.error = ErrorCode.CORRUPT;
      node.mood = FakeNode.Mood.FAILS_KEYS;
    }
    BatchResult result = client.blocking().batchGet("t", Keys.utf8(MANY));
    assertThat(result.count(KeyStatus.FAILED)).isEqualTo(MANY.size());
    assertThat(result.error(5).code()).isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void asksANodeWithoutTheShardWhenNoHolderIsReachable() {
    open();
    readAll();
    // Shards of sect a are split over nodes 0 and 1; with 0 and 2 gone, 1 must answer for all.
    cluster.node(0).kill();
    cluster.node(2).kill();
    for (int i = 0; i < 5; i++) {
      assertThat(readAll()).isEqualTo(2);
    }
  }

  @Test
  void tellsUnknownTablesFromTablesWithoutAVersion() throws Exception {
    open();
    cluster.table("empty").publish();
    assertThat(codeOf(client.batchGet("nothing", Keys.utf8(MANY)))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThatThrownBy(() -> client.blocking().batchGet("empty", Keys.utf8(MANY)))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("no active version");
  }

  @Test
  void findsATableThatWasCreatedSinceTheLastRouting() {
    open();
    readAll();
    cluster.table("new").version("new", 1, 4).activate("new", 1);
    // Not published: only a routing that is asked for knows of it.
    BatchResult result = client.blocking().batchGet("new", Keys.utf8(MANY));
    assertThat(checkAll(result, MANY)).isEqualTo(1);
    assertThat(client.blocking().tables()).extracting(TableInfo::name).containsExactly("new", "t");
  }

  @Test
  void isUnavailableWithoutAnyNode() throws Exception {
    open().close();
    Endpoint dead = cluster.node(0).endpoint();
    cluster.nodes().forEach(FakeNode::kill);
    client = FeatureKvClient.connect(ClientConfig.of(List.of(dead)));
    assertThat(codeOf(client.batchGet("t", Keys.utf8(MANY)))).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void startsFromAnyEndpointThatLives() {
    open().close();
    cluster.node(0).kill();
    client = FeatureKvClient.connect(cluster.config());
    assertThat(readAll()).isEqualTo(2);
  }

  @Test
  void learnsTheOtherNodesFromOne() {
    open().close();
    client = FeatureKvClient.connect(ClientConfig.of(List.of(cluster.node(0).endpoint())));
    readAll();
    cluster.node(0).kill();
    for (int i = 0; i < 5; i++) {
      assertThat(readAll()).isEqualTo(2);
    }
  }

  @Test
  void refusesAnotherCluster() throws Exception {
    open().close();
    client = FeatureKvClient.connect(cluster.config().withClusterId("cluster-2"));
    assertThat(codeOf(client.batchGet("t", Keys.utf8(MANY)))).isEqualTo(ErrorCode.WRONG_CLUSTER);
  }

  @Test
  void refusesANodeThatTurnsUpInAnotherCluster() {
    open();
    readAll();
    cluster.node(2).kill();
    try (FakeCluster other = new FakeCluster("cluster-2")) {
      other.addNode("a");
      other.table("t").version("t", 7, 4).activate("t", 7).publish();
      List<Endpoint> both = new ArrayList<>(cluster.endpoints());
      both.addAll(other.endpoints());
      client.close();
      client = FeatureKvClient.connect(ClientConfig.of(both).withClusterId("cluster-1"));
      for (int i = 0; i < 10; i++) {
        assertThat(readAll()).isEqualTo(2);
      }
      assertThat(other.node(0).reads.get()).isZero();
    }
  }

  @Test
  void endsOpenReadsWhenItIsClosed() throws Exception {
    open();
    readAll();
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.HUNG);
    var result = client.batchGet("t", Keys.utf8(MANY));
    client.close();
    assertThat(codeOf(result)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(codeOf(client.batchGet("t", Keys.utf8(MANY)))).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void refusesToBlockANetworkThread() throws Exception {
    open();
    readAll();
    // Answered only once the callback hangs on it, or this thread would run it.
    CountDownLatch attached = new CountDownLatch(1);
    cluster
        .nodes()
        .forEach(
            node ->
                node.beforeRead =
                    () -> {
                      try {
                        assertThat(attached.await(20, TimeUnit.SECONDS)).isTrue();
                      } catch (InterruptedException e) {
                        throw new AssertionError(e);
                      }
                    });
    var inCallback =
        client
            .batchGet("t", Keys.utf8(MANY))
            .thenApply(
                first -> {
                  assertThatThrownBy(() -> client.blocking().tables())
                      .isInstanceOf(IllegalStateException.class);
                  return true;
                });
    attached.countDown();
    assertThat(inCallback.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void getsSingleKeys() {
    open();
    byte[] value = client.blocking().get("t", Keys.utf8("key7")).orElseThrow();
    assertThat(new String(value, StandardCharsets.UTF_8)).isEqualTo("t/2/key7");
    assertThat(client.blocking().get("t", Keys.utf8("-nothing"))).isEmpty();
  }
}
