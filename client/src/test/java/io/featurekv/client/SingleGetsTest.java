package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Single gets that are sent together. */
@Timeout(60)
class SingleGetsTest {
  private final FakeCluster cluster = FakeCluster.of("a");
  private FeatureKvClient client;

  @BeforeEach
  void open() {
    cluster.table("t").version("t", 1, 4).version("t", 2, 4).activate("t", 2).publish();
    client = FeatureKvClient.connect(cluster.config().withSingleGetWindow(Duration.ofMillis(50)));
    client.blocking().tables();
  }

  @AfterEach
  void closeAll() {
    client.close();
    cluster.close();
  }

  private static ErrorCode codeOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(30, TimeUnit.SECONDS);
      throw new AssertionError("it succeeded");
    } catch (ExecutionException e) {
      return ((FeatureKvException) e.getCause()).code();
    }
  }

  @Test
  void sendsGetsOfOneWindowTogether() {
    List<CompletableFuture<Optional<byte[]>>> gets = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      gets.add(client.get("t", Keys.utf8((i % 3 == 0 ? "-" : "key") + i)));
    }
    for (int i = 0; i < 100; i++) {
      byte[] expected = i % 3 == 0 ? null : Keys.utf8("t/2/key" + i);
      assertThat(gets.get(i).join().orElse(null)).isEqualTo(expected);
    }
    assertThat(cluster.node(0).reads.get()).isLessThan(100);
  }

  @Test
  void sendsAFullBatchBeforeItsWindowIsOver() {
    client.close();
    client = FeatureKvClient.connect(cluster.config().withSingleGetWindow(Duration.ofMillis(100)));
    client.blocking().tables();
    List<CompletableFuture<Optional<byte[]>>> gets = new ArrayList<>();
    for (int i = 0; i < 4 * SingleGets.MAX_KEYS; i++) {
      gets.add(client.get("t", Keys.utf8("key" + i)));
    }
    gets.forEach(CompletableFuture::join);
    assertThat(cluster.node(0).reads.get()).isGreaterThanOrEqualTo(4);
  }

  @Test
  void keepsVersionsApart() {
    var active = client.get("t", Keys.utf8("key"));
    var older = client.get("t", Keys.utf8("key"), ReadOptions.DEFAULT.withVersion(1));
    var gone = client.get("t", Keys.utf8("key"), ReadOptions.DEFAULT.withVersion(9));
    assertThat(active.join()).contains(Keys.utf8("t/2/key"));
    assertThat(older.join()).contains(Keys.utf8("t/1/key"));
    assertThat(gone).failsWithin(Duration.ofSeconds(30));
  }

  @Test
  void givesEachItsOwnDeadlineAndError() throws Exception {
    cluster.node(0).mood = FakeNode.Mood.HUNG;
    var patient =
        client.get("t", Keys.utf8("key1"), ReadOptions.DEFAULT.withTimeout(Duration.ofHours(1)));
    var hurried =
        client.get("t", Keys.utf8("key2"), ReadOptions.DEFAULT.withTimeout(Duration.ofMillis(80)));
    assertThat(codeOf(client.get("t", new byte[0]))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(codeOf(hurried)).isEqualTo(ErrorCode.DEADLINE);
    assertThat(patient).isNotDone();
    client.close();
    assertThat(codeOf(patient)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(codeOf(client.get("t", Keys.utf8("key1")))).isEqualTo(ErrorCode.UNAVAILABLE);
  }
}
