package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Gates;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.OperationIds;
import io.featurekv.metadata.ShardFindings;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LifecycleRulesTest {
  private static final ActivateWhen LIVE = new ActivateWhen.Live();

  private static List<Command> due(MetadataScript script) {
    return due(script, System.currentTimeMillis(), 0);
  }

  private static List<Command> due(MetadataScript script, long nowMillis, long unchangedMillis) {
    return LifecycleRules.due(
        script.metadata(),
        nowMillis,
        record -> unchangedMillis,
        table -> new CanaryEvidence(CanaryCounts.NONE, false));
  }

  private static MetadataScript twoSects(ActivateWhen when) {
    return new MetadataScript().node("n0", "a").node("n1", "b").table("t", 2, 2, when);
  }

  @Test
  void sealedVersionIsLoaded() {
    MetadataScript script = twoSects(LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    assertThat(due(script))
        .containsExactly(new Command.AdvanceVersion("t", version, VersionState.LOADING));
  }

  @Test
  void liveWaitsForEverySectThatHasNoNodeDown() {
    MetadataScript script = twoSects(LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1);
    assertThat(due(script)).isEmpty();
    script.ready("n1", "t", version, 0);
    assertThat(due(script)).isEmpty();
    script.ready("n1", "t", version, 1);
    assertThat(due(script))
        .containsExactly(new Command.AdvanceVersion("t", version, VersionState.READY));
  }

  @Test
  void waitsUntilEveryShardThatAGateAsksForWasLookedInto() {
    MetadataScript script = twoSects(LIVE);
    GoldenKey golden = new GoldenKey(new byte[] {1}, new GoldenKey.Absent());
    script.apply(
        new Command.AlterTable(
            "t",
            new TableOptions(2, 2, 0, 1 << 20, LIVE)
                .withGates(new Gates(null, null, null, null, null, List.of(), List.of(golden)))));
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1).ready("n1", "t", version, 0, 1);
    assertThat(due(script)).isEmpty();
    TreeMap<Integer, ShardFindings> findings = new TreeMap<>();
    findings.put(0, new ShardFindings(0, 0, List.of()));
    findings.put(1, new ShardFindings(0, 0, List.of()));
    long session = script.metadata().nodes().get("n0").session();
    script.apply(new Command.ReportFindings("n0", session, "t", version, findings));
    assertThat(due(script))
        .containsExactly(new Command.AdvanceVersion("t", version, VersionState.READY));
  }

  @Test
  void liveDoesNotWaitForASectWithANodeDown() {
    MetadataScript script = twoSects(LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1).state("n1", NodeState.DOWN);
    assertThat(due(script))
        .containsExactly(new Command.AdvanceVersion("t", version, VersionState.READY));
  }

  @Test
  void allWaitsEvenForASectWithANodeDown() {
    MetadataScript script = twoSects(new ActivateWhen.All());
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1).state("n1", NodeState.DOWN);
    assertThat(due(script)).isEmpty();
  }

  @Test
  void oneSectIsEnoughWhereTheTableSaysSo() {
    MetadataScript script = twoSects(new ActivateWhen.Sects(1));
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1);
    assertThat(due(script)).hasSize(1);
  }

  @Test
  void shardReadyOnlyOnANodeThatIsDownDoesNotCount() {
    MetadataScript script = twoSects(LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", version).ready("n0", "t", version, 0, 1).ready("n1", "t", version, 0, 1);
    script.state("n0", NodeState.DOWN).state("n1", NodeState.DOWN);
    assertThat(due(script)).isEmpty();
  }

  @Test
  void readyVersionThatShallBeActiveIsActivated() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 2, LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0");
    script.loading("t", version).ready("n0", "t", version, 0);
    script.apply(new Command.AdvanceVersion("t", version, VersionState.READY));
    assertThat(due(script)).containsExactly(new Command.ActivateVersion("t", version, true));
  }

  @Test
  void olderLoadThatFinishesAfterANewerOneDoesNotTakeOver() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 2, LIVE);
    long older = script.sealed("t", UpdateMode.FULL, "n0");
    script.loading("t", older);
    script.active("t", 0);
    assertThat(due(script))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailVersion.class,
            fail -> {
              assertThat(fail.version()).isEqualTo(older);
              assertThat(fail.reason()).contains("superseded");
            });
  }

  @Test
  void onlyRetainedVersionsBeyondTheNumberAreDropped() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 2, LIVE);
    long first = script.active("t", 0);
    script.active("t", 0);
    script.active("t", 0);
    assertThat(due(script)).isEmpty();
    script.active("t", 0);
    assertThat(due(script)).containsExactly(new Command.DropVersion("t", first, true));
  }

  @Test
  void parentOfAKeptIncrementIsNotDropped() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 1, LIVE);
    script.active("t", 0);
    for (int i = 0; i < 3; i++) {
      long increment = script.sealed("t", UpdateMode.INCREMENTAL, "n0");
      script.loading("t", increment).ready("n0", "t", increment, 0);
      script.apply(new Command.AdvanceVersion("t", increment, VersionState.READY));
      script.apply(new Command.ActivateVersion("t", increment));
    }
    assertThat(due(script)).isEmpty();
  }

  @Test
  void mergedFileOfEveryShardFreesTheAncestors() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 1, LIVE);
    script.active("t", 0);
    script.increment("t", 0);
    long retained = script.increment("t", 0);
    long active = script.increment("t", 0);
    assertThat(due(script)).isEmpty();
    script.merged("n0", "t", active, 0);
    assertThat(due(script))
        .containsExactly(new Command.CompleteMerge("t", active, new TreeSet<>(List.of(0))));
    due(script).forEach(script::apply);
    assertThat(due(script)).isEmpty();
    script.merged("n0", "t", retained, 0);
    due(script).forEach(script::apply);
    assertThat(due(script))
        .containsExactlyInAnyOrder(
            new Command.DropVersion("t", 1, true), new Command.DropVersion("t", 2, true));
  }

  @Test
  void mergeIsNotCompleteWhileANodeHasOnlyTheChain() {
    MetadataScript script = twoSects(LIVE);
    script.sealed("t", UpdateMode.FULL, "n0", "n1");
    script.loading("t", 1).ready("n0", "t", 1, 0, 1).ready("n1", "t", 1, 0, 1);
    script.apply(new Command.AdvanceVersion("t", 1, VersionState.READY));
    script.apply(new Command.ActivateVersion("t", 1));
    long increment = script.sealed("t", UpdateMode.INCREMENTAL, "n0", "n1");
    script.loading("t", increment);
    script.ready("n0", "t", increment, 0, 1).ready("n1", "t", increment, 0, 1);
    script.apply(new Command.AdvanceVersion("t", increment, VersionState.READY));
    script.apply(new Command.ActivateVersion("t", increment));
    script.merged("n0", "t", increment, 0).merged("n0", "t", increment, 1);
    assertThat(due(script)).isEmpty();
    script.merged("n1", "t", increment, 1);
    assertThat(due(script))
        .containsExactly(new Command.CompleteMerge("t", increment, new TreeSet<>(List.of(1))));
  }

  @Test
  void silentBuilderFailsItsTaskWithTheWayToGoOn() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 1, LIVE);
    String task = OperationIds.next(System.currentTimeMillis());
    script.apply(new Command.BeginTask(task, "t", UpdateMode.FULL, "x", "00", true));
    assertThat(due(script, 0, LifecycleRules.BUILDER_SILENCE_MILLIS + 1))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailTask.class,
            fail -> assertThat(fail.reason()).contains("--operation-id " + task));
  }

  @Test
  void versionThatANodeCannotLoadFailsWithTheNodesReason() {
    MetadataScript script = new MetadataScript().node("n0", "a").table("t", 1, 1, LIVE);
    long version = script.sealed("t", UpdateMode.FULL, "n0");
    script.loading("t", version);
    script.apply(
        new Command.ReportLoadFailure(
            "n0", script.metadata().nodes().get("n0").session(), "t", version, "no room"));
    assertThat(due(script)).isEmpty();
    assertThat(due(script, 0, LifecycleRules.LOAD_FAILURE_PATIENCE_MILLIS + 1))
        .containsExactly(new Command.FailVersion("t", version, "n0: no room"));
  }
}
