package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CanaryCommandsTest {
  private static final CanaryPlan PLAN = new CanaryPlan("a", 600_000);

  private static Command.BeginTask begin(String task, String table, CanaryPlan plan) {
    return new Command.BeginTask(
        task, table, UpdateMode.FULL, "file.csv", "d1", true, Set.of(), plan);
  }

  private static void load(MetadataScript script, String table, Command.BeginTask begin) {
    long version = script.done(begin).version();
    TreeMap<Integer, String> digests = new TreeMap<>();
    for (int shard = 0; shard < 2; shard++) {
      digests.put(shard, MetadataScript.manifest(version, shard).digest().hex());
    }
    long session = script.session("n1");
    script.done(new Command.ReportHeld("n1", session, table, version, 1, digests));
    script.done(
        new Command.SealVersion(
            begin.taskId(),
            1,
            MetadataScript.manifests(version, 2),
            MetadataScript.counts(2),
            MetadataScript.proofs(version, 2)));
    script.done(new Command.AdvanceVersion(table, version, VersionState.LOADING));
    script.done(
        new Command.ReportReady("n1", session, table, version, new TreeSet<>(digests.keySet())));
    script.done(new Command.AdvanceVersion(table, version, VersionState.READY));
  }

  /** A new table with an active version 1 and version 2 on trial, of task {@code table/two}. */
  static void startCanary(MetadataScript script, String table) {
    readyForTrial(script, table);
    script.done(new Command.StartCanary(table, 2));
  }

  private static void readyForTrial(MetadataScript script, String table) {
    script.done(new Command.CreateTable(table, TableKind.MEM, MetadataScript.TWO_SHARDS));
    load(script, table, begin(table + "/one", table, null));
    script.done(new Command.ActivateVersion(table, 1));
    load(script, table, begin(table + "/two", table, PLAN));
  }

  private static MetadataScript onTrial() {
    MetadataScript script = MetadataScript.formed();
    script.done(MetadataScript.register("n1", "a"));
    script.done(MetadataScript.register("n2", "b"));
    script.done(new Command.SetNodeState("n2", NodeState.DOWN));
    startCanary(script, "t");
    return script;
  }

  private static void assertRolledBack(MetadataScript script, String why) {
    assertThat(script.table().canary()).isNull();
    assertThat(script.stateOf(2)).isEqualTo(VersionState.ROLLED_BACK);
    assertThat(script.version(2).reason()).contains(why);
    assertThat(script.task("t/two").state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task("t/two").reason()).contains(why);
  }

  @Test
  void aCanaryIsReadyWhileTheOtherVersionStaysActive() {
    MetadataScript script = onTrial();
    assertThat(script.table().canary()).isEqualTo(new Canary(2, "a", script.nowMillis(), 600_000));
    assertThat(script.table().activeVersion()).isEqualTo(1);
    assertThat(script.stateOf(2)).isEqualTo(VersionState.READY);
    assertThat(script.task("t/two").state()).isEqualTo(TaskState.LOADING);
    assertThat(script.task("t/two").stage()).isEqualTo("canary");
    script.done(new Command.StartCanary("t", 2));
  }

  /** As when the leader thought so before the table had anything to compare with. */
  @Test
  void aDecisionFromBeforeTheTrialDoesNotEndIt() {
    MetadataScript script = onTrial();
    script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 2, true));
    assertThat(script.table().activeVersion()).isEqualTo(1);
    script.done(new Command.ActivateVersion("t", 2, true, true));
    assertThat(script.table().activeVersion()).isEqualTo(2);
  }

  @Test
  void whatWasReadIsToldByTheTaskInTheEnd() {
    MetadataScript script = onTrial();
    CanaryCounts counts = new CanaryCounts(12_345, 3, 50_000, 2);
    script.done(new Command.ReportCanary("t", 2, counts));
    script.done(new Command.ReportCanary("t", 2, new CanaryCounts(7, 0, 60_000, 2)));
    Canary canary = script.table().canary();
    assertThat(canary.counts()).isEqualTo(new CanaryCounts(12_345, 3, 60_000, 2));
    assertThat(canary.countedAtMillis()).isEqualTo(script.nowMillis());
    script.refused(
        ErrorCode.INVALID_ARGUMENT, new Command.ReportCanary("t", 2, new CanaryCounts(1, 2, 0, 0)));
    script.done(new Command.ReportCanary("t", 1, counts));
    script.done(new Command.ActivateVersion("t", 2));
    assertThat(script.task("t/two").stage()).isEqualTo("canary");
    assertThat(script.task("t/two").canary())
        .isEqualTo(new CanaryPlan("a", 600_000, canary.counts()));
    script.done(new Command.ReportCanary("t", 2, counts));
    assertThat(script.table().canary()).isNull();
    MetadataScript unread = onTrial();
    unread.done(new Command.EndCanary("t", 2, "why", CanaryCounts.NONE));
    assertThat(unread.task("t/two").canary())
        .isEqualTo(new CanaryPlan("a", 600_000, CanaryCounts.NONE));
  }

  @Test
  void saysWhereItStands() {
    Canary canary = new Canary(2, "b", 1_000, 600_000);
    assertThat(canary.text(0)).isEqualTo("canary in sect b, 0ms of 10m, no reads");
    Canary read = canary.counted(new CanaryCounts(1_234, 5, 0, 0), 2_000);
    assertThat(read.text(201_000))
        .isEqualTo("canary in sect b, 3m20s of 10m, 1,234 reads, 5 errors");
    assertThat(read.text(9_999_999)).contains("10m of 10m");
    assertThat(new Canary(2, "b", 0, 7_500_000).text(3_600_000)).contains("1h of 2h5m");
  }

  @Test
  void aCanaryNeedsAnotherSect() {
    MetadataScript script = MetadataScript.formed();
    script.done(MetadataScript.register("n1", "a"));
    script.done(new Command.CreateTable("t", TableKind.MEM, MetadataScript.TWO_SHARDS));
    assertThat(script.refused(ErrorCode.INVALID_ARGUMENT, begin("x", "t", PLAN)))
        .contains("there is only a");
  }

  @Test
  void activationEndsTheTrialWell() {
    MetadataScript script = onTrial();
    script.done(new Command.ActivateVersion("t", 2));
    assertThat(script.table().canary()).isNull();
    assertThat(script.table().activeVersion()).isEqualTo(2);
    assertThat(script.task("t/two").state()).isEqualTo(TaskState.ACTIVE);
    script.done(new Command.EndCanary("t", 2, "too late", CanaryCounts.NONE));
    assertThat(script.stateOf(2)).isEqualTo(VersionState.ACTIVE);
  }

  @Test
  void aBadCanaryIsRolledBackAndCanComeBack() {
    MetadataScript script = onTrial();
    script.done(new Command.EndCanary("t", 2, "too many failed", CanaryCounts.NONE));
    assertRolledBack(script, "too many failed");
    assertThat(script.table().activeVersion()).isEqualTo(1);
    script.done(new Command.ActivateVersion("t", 2));
    assertThat(script.table().activeVersion()).isEqualTo(2);
  }

  @Test
  void anyDecisionOfAnOperatorEndsTheTrialAtOnce() {
    MetadataScript rolledBack = onTrial();
    assertThat(rolledBack.done(new Command.Rollback("t", 0)).version()).isEqualTo(1);
    assertRolledBack(rolledBack, "in favour of version 1");
    assertThat(rolledBack.table().activeVersion()).isEqualTo(1);
    MetadataScript chosen = onTrial();
    chosen.done(new Command.ActivateVersion("t", 1));
    assertRolledBack(chosen, "in favour of version 1");
    MetadataScript other = onTrial();
    load(other, "t", begin("t/three", "t", null));
    other.done(new Command.ActivateVersion("t", 3));
    assertRolledBack(other, "in favour of version 3");
    assertThat(other.table().activeVersion()).isEqualTo(3);
    MetadataScript cancelled = onTrial();
    cancelled.done(new Command.FailTask("t/two", 1, "cancelled", true));
    assertThat(cancelled.table().canary()).isNull();
    assertThat(cancelled.stateOf(2)).isEqualTo(VersionState.ROLLED_BACK);
    assertThat(cancelled.task("t/two").state()).isEqualTo(TaskState.CANCELLED);
    MetadataScript failed = onTrial();
    failed.done(new Command.FailVersion("t", 2, "superseded"));
    assertRolledBack(failed, "superseded");
    MetadataScript dropped = onTrial();
    dropped.done(new Command.DropVersion("t", 2));
    assertThat(dropped.table().canary()).isNull();
  }

  @Test
  void whatTheLeaderDecidedBeforeDoesNotUndoWhatAPersonDecided() {
    MetadataScript script = onTrial();
    script.done(new Command.Rollback("t", 0));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 2, true)))
        .contains("is ROLLED_BACK");
    script.done(new Command.ActivateVersion("t", 2));
    MetadataScript cancelled = onTrial();
    cancelled.done(new Command.FailTask("t/two", 1, "cancelled", true));
    cancelled.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 2, true));
    MetadataScript late = onTrial();
    late.done(new Command.ActivateVersion("t", 1, true));
    assertThat(late.table().canary()).isNotNull();
    MetadataScript baked = onTrial();
    baked.done(new Command.ActivateVersion("t", 2, true, true));
    assertThat(baked.done(new Command.ActivateVersion("t", 2, true, true)).version()).isEqualTo(2);
  }

  @Test
  void whatACanaryIsJudgedByIsToldByItsTask() {
    MetadataScript script = onTrial();
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.EndCanary("t", 2, "why", new CanaryCounts(1, 2, 0, 0)));
    script.done(new Command.ReportCanary("t", 2, new CanaryCounts(9, 1, 70, 0)));
    script.done(new Command.EndCanary("t", 2, "why", new CanaryCounts(50, 40, 60, 0)));
    assertThat(script.task("t/two").canary())
        .isEqualTo(new CanaryPlan("a", 600_000, new CanaryCounts(50, 40, 70, 0)));
  }

  @Test
  void aLoadThatEndedWellIsFoundAgainWhateverSectsThereAre() {
    MetadataScript script = onTrial();
    script.done(new Command.ActivateVersion("t", 2));
    script.done(begin("t/three", "t", PLAN));
    script.done(new Command.FailTask("t/three", 1, "why", false));
    script.done(MetadataScript.register("n2", "a"));
    assertThat(script.done(begin("t/two", "t", PLAN)).version()).isEqualTo(2);
    assertThat(script.refused(ErrorCode.INVALID_ARGUMENT, begin("t/three", "t", PLAN)))
        .contains("there is only a");
  }

  @Test
  void aVersionThatWasNotToBecomeActiveIsNoCanaryTheNextTime() {
    MetadataScript script = onTrial();
    script.done(new Command.BeginTask("x", "t", UpdateMode.FULL, "file.csv", "d1", false));
    script.done(new Command.FailTask("x", 1, "why", false));
    assertThat(script.refused(ErrorCode.CONFLICT, begin("x", "t", PLAN)))
        .contains("version 3 of t")
        .contains("another operation id");
    assertThat(script.done(begin("x", "t", null)).attempt()).isEqualTo(2);
  }

  @Test
  void onlySoManyTablesHaveACanary() {
    MetadataScript script = onTrial();
    for (int i = 1; i < Canary.MAX_AT_A_TIME; i++) {
      startCanary(script, "t" + i);
    }
    readyForTrial(script, "last");
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.StartCanary("last", 2)))
        .contains("64 tables");
    script.done(new Command.StartCanary("t", 2));
    script.done(new Command.Rollback("t", 0));
    script.done(new Command.StartCanary("last", 2));
  }

  @Test
  void refusesWhatCannotBeACanary() {
    MetadataScript script = onTrial();
    assertThat(
            script.refused(ErrorCode.INVALID_ARGUMENT, begin("x", "t", new CanaryPlan("c", 1_000))))
        .contains("'c'")
        .contains("[a, b]");
    script.refused(ErrorCode.INVALID_ARGUMENT, begin("x", "t", new CanaryPlan("a", 0)));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.BeginTask(
            "x", "t", UpdateMode.FULL, "in", "d", false, Set.of(), new CanaryPlan("a", 1)));
    script.refused(ErrorCode.CONFLICT, new Command.StartCanary("t", 1));
    load(script, "t", begin("t/three", "t", PLAN));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.StartCanary("t", 3)))
        .contains("version 2 of t is a canary already");
    script.done(new Command.ActivateVersion("t", 2));
    load(script, "t", begin("t/four", "t", new CanaryPlan("b", 1_000)));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.StartCanary("t", 4)))
        .contains("no node of sect b is ready with shard 0");
  }
}
