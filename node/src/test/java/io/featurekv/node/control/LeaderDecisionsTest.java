package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaderDecisionsTest {
  private static final Map<String, String> NO_VOTERS = Map.of();
  private static final long TAKE_OVER_MILLIS = 300_000;

  private long nowNanos = 1;
  private final MetadataScript script =
      new MetadataScript()
          .node("n0", "a")
          .node("n1", "a")
          .table("t", 1, 1, new ActivateWhen.Live());
  private final Liveness liveness = new Liveness(() -> nowNanos);
  private final LeaderDecisions decisions =
      new LeaderDecisions("n0", liveness, new TrialReports(), TAKE_OVER_MILLIS, () -> nowNanos);

  private List<Command> dueAfter(long millis) {
    nowNanos += millis * 1_000_000;
    liveness.heard("n1");
    return decisions.due(script.metadata(), NO_VOTERS, script.nowMillis());
  }

  @Test
  void silenceCountsFromWhenLeadershipBegan() {
    nowNanos += 3_600_000_000_000L;
    decisions.leadershipBegan();
    assertThat(decisions.due(script.metadata(), NO_VOTERS, script.nowMillis())).isEmpty();
    nowNanos += (MembershipRules.DOWN_AFTER_MILLIS + 1) * 1_000_000;
    assertThat(decisions.due(script.metadata(), NO_VOTERS, script.nowMillis()))
        .containsExactly(new Command.SetNodeState("n1", NodeState.DOWN));
  }

  @Test
  void aLeaderThatStoodStillTakesNobodyOverForTheSilenceMeanwhile() {
    decisions.leadershipBegan();
    script.apply(new Command.SetNodeState("n1", NodeState.DOWN));
    nowNanos += (TAKE_OVER_MILLIS + 1) * 1_000_000;
    assertThat(decisions.due(script.metadata(), NO_VOTERS, script.nowMillis()))
        .doesNotContain(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
  }

  @Test
  void taskFailsOnceItsBuilderWasSilentForAsLongAsThisLeaderHasSeenIt() {
    script.apply(new Command.BeginTask("load", "t", UpdateMode.FULL, "words", "d", true, Set.of()));
    assertThat(dueAfter(0)).isEmpty();
    assertThat(dueAfter(LifecycleRules.BUILDER_SILENCE_MILLIS)).isEmpty();
    assertThat(dueAfter(1)).hasSize(1).first().isInstanceOf(Command.FailTask.class);
    decisions.leadershipBegan();
    assertThat(dueAfter(1)).isEmpty();
  }

  @Test
  void nodeRegistersOnceItKnowsOfAClusterAndAgainWhenItsSessionIsOver() {
    Command.RegisterNode registration =
        new Command.RegisterNode("n1", 0, "a", Set.of(), "127.0.0.1:1", "", "", 1);
    Command.FormCluster forming = new Command.FormCluster("c", 1);
    ControlPlane.Self joining = new ControlPlane.Self("n1", registration, null);
    ControlPlane.Self first = new ControlPlane.Self("n1", registration, forming);
    var nothing = io.featurekv.metadata.ClusterMetadata.empty();
    assertThat(Introduction.next(nothing, joining)).isEmpty();
    assertThat(Introduction.next(nothing, first)).contains(forming);
    assertThat(Introduction.next(script.metadata(), first)).contains(registration);
    long session = script.metadata().nodes().get("n1").session();
    assertThat(Introduction.isOver(script.metadata(), "n1", session)).isFalse();
    assertThat(Introduction.isOver(script.metadata(), "n1", 0)).isFalse();
    script.node("n1", "a");
    assertThat(Introduction.isOver(script.metadata(), "n1", session)).isTrue();
  }
}
