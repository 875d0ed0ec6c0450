package io.featurekv.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Version 2 is on trial in sect b, version 1 is active. */
@Timeout(60)
class CanaryReadsTest {
  private static final List<byte[]> KEYS =
      Keys.utf8(List.of("ada", "-none", "vera", "bob", "carol", "dave"));

  private final FakeCluster cluster = FakeCluster.of("a", "a", "b", "b");
  private final FeatureKvClient nearA;
  private final FeatureKvClient nearB;

  CanaryReadsTest() {
    cluster.table("t", "ada", "vera").version("t", 1, 4).version("t", 2, 6).activate("t", 1);
    cluster.canary("t", 2, "b").publish();
    nearA = FeatureKvClient.connect(cluster.config().withPreferredSect("a"));
    nearB = FeatureKvClient.connect(cluster.config().withPreferredSect("b"));
  }

  @AfterEach
  void closeAll() {
    nearA.close();
    nearB.close();
    cluster.close();
  }

  private static long versionOf(FeatureKvClient client) {
    BatchResult result = client.blocking().batchGet("t", KEYS);
    assertThat(result.text(0)).isEqualTo(FakeCluster.value("t", result.version(), "ada"));
    assertThat(result.text(2)).isEqualTo(FakeCluster.value("t", result.version(), "vera"));
    return result.version();
  }

  private List<FakeNode> nodesOfB() {
    return cluster.nodes().stream().filter(node -> node.sect().equals("b")).toList();
  }

  @Test
  void isReadInItsSectAlone() {
    for (int i = 0; i < 20; i++) {
      assertThat(versionOf(nearA)).isEqualTo(1);
      assertThat(versionOf(nearB)).isEqualTo(2);
    }
    assertThat(nearB.blocking().snapshot("t").version("t")).isEqualTo(1);
    cluster.activate("t", 1).publish();
    Eventually.holds(() -> versionOf(nearB) == 1);
    cluster.activate("t", 2).publish();
    Eventually.holds(() -> versionOf(nearA) == 2);
  }

  @Test
  void isNotReadWhereItsSectCannotAnswer() {
    nodesOfB().forEach(FakeNode::kill);
    Eventually.holds(() -> versionOf(nearB) == 1);
  }

  @Test
  void failingInItsSectItIsReadFromTheOtherForTheSameBatch() {
    nodesOfB().forEach(node -> node.notServed.add(2L));
    assertThat(versionOf(nearB)).isEqualTo(2);
  }

  @Test
  void failingEverywhereItGivesWayToTheActiveVersion() {
    cluster.nodes().forEach(node -> node.notServed.add(2L));
    assertThat(versionOf(nearB)).isEqualTo(1);
    assertThat(versionOf(nearA)).isEqualTo(1);
  }

  @Test
  void aSnapshotIsReadAtItsOwnVersion() {
    Snapshot snapshot = nearB.blocking().snapshot("t");
    assertThat(snapshot.blocking().batchGet("t", KEYS).version()).isEqualTo(1);
  }
}
