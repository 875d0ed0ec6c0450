package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many batches at a time, while one sect or the other has faults and versions come and go. */
class FaultyClusterTest {
  private static final int BATCHES = 10_000;
  private static final int OPEN_AT_A_TIME = 8;
  private static final int BATCHES_PER_EVENT = 200;
  private static final int KEPT_VERSIONS = 3;
  private static final List<ErrorCode> ERRORS =
      List.of(ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.TRY_AGAIN, ErrorCode.DEADLINE);

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final FakeCluster cluster = FakeCluster.of("a", "a", "b", "b");
  private final List<FakeNode> killed = new ArrayList<>();
  private int faults;
  private int trials;
  private long version = 1;
  private long active = 1;

  private record Open(List<String> keys, CompletableFuture<BatchResult> result) {}

  @Test
  @Timeout(120)
  void noBatchFailsOrMixesVersionsWhileOneSectIsWhole() throws Exception {
    System.out.println("seed " + seed);
    cluster.table("t").version("t", 1, 6).activate("t", 1).publish();
    Deque<Open> open = new ArrayDeque<>();
    long lastSeen = 0;
    try (FeatureKvClient client = FeatureKvClient.connect(cluster.config())) {
      for (int i = 0; i < BATCHES; i++) {
        if (i % BATCHES_PER_EVENT == 0) {
          somethingHappens();
        }
        List<String> keys = keys();
        open.add(new Open(keys, client.batchGet("t", Keys.utf8(keys))));
        if (open.size() == OPEN_AT_A_TIME) {
          lastSeen = Math.max(lastSeen, check(open.remove()));
        }
      }
      while (!open.isEmpty()) {
        lastSeen = Math.max(lastSeen, check(open.remove()));
      }
    } finally {
      cluster.close();
    }
    assertThat(faults).isGreaterThan(10);
    assertThat(trials).isGreaterThan(2);
    assertThat(lastSeen).isGreaterThan(10);
  }

  private List<String> keys() {
    return IntStream.range(0, 1 + random.nextInt(60))
        .mapToObj(i -> "-kv".charAt(random.nextInt(3)) + "ey" + random.nextInt(1_000_000))
        .toList();
  }

  private long check(Open batch) throws Exception {
    BatchResult result = batch.result.get(60, TimeUnit.SECONDS);
    for (int i = 0; i < batch.keys.size(); i++) {
      String key = batch.keys.get(i);
      assertThat(result.error(i)).as("seed %d: error of %s", seed, key).isNull();
      assertThat(result.text(i)).isEqualTo(FakeCluster.value("t", result.version(), key));
    }
    return result.version();
  }

  private void somethingHappens() {
    if (random.nextBoolean()) {
      version++;
      cluster.version("t", version, 1 + random.nextInt(12));
      if (random.nextInt(3) == 0) {
        trials++;
        cluster.canary("t", version, random.nextBoolean() ? "a" : "b");
      } else {
        active = version;
        cluster.activate("t", version);
      }
      // The active version and the canary are kept.
      cluster.drop("t", Math.min(version - KEPT_VERSIONS, active - 1));
      if (random.nextInt(4) > 0) {
        cluster.publish();
      }
      return;
    }
    // One sect at a time has faults.
    cluster.nodes().forEach(node -> node.mood = FakeNode.Mood.WELL);
    killed.forEach(FakeNode::restart);
    killed.clear();
    String sect = random.nextBoolean() ? "a" : "b";
    for (FakeNode node : cluster.nodes()) {
      if (node.sect().equals(sect) && random.nextInt(3) > 0) {
        faults++;
        hurt(node);
      }
    }
  }

  private void hurt(FakeNode node) {
    if (random.nextInt(4) == 0) {
      node.kill();
      killed.add(node);
      return;
    }
    FakeNode.Mood[] moods = FakeNode.Mood.values();
    node.error = ERRORS.get(random.nextInt(ERRORS.size()));
    node.mood = moods[random.nextInt(moods.length)];
  }
}
