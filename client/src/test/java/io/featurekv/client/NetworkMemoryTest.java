package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.client.transport.CountedMemory;
import io.featurekv.client.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of reads, the network's memory is given back. */
@Timeout(60)
class NetworkMemoryTest {
  private static final List<byte[]> KEYS = new ArrayList<>();

  static {
    for (int i = 0; i < 60; i++) {
      KEYS.add(Keys.utf8("key" + i));
    }
  }

  private final CountedMemory memory = new CountedMemory();
  private final FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  private void open(ClientConfig config) {
    cluster.table("t").version("t", 1, 8).activate("t", 1).publish();
    Transport transport = memory.transport(config.networkThreads());
    client = FeatureKvClient.connect(config, transport);
    client.blocking().tables();
  }

  @AfterEach
  void closeAll() {
    client.close();
    Eventually.holds(() -> memory.usedBytes() == 0);
    cluster.close();
  }

  private List<CompletableFuture<Integer>> start(int reads, ReadOptions options) {
    List<CompletableFuture<Integer>> open = new ArrayList<>();
    for (int i = 0; i < reads; i++) {
      open.add(client.batchGet("t", KEYS, options, BatchView::size));
      open.add(client.batchGet("t", KEYS, options).thenApply(BatchResult::size));
    }
    return open;
  }

  private void readSome() {
    start(20, ReadOptions.DEFAULT).forEach(CompletableFuture::join);
  }

  @Test
  void countsAtAll() {
    open(cluster.config());
    List<Long> seen = new ArrayList<>();
    client.batchGet("t", KEYS, ReadOptions.DEFAULT, view -> seen.add(memory.usedBytes())).join();
    assertThat(seen.get(0)).isPositive();
  }

  @Test
  void isGivenBackAfterAnswers() {
    open(cluster.config());
    readSome();
    assertThat(client.statistics().reads()).isGreaterThan(40);
  }

  @Test
  void isGivenBackAfterFullRepliesAndRestarts() {
    open(cluster.config());
    cluster.nodes().forEach(node -> node.valuesPerReply = 7);
    readSome();
    cluster.version("t", 2, 5).activate("t", 2).drop("t", 1);
    readSome();
    assertThat(client.statistics().restarts()).isPositive();
  }

  @Test
  void isGivenBackAfterErrorsOfEveryKind() {
    open(cluster.config());
    for (FakeNode.Mood mood : FakeNode.Mood.values()) {
      cluster.node(2).mood = mood;
      start(20, ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(300)))
          .forEach(CompletableFuture::join);
    }
  }

  @Test
  void isGivenBackAfterTimeouts() {
    open(cluster.config());
    readSome();
    cluster.nodes().forEach(node -> node.answersAfterMillis = 200);
    start(20, ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(50)))
        .forEach(CompletableFuture::join);
    // Their answers come late, and nobody waits for them.
    cluster.nodes().forEach(node -> node.answersAfterMillis = 0);
    readSome();
  }

  @Test
  void isGivenBackByLosersOfAHedge() {
    open(cluster.config().withPreferredSect("b"));
    cluster.node(2).answersAfterMillis = 60;
    for (int i = 0; i < 5; i++) {
      readSome();
    }
    assertThat(client.statistics().hedgesWon()).isPositive();
  }

  @Test
  void isGivenBackByReadersThatThrowAndFuturesThatAreCancelled() {
    open(cluster.config());
    for (int i = 0; i < 20; i++) {
      CompletableFuture<Object> thrown =
          client.batchGet(
              "t",
              KEYS,
              ReadOptions.DEFAULT,
              view -> {
                throw new IllegalStateException("on purpose");
              });
      // Too late for some, which is as good.
      client.batchGet("t", KEYS, ReadOptions.DEFAULT, BatchView::size).cancel(false);
      assertThat(thrown).failsWithin(Duration.ofSeconds(30));
    }
  }

  @Test
  void isGivenBackWhenTheClientIsClosedMeanwhile() {
    open(cluster.config());
    readSome();
    List<CompletableFuture<Integer>> open = start(200, ReadOptions.DEFAULT);
    client.close();
    for (CompletableFuture<Integer> read : open) {
      assertThat(read.handle((size, error) -> true)).succeedsWithin(Duration.ofSeconds(30));
    }
  }
}
