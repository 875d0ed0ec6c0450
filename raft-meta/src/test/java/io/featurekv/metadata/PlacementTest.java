package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final int SHARDS = 4096;

  private static Command.RegisterNode node(String id, String sect, int weight, Duty... duties) {
    return new Command.RegisterNode(
        id, 1, sect, Set.of(duties), "127.0.0.1:7400", "127.0.0.1:7401", "", weight);
  }

  private static String placeOf(ClusterMetadata state, String sect, int shard) {
    return Placement.nodeFor(state, sect, "t", shard).orElseThrow().id();
  }

  @Test
  void aNewNodeTakesItsShareAndNothingElseMoves() {
    MetadataScript script = MetadataScript.formed();
    for (int i = 0; i < 4; i++) {
      script.done(node("n" + i, "a", 1, Duty.SERVE));
    }
    ClusterMetadata before = script.state();
    script.done(node("n4", "a", 1, Duty.SERVE));
    int moved = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
      String now = placeOf(script.state(), "a", shard);
      if (!now.equals(placeOf(before, "a", shard))) {
        assertThat(now).isEqualTo("n4");
        moved++;
      }
    }
    assertThat(moved / (double) SHARDS).isCloseTo(0.2, Offset.offset(0.03));
  }

  @Test
  void aNodeTakenOverLeavesItsShardsToTheOthers() {
    MetadataScript script = MetadataScript.formed();
    for (int i = 0; i < 4; i++) {
      script.done(node("n" + i, "a", 1, Duty.SERVE));
    }
    ClusterMetadata before = script.state();
    script.done(new Command.SetNodeState("n2", NodeState.DOWN));
    for (int shard = 0; shard < SHARDS; shard++) {
      assertThat(placeOf(script.state(), "a", shard)).isEqualTo(placeOf(before, "a", shard));
    }
    script.done(new Command.SetNodeState("n2", NodeState.TAKEN_OVER));
    for (int shard = 0; shard < SHARDS; shard++) {
      String then = placeOf(before, "a", shard);
      String now = placeOf(script.state(), "a", shard);
      assertThat(now).isNotEqualTo("n2");
      if (!then.equals("n2")) {
        assertThat(now).isEqualTo(then);
      }
    }
  }

  @Test
  void sharesFollowTheWeights() {
    MetadataScript script = MetadataScript.formed();
    script.done(node("small", "a", 1, Duty.SERVE));
    script.done(node("large", "a", 3, Duty.SERVE));
    int large = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
      large += placeOf(script.state(), "a", shard).equals("large") ? 1 : 0;
    }
    assertThat(large / (double) SHARDS).isCloseTo(0.75, Offset.offset(0.03));
  }

  @Test
  void everySectHasOneServingNodeForAShard() {
    MetadataScript script = MetadataScript.formed();
    script.done(node("n1", "b", 1, Duty.SERVE));
    script.done(node("n2", "a", 1, Duty.SERVE));
    script.done(node("n3", "c", 1, Duty.META, Duty.BUILD));
    assertThat(Placement.sects(script.state())).isEqualTo(List.of("a", "b"));
    assertThat(Placement.nodesFor(script.state(), "t", 0))
        .extracting(NodeRecord::id)
        .containsExactly("n2", "n1");
    assertThat(Placement.nodeFor(script.state(), "c", "t", 0)).isEmpty();
    script.done(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
    assertThat(Placement.nodeFor(script.state(), "b", "t", 0)).isEmpty();
    assertThat(Placement.sects(script.state())).contains("b");
  }

  @Test
  void tablesAreSpreadIndependently() {
    MetadataScript script = MetadataScript.formed();
    script.done(node("n1", "a", 1, Duty.SERVE));
    script.done(node("n2", "a", 1, Duty.SERVE));
    int alike = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
      String t = placeOf(script.state(), "a", shard);
      alike +=
          Placement.nodeFor(script.state(), "a", "u", shard).orElseThrow().id().equals(t) ? 1 : 0;
    }
    assertThat(alike / (double) SHARDS).isCloseTo(0.5, Offset.offset(0.03));
  }
}
