package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

class MembershipRulesTest {
  private static final long TAKE_OVER_MILLIS = 300_000;

  private static MetadataScript threeNodes() {
    return new MetadataScript().node("n0", "a").node("n1", "a").node("n2", "b");
  }

  /** Where every node was heard of lately. */
  private static List<Command> nodeStates(
      ClusterMetadata metadata,
      String selfId,
      long nowMillis,
      long takeOverAfterMillis,
      ToLongFunction<String> silentMillis) {
    return MembershipRules.nodeStates(
        metadata, selfId, nowMillis, takeOverAfterMillis, silentMillis, _ -> true);
  }

  @Test
  void nodeThatANewLeaderHasNotHeardOfStaysDown() {
    var script = threeNodes().state("n1", NodeState.DOWN).state("n2", NodeState.TAKEN_OVER);
    assertThat(
            MembershipRules.nodeStates(
                script.metadata(), "n0", 0, TAKE_OVER_MILLIS, _ -> 0, _ -> false))
        .isEmpty();
    assertThat(
            MembershipRules.nodeStates(
                script.metadata(), "n2", 0, TAKE_OVER_MILLIS, _ -> 0, _ -> false))
        .containsExactly(new Command.SetNodeState("n2", NodeState.UP));
  }

  @Test
  void silentNodeIsDown() {
    assertThat(
            nodeStates(
                threeNodes().metadata(),
                "n0",
                0,
                TAKE_OVER_MILLIS,
                id -> id.equals("n1") ? MembershipRules.DOWN_AFTER_MILLIS + 1 : 0))
        .containsExactly(new Command.SetNodeState("n1", NodeState.DOWN));
  }

  @Test
  void leaderIsNeverDownInItsOwnEyes() {
    assertThat(
            nodeStates(
                threeNodes().metadata(),
                "n0",
                0,
                TAKE_OVER_MILLIS,
                id -> id.equals("n0") ? 9_999_999 : 0))
        .isEmpty();
  }

  @Test
  void nodeThatIsHeardOfAgainIsUp() {
    var script = threeNodes().state("n1", NodeState.DOWN).state("n2", NodeState.TAKEN_OVER);
    assertThat(nodeStates(script.metadata(), "n0", 0, TAKE_OVER_MILLIS, id -> 0))
        .containsExactly(
            new Command.SetNodeState("n1", NodeState.UP),
            new Command.SetNodeState("n2", NodeState.UP));
  }

  @Test
  void nodeDownForLongIsTakenOver() {
    var script = threeNodes().state("n1", NodeState.DOWN);
    long later = script.metadata().nodes().get("n1").stateSinceMillis() + TAKE_OVER_MILLIS + 1;
    assertThat(
            nodeStates(
                script.metadata(),
                "n0",
                later,
                TAKE_OVER_MILLIS,
                id -> id.equals("n1") ? 999_999 : 0))
        .containsExactly(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
  }

  @Test
  void clockThatWasAheadDoesNotPutOffTakingOver() {
    var script = threeNodes();
    script.at(script.nowMillis() + 86_400_000).state("n1", NodeState.DOWN);
    long now = script.nowMillis() - 86_400_000;
    assertThat(
            nodeStates(
                script.metadata(),
                "n0",
                now,
                TAKE_OVER_MILLIS,
                id -> id.equals("n1") ? TAKE_OVER_MILLIS : 0))
        .isEmpty();
    assertThat(
            nodeStates(
                script.metadata(),
                "n0",
                now,
                TAKE_OVER_MILLIS,
                id -> id.equals("n1") ? TAKE_OVER_MILLIS + 1 : 0))
        .containsExactly(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
  }

  @Test
  void votersGrowOneAtATimeAndIntoTheSectWithFewest() {
    var metadata = threeNodes().metadata();
    var next =
        MembershipRules.nextConfiguration(metadata, Map.of("n0-0", "x"), Set.of()).orElseThrow();
    assertThat(next).containsOnlyKeys("n0-0", "n2-0");
    next = MembershipRules.nextConfiguration(metadata, next, Set.of()).orElseThrow();
    assertThat(next).containsOnlyKeys("n0-0", "n1-0", "n2-0");
    assertThat(MembershipRules.nextConfiguration(metadata, next, Set.of())).isEmpty();
  }

  @Test
  void nodeThatIsDownDoesNotBecomeAVoter() {
    var metadata = threeNodes().state("n2", NodeState.DOWN).metadata();
    assertThat(
            MembershipRules.nextConfiguration(metadata, Map.of("n0-0", "x"), Set.of())
                .orElseThrow())
        .containsOnlyKeys("n0-0", "n1-0");
  }

  @Test
  void voterThatIsTakenOverMakesWayForANodeThatIsUp() {
    var script = threeNodes().node("n3", "b").state("n2", NodeState.TAKEN_OVER);
    Map<String, String> full = Map.of("n0-0", "x", "n1-0", "y", "n2-0", "z");
    var next = MembershipRules.nextConfiguration(script.metadata(), full, Set.of()).orElseThrow();
    assertThat(next).containsOnlyKeys("n0-0", "n1-0");
    assertThat(MembershipRules.nextConfiguration(script.metadata(), next, Set.of()).orElseThrow())
        .containsOnlyKeys("n0-0", "n1-0", "n3-0");
  }

  @Test
  void voterStaysWhereNobodyCanReplaceIt() {
    var script = threeNodes().state("n2", NodeState.TAKEN_OVER);
    Map<String, String> full = Map.of("n0-0", "x", "n1-0", "y", "n2-0", "z");
    assertThat(MembershipRules.nextConfiguration(script.metadata(), full, Set.of())).isEmpty();
  }

  @Test
  void peerOfAnEarlierIncarnationMakesWay() {
    Map<String, String> old = Map.of("n0-0", "x", "gone-0", "y");
    assertThat(
            MembershipRules.nextConfiguration(threeNodes().metadata(), old, Set.of()).orElseThrow())
        .containsOnlyKeys("n0-0");
  }
}
