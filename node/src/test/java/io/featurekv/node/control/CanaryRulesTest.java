package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.TrialCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanaryRulesTest {
  private static final CanaryPlan PLAN = new CanaryPlan("b", 600_000);

  private static MetadataScript twoSects() {
    return new MetadataScript()
        .node("n0", "a")
        .node("n1", "b")
        .table("t", 2, 3, new ActivateWhen.Live());
  }

  private static long ready(MetadataScript script, CanaryPlan plan) {
    return ready(script, "t", plan);
  }

  private static long ready(MetadataScript script, String table, CanaryPlan plan) {
    long version = script.sealed(table, UpdateMode.FULL, plan, "n0", "n1");
    script.loading(table, version);
    script.ready("n0", table, version, 0, 1).ready("n1", table, version, 0, 1);
    script.apply(new Command.AdvanceVersion(table, version, VersionState.READY));
    return version;
  }

  private static void activate(MetadataScript script) {
    script.apply(new Command.ActivateVersion("t", ready(script, null)));
  }

  private static void goBack(MetadataScript script) {
    long version = ready(script, PLAN);
    script.apply(new Command.StartCanary("t", version));
    script.apply(new Command.EndCanary("t", version, "why", CanaryCounts.NONE));
  }

  /** Version 1 is active, version 2 ready and to be a canary. */
  private static MetadataScript readyForTrial() {
    MetadataScript script = twoSects();
    activate(script);
    ready(script, PLAN);
    return script;
  }

  private static MetadataScript onTrial() {
    return readyForTrial().apply(new Command.StartCanary("t", 2));
  }

  private static List<Command> due(
      MetadataScript script, long afterMillis, boolean isWhole, CanaryCounts counts) {
    return LifecycleRules.due(
        script.metadata(),
        script.nowMillis(),
        seen ->
            seen instanceof CanaryRules.Trial || seen instanceof CanaryRules.Told ? afterMillis : 0,
        table -> new CanaryEvidence(counts, isWhole));
  }

  private static List<Command> due(MetadataScript script, long afterMillis, CanaryCounts counts) {
    return due(script, afterMillis, true, counts);
  }

  private static String whyBack(List<Command> due) {
    assertThat(due).hasSize(1).first().isInstanceOf(Command.EndCanary.class);
    return ((Command.EndCanary) due.getFirst()).reason();
  }

  @Test
  void aReadyVersionWithAPlanIsTriedFirst() {
    assertThat(due(readyForTrial(), 0, CanaryCounts.NONE))
        .containsExactly(new Command.StartCanary("t", 2));
  }

  @Test
  void theFirstVersionOfATableIsNotTried() {
    MetadataScript script = twoSects();
    long version = ready(script, PLAN);
    assertThat(due(script, 0, CanaryCounts.NONE))
        .containsExactly(new Command.ActivateVersion("t", version, true));
  }

  @Test
  void theTrialWaitsForItsSectAndForTheTrialBefore() {
    MetadataScript down = readyForTrial().state("n1", NodeState.DOWN);
    assertThat(due(down, 0, CanaryCounts.NONE)).isEmpty();
    MetadataScript another = onTrial();
    ready(another, PLAN);
    assertThat(due(another, 0, CanaryCounts.NONE)).isEmpty();
  }

  @Test
  void goesOnOnceItHasBakedAndItsLastCountsAreTold() {
    MetadataScript script = onTrial();
    CanaryCounts counts = new CanaryCounts(100_000, 100, 0, 0);
    assertThat(due(script, 1_000, counts)).isEmpty();
    Command told = new Command.ReportCanary("t", 2, counts);
    assertThat(due(script, CanaryRules.TELL_MILLIS, counts)).containsExactly(told);
    script.apply(told);
    assertThat(due(script, 599_999, counts)).isEmpty();
    CanaryCounts last = new CanaryCounts(100_001, 100, 0, 0);
    Command lastTold = new Command.ReportCanary("t", 2, last);
    assertThat(due(script, 600_000, last)).containsExactly(lastTold);
    script.apply(lastTold);
    assertThat(due(script, 600_000, last))
        .containsExactly(new Command.ActivateVersion("t", 2, true, true));
  }

  @Test
  void readsThatGoOnDoNotKeepItFromItsEnd() {
    MetadataScript script = onTrial();
    script.apply(new Command.ReportCanary("t", 2, new CanaryCounts(10, 0, 0, 0)));
    List<Command> due =
        LifecycleRules.due(
            script.metadata(),
            script.nowMillis(),
            seen ->
                seen instanceof CanaryRules.Trial
                    ? 600_200
                    : seen instanceof CanaryRules.Told ? 100 : 0,
            table -> new CanaryEvidence(new CanaryCounts(20, 0, 0, 0), true));
    assertThat(due).containsExactly(new Command.ActivateVersion("t", 2, true, true));
  }

  @Test
  void goesOnWithoutAnyRead() {
    MetadataScript script = onTrial();
    assertThat(due(script, 600_000, CanaryCounts.NONE))
        .containsExactly(new Command.ActivateVersion("t", 2, true, true));
  }

  @Test
  void goesBackAsSoonAsEnoughReadsFail() {
    MetadataScript script = onTrial();
    assertThat(due(script, 1_000, new CanaryCounts(4_000, 9, 50_000, 5))).isEmpty();
    assertThat(whyBack(due(script, 1_000, false, new CanaryCounts(4_000, 10, 50_000, 5))))
        .isEqualTo(
            "canary: 10 of 4,000 reads of version 2 in sect b failed (0.25 %); at most 0.10 % may,"
                + " since of version 1 5 of 50,000 failed (0.01 %)");
  }

  @Test
  void errorsThatTheActiveVersionHasTooAreNoReason() {
    MetadataScript script = onTrial();
    assertThat(due(script, 1_000, new CanaryCounts(1_000, 20, 1_000, 10))).isEmpty();
    assertThat(whyBack(due(script, 1_000, new CanaryCounts(1_000, 21, 1_000, 10))))
        .contains("at most 2.00 % may");
  }

  @Test
  void fewErrorsCountWhereHardlyAnythingElseWasRead() {
    MetadataScript script = onTrial();
    CanaryCounts counts = new CanaryCounts(4, 4, 1_000, 0);
    assertThat(due(script, 599_999, false, counts)).noneMatch(c -> c instanceof Command.EndCanary);
    assertThat(whyBack(due(script, 600_000, counts))).contains("4 of 4 reads");
    assertThat(due(script, 600_000, new CanaryCounts(1_000, 4, 1_000, 0)))
        .noneMatch(c -> c instanceof Command.EndCanary);
  }

  @Test
  void theEndWaitsForWhatNodesHaveCountedButNotForEver() {
    MetadataScript script = onTrial();
    assertThat(due(script, 600_000, false, CanaryCounts.NONE)).isEmpty();
    assertThat(
            due(script, 600_001 + CanaryRules.EVIDENCE_PATIENCE_MILLIS, false, CanaryCounts.NONE))
        .hasSize(1);
  }

  @Test
  void goesBackWhereItsSectLosesNodesForLong() {
    MetadataScript script = onTrial().state("n1", NodeState.DOWN);
    assertThat(due(script, 600_000, CanaryCounts.NONE)).isEmpty();
    assertThat(whyBack(due(script, 600_001 + CanaryRules.SECT_PATIENCE_MILLIS, CanaryCounts.NONE)))
        .contains("sect b has lost nodes");
  }

  @Test
  void aLoadThatIsNoCanaryTakesOver() {
    MetadataScript script = onTrial();
    ready(script, null);
    assertThat(due(script, 0, CanaryCounts.NONE))
        .containsExactly(new Command.ActivateVersion("t", 3, true));
  }

  @Test
  void theCountsThatItIsJudgedByAreToldWithTheVerdict() {
    MetadataScript script = onTrial();
    script.apply(new Command.ReportCanary("t", 2, new CanaryCounts(0, 0, 90, 0)));
    List<Command> due = due(script, 1_000, new CanaryCounts(4_000, 2_000, 70, 0));
    assertThat(whyBack(due)).contains("2,000 of 4,000");
    assertThat(((Command.EndCanary) due.getFirst()).counts())
        .isEqualTo(new CanaryCounts(4_000, 2_000, 90, 0));
  }

  @Test
  void noMoreTrialsBeginAtOnceThanMayGoOn() {
    MetadataScript script = onTrial();
    for (int i = 0; i < Canary.MAX_AT_A_TIME + 2; i++) {
      String table = "t" + i;
      script.table(table, 2, 3, new ActivateWhen.Live());
      script.apply(new Command.ActivateVersion(table, ready(script, table, null)));
      ready(script, table, PLAN);
    }
    List<Command> due = due(script, 0, CanaryCounts.NONE);
    assertThat(due)
        .hasSize(Canary.MAX_AT_A_TIME - 1)
        .allMatch(command -> command instanceof Command.StartCanary);
    due.forEach(script::apply);
    assertThat(due(script, 0, CanaryCounts.NONE)).isEmpty();
  }

  @Test
  void canariesThatWentBackPushNothingOut() {
    MetadataScript script =
        new MetadataScript()
            .node("n0", "a")
            .node("n1", "b")
            .table("t", 2, 2, new ActivateWhen.Live());
    activate(script);
    activate(script);
    goBack(script);
    goBack(script);
    assertThat(due(script, 0, CanaryCounts.NONE))
        .containsExactly(new Command.DropVersion("t", 3, true));
    script.apply(new Command.DropVersion("t", 3));
    activate(script);
    assertThat(due(script, 0, CanaryCounts.NONE)).isEmpty();
    activate(script);
    assertThat(due(script, 0, CanaryCounts.NONE))
        .containsExactly(new Command.DropVersion("t", 1, true));
    script.apply(new Command.DropVersion("t", 1));
    activate(script);
    assertThat(due(script, 0, CanaryCounts.NONE))
        .containsExactlyInAnyOrder(
            new Command.DropVersion("t", 4, true), new Command.DropVersion("t", 2, true));
  }

  @Test
  void countsOfAllNodesAreSummedUpAndOutliveARestart() {
    MetadataScript script = onTrial();
    TrialReports reports = new TrialReports();
    assertThat(reports.of(script.metadata(), "t", 2))
        .isEqualTo(new CanaryEvidence(CanaryCounts.NONE, false));
    reports.heard(beat("n0", 7, new CanaryCounts(0, 0, 100, 1)));
    reports.heard(beat("n1", 7, new CanaryCounts(10, 1, 0, 0)));
    reports.heard(beat("n1", 7, new CanaryCounts(20, 2, 0, 0)));
    assertThat(reports.of(script.metadata(), "t", 2))
        .isEqualTo(new CanaryEvidence(new CanaryCounts(20, 2, 100, 1), true));
    reports.heard(new Heartbeat("n1", 1, 1, 8, List.of()));
    assertThat(reports.of(script.metadata(), "t", 2))
        .isEqualTo(new CanaryEvidence(new CanaryCounts(20, 2, 100, 1), false));
    reports.heard(beat("n1", 8, new CanaryCounts(5, 0, 0, 0)));
    assertThat(reports.of(script.metadata(), "t", 2))
        .isEqualTo(new CanaryEvidence(new CanaryCounts(25, 2, 100, 1), true));
    assertThat(reports.of(script.metadata(), "t", 3).counts()).isEqualTo(CanaryCounts.NONE);
  }

  private static Heartbeat beat(String node, long process, CanaryCounts counts) {
    Heartbeat beat = new Heartbeat(node, 1, 1, process, List.of(new TrialCounts("t", 2, counts)));
    assertThat(Heartbeat.decode(beat.encode())).isEqualTo(beat);
    return beat;
  }
}
