package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hedges, retries and ejections of a client among real connections. */
@Timeout(120)
class ExtraRequestsTest {
  private static final List<byte[]> KEYS = Keys.utf8(List.of("ada", "alan", "-none", "edsger"));
  private static final Duration ENDLESS = Duration.ofHours(1);

  private final FakeCluster cluster = FakeCluster.of("a", "a", "b");
  private FeatureKvClient client;

  @BeforeEach
  void open() {
    cluster.table("t").version("t", 1, 8).activate("t", 1).publish();
    // Node 2 is all of sect b; the others have half of sect a each.
    connect(cluster.config().withPreferredSect("b").withTimeout(ENDLESS));
  }

  private void connect(ClientConfig config) {
    if (client != null) {
      client.close();
    }
    client = FeatureKvClient.connect(config);
    client.blocking().tables();
  }

  @AfterEach
  void closeAll() {
    client.close();
    cluster.close();
  }

  private void readOnce() {
    BatchResult result = client.blocking().batchGet("t", KEYS);
    assertThat(result.version()).isEqualTo(1);
    assertThat(result.text(0)).isEqualTo("t/1/ada");
    assertThat(result.count(KeyStatus.FOUND)).isEqualTo(3);
    assertThat(result.count(KeyStatus.FAILED)).isZero();
  }

  @Test
  void aHedgeAnswersWhileTheFirstHolderHangs() {
    readOnce();
    cluster.node(2).mood = FakeNode.Mood.HUNG;
    // That it ends at all is the claim: a try has 20 minutes.
    readOnce();
    ClientStatistics statistics = client.statistics();
    // One to each of the two nodes that have half of the shards.
    assertThat(statistics.hedgesWon()).isGreaterThanOrEqualTo(2);
    assertThat(statistics.retries()).isZero();
  }

  @Test
  void doesNotHedgeWhereTheConfigurationForbidsIt() {
    connect(cluster.config().withPreferredSect("b").withHedging(false));
    cluster.node(2).answersAfterMillis = 200;
    readOnce();
    assertThat(client.statistics().hedges()).isZero();
  }

  @Test
  void ignoresTheLoserThatAnswersLate() {
    cluster.node(2).answersAfterMillis = 300;
    for (int i = 0; i < 3; i++) {
      readOnce();
    }
    assertThat(client.statistics().hedgesWon()).isPositive();
    cluster.node(2).answersAfterMillis = 0;
    Eventually.holds(
        () -> {
          int before = cluster.node(2).reads.get();
          readOnce();
          return cluster.node(2).reads.get() > before;
        });
  }

  @Test
  void ejectsANodeThatIsOutrunAndBringsItBackByAPing() {
    cluster.node(2).mood = FakeNode.Mood.HUNG;
    Eventually.holds(
        () -> {
          readOnce();
          return client.statistics().ejections() == 1;
        });
    int asked = cluster.node(2).reads.get();
    for (int i = 0; i < 50; i++) {
      readOnce();
    }
    // But for what was on its way when it was outrun.
    assertThat(cluster.node(2).reads.get()).isLessThanOrEqualTo(asked + 2);
    cluster.node(2).mood = FakeNode.Mood.WELL;
    Eventually.holds(() -> client.statistics().returns() == 1);
    Eventually.holds(
        () -> {
          readOnce();
          return cluster.node(2).reads.get() > asked + 2;
        });
  }

  @Test
  void ejectsAnOutlierButNeverMoreThanHalfOfTheHolders() {
    connect(cluster.config().withTimeout(ENDLESS).withHedging(false));
    cluster.node(2).answersAfterMillis = 40;
    Eventually.holds(
        () -> {
          List<CompletableFuture<BatchResult>> open = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            open.add(client.batchGet("t", KEYS));
          }
          open.forEach(CompletableFuture::join);
          return client.statistics().ejections() > 0;
        });
    // The others are the only holders left, and so stay however slow they get.
    readOnce();
  }

  @Test
  void staysWithinATenthOfFirstTriesWhateverFails() {
    connect(cluster.config().withPreferredSect("b").withTimeout(Duration.ofMillis(100)));
    cluster.nodes().forEach(node -> node.error = ErrorCode.INTERNAL);
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.BROKEN);
    long start = System.nanoTime();
    List<CompletableFuture<BatchResult>> open = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      open.add(client.batchGet("t", KEYS));
    }
    open.forEach(CompletableFuture::join);
    ClientStatistics statistics = client.statistics();
    long seconds = (System.nanoTime() - start) / 1_000_000_000L + 1;
    assertThat(statistics.firstTries()).isGreaterThanOrEqualTo(1_000);
    assertThat(statistics.hedges() + statistics.retries())
        .isLessThanOrEqualTo(
            statistics.firstTries() / ExtraRequests.FIRST_TRIES_PER_EXTRA
                + ExtraRequests.MAX_FLOOR
                + seconds * ExtraRequests.FLOOR_PER_SECOND);
    assertThat(statistics.budgetRefusals()).isPositive();
    int asked = cluster.nodes().stream().mapToInt(node -> node.reads.get()).sum();
    assertThat(asked)
        .isLessThanOrEqualTo(
            (int) (statistics.firstTries() + statistics.hedges() + statistics.retries()));
  }

  @Test
  void survivesADeadNodeOverAThousandReads() {
    cluster.node(2).kill();
    for (int i = 0; i < 1_000; i++) {
      readOnce();
    }
    ClientStatistics statistics = client.statistics();
    assertThat(statistics.ejections()).isPositive();
    assertThat(statistics.hedges() + statistics.retries())
        .isLessThanOrEqualTo(statistics.firstTries() / ExtraRequests.FIRST_TRIES_PER_EXTRA);
  }

  @Test
  void goesElsewhereWhenANodeHasTooMuchToDoAndNeverEjectsItForThat() {
    cluster.node(2).error = ErrorCode.TRY_AGAIN;
    cluster.node(2).mood = FakeNode.Mood.BROKEN;
    for (int i = 0; i < 30; i++) {
      readOnce();
    }
    ClientStatistics statistics = client.statistics();
    assertThat(statistics.tryAgains()).isGreaterThanOrEqualTo(30);
    assertThat(statistics.ejections()).isZero();
    assertThat(statistics.retries()).isPositive();
  }

  @Test
  void backsOffWhereEverybodyHasTooMuchToDo() {
    cluster.nodes().forEach(node -> node.error = ErrorCode.TRY_AGAIN);
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.BROKEN);
    CompletableFuture<BatchResult> read = client.batchGet("t", KEYS);
    Eventually.holds(() -> client.statistics().tryAgains() > 6);
    assertThat(read).isNotDone();
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.WELL);
    assertThat(read.join().count(KeyStatus.FAILED)).isZero();
    assertThat(client.statistics().ejections()).isZero();
  }

  @Test
  void ejectsANodeThatOnlyAnswersErrors() {
    cluster.node(2).error = ErrorCode.INTERNAL;
    cluster.node(2).mood = FakeNode.Mood.BROKEN;
    for (int i = 0; i < 20; i++) {
      readOnce();
    }
    assertThat(client.statistics().ejections()).isPositive();
    assertThat(cluster.node(2).reads.get()).isLessThan(20);
  }
}
