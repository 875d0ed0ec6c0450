package io.featurekv.metadata;

import static io.featurekv.metadata.MetadataScript.begin;
import static io.featurekv.metadata.MetadataScript.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TaskCommandsTest {
  private static SortedMap<Integer, String> held(int shard, String digest) {
    return new TreeMap<>(java.util.Map.of(shard, digest));
  }

  @Test
  void aTaskGetsTheNextVersion() {
    MetadataScript script = MetadataScript.withTable();
    CommandResult result = script.done(begin("one", UpdateMode.FULL));
    assertThat(result.version()).isEqualTo(1);
    assertThat(result.attempt()).isEqualTo(1);
    assertThat(script.stateOf(1)).isEqualTo(VersionState.BUILDING);
    assertThat(script.version(1).shardCount()).isEqualTo(2);
    assertThat(script.done(begin("two", UpdateMode.FULL)).version()).isEqualTo(2);
    script.refused(
        ErrorCode.NOT_FOUND, new Command.BeginTask("x", "u", UpdateMode.FULL, "", "", true));
    script.refused(ErrorCode.INVALID_ARGUMENT, begin("a b", UpdateMode.FULL));
    script.refused(ErrorCode.INVALID_ARGUMENT, begin("", UpdateMode.FULL));
  }

  @Test
  void anIncrementNeedsAnActiveVersion() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    script.refused(ErrorCode.NOT_FOUND, begin("two", UpdateMode.INCREMENTAL));
  }

  @Test
  void aTaskIdStandsForOneLoad() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.done(new Command.CreateTable("u", TableKind.MEM, MetadataScript.TWO_SHARDS));
    script.refused(ErrorCode.INVALID_ARGUMENT, begin("one", UpdateMode.INCREMENTAL));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.BeginTask("one", "u", UpdateMode.FULL, "file.csv", "d1", true));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.BeginTask("one", "t", UpdateMode.FULL, "file.csv", "d2", true));
  }

  @Test
  void aSealedTaskIsAnsweredAndNotBegunAgain() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    CommandResult again = script.done(begin("one", UpdateMode.FULL));
    assertThat(again.version()).isEqualTo(1);
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(script.task("one").state()).isEqualTo(TaskState.LOADING);
    assertThat(script.table().nextVersion()).isEqualTo(2);
  }

  @Test
  void anInterruptedTaskGoesOnWithAnotherAttemptOfItsVersion() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    script.hold("n1", 1);
    CommandResult again = script.done(begin("one", UpdateMode.FULL));
    assertThat(again.version()).isEqualTo(1);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(script.version(1).shards()).containsOnly(ShardRecord.EMPTY);
    script.refused(
        ErrorCode.CONFLICT,
        new Command.ReportProgress(
            "one", 1, "sort", StageFigures.ofEntries(1, 2), TaskCounts.NONE));
    script.refused(ErrorCode.CONFLICT, new Command.FailTask("one", 1, "x", false));
    script.done(
        new Command.ReportProgress(
            "one", 2, "sort", StageFigures.ofEntries(1, 2), TaskCounts.NONE));
    assertThat(script.task("one").stage()).isEqualTo("sort");
  }

  @Test
  void aFailedOrCancelledTaskCanBeRetried() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    script.done(new Command.FailTask("one", 1, "disk full", false));
    assertThat(script.task("one").state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task("one").reason()).isEqualTo("disk full");
    assertThat(script.stateOf(1)).isEqualTo(VersionState.FAILED);
    script.refused(
        ErrorCode.CONFLICT,
        new Command.ReportProgress(
            "one", 1, "sort", StageFigures.ofEntries(1, 2), TaskCounts.NONE));
    assertThat(script.done(begin("one", UpdateMode.FULL)).attempt()).isEqualTo(2);
    assertThat(script.stateOf(1)).isEqualTo(VersionState.BUILDING);
    script.done(new Command.FailTask("one", 2, "stop", true));
    assertThat(script.task("one").state()).isEqualTo(TaskState.CANCELLED);
    assertThat(script.done(begin("one", UpdateMode.FULL)).attempt()).isEqualTo(3);
  }

  @Test
  void tellsWhyTheLastAttemptsCameToNothing() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    assertThat(script.task("one").earlier()).isEmpty();
    script.done(new Command.FailTask("one", 1, "disk full", false));
    script.done(begin("one", UpdateMode.FULL));
    script.done(begin("one", UpdateMode.FULL));
    script.done(new Command.FailTask("one", 3, "stop", true));
    script.done(begin("one", UpdateMode.FULL));
    assertThat(script.task("one").earlier())
        .extracting(EarlierAttempt::attempt, EarlierAttempt::reason)
        .containsExactly(
            tuple(1, "disk full"),
            tuple(2, "it was begun again before it had ended"),
            tuple(3, "stop"));
    script.done(new Command.FailTask("one", 4, "x".repeat(1_000), false));
    script.done(begin("one", UpdateMode.FULL));
    assertThat(script.task("one").earlier())
        .extracting(EarlierAttempt::attempt)
        .containsExactly(2, 3, 4);
    assertThat(script.task("one").earlier().getLast().reason()).hasSize(500);
    assertThat(MetadataCodec.decodeSnapshot(MetadataCodec.encodeSnapshot(script.state())))
        .isEqualTo(script.state());
  }

  @Test
  void aTaskWhoseVersionWasDroppedCannotGoOn() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    script.done(new Command.FailTask("one", 1, "x", false));
    script.done(new Command.DropVersion("t", 1));
    script.refused(ErrorCode.CONFLICT, begin("one", UpdateMode.FULL));
  }

  @Test
  void cancellingWhileNodesLoadFailsTheVersion() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    script.done(new Command.FailTask("one", 1, "stop", true));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.FAILED);
    script.loaded("two", UpdateMode.FULL);
    script.done(new Command.ActivateVersion("t", 2));
    script.refused(ErrorCode.CONFLICT, new Command.FailTask("two", 1, "late", true));
  }

  @Test
  void sealingSetsManifestsAndSums() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    VersionRecord version = script.version(1);
    assertThat(version.state()).isEqualTo(VersionState.SEALED);
    assertThat(version.entries()).isEqualTo(20);
    assertThat(version.bytes()).isEqualTo(2001);
    assertThat(version.shards().get(1).manifest()).isEqualTo(MetadataScript.manifest(1, 1));
    assertThat(script.task("one").state()).isEqualTo(TaskState.LOADING);
    script.refused(ErrorCode.CONFLICT, script.seal("one"));
  }

  @Test
  void theLastStageOfAFinishedTaskIsWhole() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    assertThat(script.task("one").stages().getLast().figures())
        .isEqualTo(new StageFigures(20, 20, 2001, 2001));
  }

  @Test
  void nodesThatBecomeReadyAdvanceTheStage() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    for (int shard = 0; shard < 2; shard++) {
      script.done(
          new Command.ReportReady(
              "n1", script.session("n1"), "t", 1, new TreeSet<>(List.of(shard))));
      TaskStage stage = script.task("one").stages().getLast();
      assertThat(stage.name()).isEqualTo("load");
      assertThat(stage.figures())
          .isEqualTo(new StageFigures(10L * (shard + 1), 20, 1000 + 1001L * shard, 2001));
    }
  }

  @Test
  void theLastStageEndsOnce() {
    MetadataScript script = MetadataScript.withTable();
    script.done(new Command.BeginTask("one", "t", UpdateMode.FULL, "file.csv", "d1", false));
    script.hold("n1", 1);
    script.done(script.seal("one"));
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    script.ready("n1", 1);
    script.done(new Command.AdvanceVersion("t", 1, VersionState.READY));
    TaskRecord ready = script.task("one");
    assertThat(ready.state()).isEqualTo(TaskState.READY);
    assertThat(ready.stages().getLast().updatedAtMillis()).isEqualTo(ready.updatedAtMillis());
    script.pass(60_000);
    script.done(new Command.ActivateVersion("t", 1));
    assertThat(script.task("one").state()).isEqualTo(TaskState.ACTIVE);
    assertThat(script.task("one").updatedAtMillis()).isGreaterThan(ready.updatedAtMillis());
    assertThat(script.task("one").stages()).isEqualTo(ready.stages());
  }

  @Test
  void theStageOfATaskThatFailsEndsWithItAndStaysAsFarAsItWas() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    StageFigures figures = StageFigures.ofEntries(1, 2);
    script.done(new Command.ReportProgress("one", 1, "read", figures, TaskCounts.NONE));
    script.pass(3_000);
    script.done(new Command.FailTask("one", 1, "disk full", false));
    TaskStage last = script.task("one").stages().getLast();
    assertThat(last.figures()).isEqualTo(figures);
    assertThat(last.updatedAtMillis()).isEqualTo(script.task("one").updatedAtMillis());
    assertThat(last.updatedAtMillis()).isGreaterThan(last.beganAtMillis());
  }

  @Test
  void sealingNeedsAHolderOfEveryShard() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    long session = script.session("n1");
    String first = MetadataScript.manifest(1, 0).digest().hex();
    script.done(new Command.ReportHeld("n1", session, "t", 1, 1, held(0, first)));
    assertThat(script.refused(ErrorCode.CONFLICT, script.seal("one"))).contains("shard 1");
    script.done(new Command.ReportHeld("n1", session, "t", 1, 1, held(1, first)));
    assertThat(script.refused(ErrorCode.CONFLICT, script.seal("one"))).contains("shard 1");
    script.hold("n1", 1);
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.SealVersion(
            "one",
            1,
            MetadataScript.manifests(1, 3),
            MetadataScript.counts(3),
            MetadataScript.proofs(1, 3)));
    script.done(script.seal("one"));
  }

  @Test
  void sealingNeedsTwoSectsWhereTwoAreUp() {
    MetadataScript script = MetadataScript.withTable();
    script.done(register("n2", "b"));
    script.done(begin("one", UpdateMode.FULL));
    script.hold("n1", 1);
    script.refused(ErrorCode.CONFLICT, script.seal("one"));
    script.done(new Command.SetNodeState("n2", NodeState.DOWN));
    script.done(script.seal("one"));
    script.done(new Command.SetNodeState("n2", NodeState.UP));
    script.done(begin("two", UpdateMode.FULL));
    script.hold("n1", 2);
    script.hold("n2", 2);
    script.done(script.seal("two"));
  }

  @Test
  void holdersOfAnotherFileAreForgottenWhenSealed() {
    MetadataScript script = MetadataScript.withTable();
    script.done(register("n2", "a"));
    script.done(begin("one", UpdateMode.FULL));
    String other = MetadataScript.digest("other").hex();
    script.done(new Command.ReportHeld("n2", script.session("n2"), "t", 1, 1, held(0, other)));
    script.hold("n1", 1);
    script.done(script.seal("one"));
    assertThat(script.version(1).shards().get(0).holders()).containsOnlyKeys("n1");
    script.refused(
        ErrorCode.CONFLICT,
        new Command.ReportHeld("n2", script.session("n2"), "t", 1, 1, held(0, other)));
  }

  @Test
  void anIncrementBuildsOnTheVersionThatIsActiveWhenItSeals() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    long increment = script.done(begin("two", UpdateMode.INCREMENTAL)).version();
    assertThat(script.version(increment).parent()).isZero();
    script.activated("three", UpdateMode.FULL);
    script.hold("n1", increment);
    script.done(script.seal("two"));
    assertThat(script.version(increment).parent()).isEqualTo(3);
    assertThat(script.table().chain(script.version(increment)))
        .extracting(VersionRecord::number)
        .containsExactly(2L, 3L);
  }

  @Test
  void anIncrementOnAnotherShardCountIsRefused() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    long increment = script.done(begin("two", UpdateMode.INCREMENTAL)).version();
    script.hold("n1", increment);
    script.done(new Command.AlterTable("t", new TableOptions(3, 3, 0, 1, new ActivateWhen.All())));
    script.activated("three", UpdateMode.FULL);
    script.refused(ErrorCode.CONFLICT, script.seal("two"));
    script.done(begin("two", UpdateMode.INCREMENTAL));
    assertThat(script.version(increment).shardCount()).isEqualTo(3);
  }

  @Test
  void incrementsGoOneAfterAnother() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.sealed("two", UpdateMode.INCREMENTAL);
    script.done(begin("three", UpdateMode.INCREMENTAL));
    script.hold("n1", 3);
    String id = script.newId();
    Command seal = script.seal("three");
    assertThat(script.apply(id, seal).error()).isEqualTo(ErrorCode.TRY_AGAIN);
    script.done(new Command.AdvanceVersion("t", 2, VersionState.LOADING));
    script.ready("n1", 2);
    script.done(new Command.AdvanceVersion("t", 2, VersionState.READY));
    script.done(new Command.ActivateVersion("t", 2));
    assertThat(script.apply(id, seal).error()).isNull();
    assertThat(script.version(3).parent()).isEqualTo(2);
  }

  @Test
  void aChainEndsWithAFullLoad() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("full", UpdateMode.FULL);
    for (int i = 1; i < 64; i++) {
      script.activated("increment-" + i, UpdateMode.INCREMENTAL);
    }
    long last = script.done(begin("last", UpdateMode.INCREMENTAL)).version();
    script.hold("n1", last);
    assertThat(script.refused(ErrorCode.CONFLICT, script.seal("last"))).contains("full load");
  }

  @Test
  void aReportCountsForTheAttemptItWasMadeIn() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    long session = script.session("n1");
    String digest = MetadataScript.manifest(1, 0).digest().hex();
    Command late = new Command.ReportHeld("n1", session, "t", 1, 1, held(0, digest));
    script.done(new Command.FailTask("one", 1, "the disk is full", false));
    script.refused(ErrorCode.CONFLICT, late);
    assertThat(script.done(begin("one", UpdateMode.FULL)).attempt()).isEqualTo(2);
    assertThat(script.refused(ErrorCode.CONFLICT, late)).contains("attempt 1", "at attempt 2");
    script.done(register("n2", "a"));
    script.hold("n2", 1);
    script.done(
        new Command.SealVersion(
            "one",
            2,
            MetadataScript.manifests(1, 2),
            MetadataScript.counts(2),
            MetadataScript.proofs(1, 2)));
    assertThat(script.refused(ErrorCode.CONFLICT, late)).contains("attempt 1", "at attempt 2");
    assertThat(script.version(1).shards().get(0).holders()).containsOnlyKeys("n2");
    script.hold("n1", 1);
    assertThat(script.version(1).shards().get(0).holders()).containsOnlyKeys("n1", "n2");
  }

  @Test
  void reportsNameShardsThatExist() {
    MetadataScript script = MetadataScript.withTable();
    script.done(begin("one", UpdateMode.FULL));
    long session = script.session("n1");
    String digest = MetadataScript.digest("x").hex();
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.ReportHeld("n1", session, "t", 1, 1, held(2, digest)));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.ReportHeld("n1", session, "t", 1, 1, held(0, "ABC")));
    script.refused(
        ErrorCode.NOT_FOUND, new Command.ReportHeld("n1", session, "t", 7, 1, held(0, digest)));
    script.refused(
        ErrorCode.CONFLICT,
        new Command.ReportReady("n1", session, "t", 1, new java.util.TreeSet<>(List.of(0))));
  }

  @Test
  void onlyAHolderCanBeReadyAndDroppingEndsBoth() {
    MetadataScript script = MetadataScript.withTable();
    script.done(register("n2", "a"));
    script.sealed("one", UpdateMode.FULL);
    java.util.TreeSet<Integer> shards = new java.util.TreeSet<>(List.of(0, 1));
    script.refused(
        ErrorCode.CONFLICT, new Command.ReportReady("n2", script.session("n2"), "t", 1, shards));
    script.ready("n1", 1);
    script.done(new Command.ReportDropped("n1", script.session("n1"), "t", 1, shards));
    assertThat(script.version(1).shards().get(0).ready()).isEmpty();
    assertThat(script.version(1).shards().get(0).holders()).isEmpty();
    assertThat(script.version(1).shards().get(0).manifest()).isNotNull();
  }
}
