package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BuildCommandsTest {
  @Test
  void aBuildGoesFromItsPlanToASealedVersionAndKeepsItsFigures() {
    BuildScript script = BuildScript.begun(3, true);
    script.check("n1");
    assertThat(script.task().stage()).isEqualTo("check");
    script.buildAll();
    assertThat(script.task().stages().stream().map(TaskStage::name))
        .containsExactly("check", "read", "build", "ship");
    script.done(script.seal());
    TaskRecord task = script.task();
    assertThat(task.state()).isEqualTo(TaskState.LOADING);
    assertThat(task.counts()).isEqualTo(new TaskCounts(30, 25, 3, 2, 0, 2000));
    assertThat(script.script().stateOf(1)).isEqualTo(VersionState.SEALED);
    assertThat(script.split(2).work().attempts()).isEqualTo(1);
    assertThat(script.done(script.seal()).version()).isEqualTo(1);
  }

  @Test
  void everyStageKeepsItsLastFiguresAndShippingHasATotal() {
    BuildScript script = BuildScript.begun(3, true);
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.finishSplit("n1", 0);
    assertThat(script.task().stages().getLast().figures())
        .isEqualTo(new StageFigures(10, -1, 100, 300));
    for (int split = 1; split < 3; split++) {
      script.leaseSplits("n1", split);
      script.finishSplit("n1", split);
    }
    for (int shard = 0; shard < 2; shard++) {
      script.leaseShards("n1", shard);
      script.finishShard("n1", shard);
    }
    assertThat(script.task().stages().getLast().figures())
        .isEqualTo(new StageFigures(0, 25, 0, 2000));
    script.hold("n1");
    script.done(script.seal());
    assertThat(script.task().stages())
        .extracting(TaskStage::name, TaskStage::figures)
        .containsExactly(
            tuple("check", StageFigures.ofEntries(1, -1)),
            tuple("read", new StageFigures(30, 30, 300, 300)),
            tuple("build", new StageFigures(27, 27, 2000, 2000)),
            tuple("ship", new StageFigures(25, 25, 2000, 2000)),
            tuple("load", new StageFigures(0, 25, 0, 2000)));
  }

  @Test
  void aFileThatLostDoubledOrChangedARowIsRefusedNamingTheShard() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    for (int split = 0; split < 2; split++) {
      script.leaseSplits("n1", split);
      script.finishSplit("n1", split);
    }
    script.leaseShards("n1", 1);
    FileManifest good = script.manifest(1);
    long sum = good.entriesChecksum().orElseThrow();
    for (FileManifest bad :
        List.of(
            manifest(good, good.entries() - 1, sum),
            manifest(good, good.entries() + 1, sum),
            manifest(good, good.entries(), sum + 1))) {
      String why = script.refused(ErrorCode.CONFLICT, script.shard("n1", 1, bad));
      assertThat(why).contains("shard 1 of version 1 of t");
    }
    FileManifest unsummed =
        new FileManifest(
            good.lengthBytes(), good.digest(), good.entries(), 0, OptionalLong.empty());
    script.refused(ErrorCode.CONFLICT, script.shard("n1", 1, unsummed));
    script.finishShard("n1", 1);
  }

  private static FileManifest manifest(FileManifest like, long entries, long sum) {
    return new FileManifest(like.lengthBytes(), like.digest(), entries, 0, OptionalLong.of(sum));
  }

  @Test
  void aSealWhoseFilesDoNotHaveWhatWasParsedIsRefused() {
    MetadataScript script = MetadataScript.withTable();
    script.done(MetadataScript.begin("one", UpdateMode.FULL));
    script.hold("n1", 1);
    List<ShardProof> good = MetadataScript.proofs(1, 2);
    ShardProof proof = good.get(1);
    for (ShardProof bad :
        List.of(
            new ShardProof(12, proof.parsedSum(), 1, 5),
            new ShardProof(11, proof.parsedSum(), 2, 5),
            new ShardProof(11, proof.parsedSum() + 1, 1, 5),
            new ShardProof(11, proof.parsedSum(), 1, 6))) {
      Command seal =
          new Command.SealVersion(
              "one",
              1,
              MetadataScript.manifests(1, 2),
              MetadataScript.counts(2),
              List.of(good.getFirst(), bad));
      assertThat(script.refused(ErrorCode.CONFLICT, seal)).contains("shard 1 of version 1 of t");
    }
    Command miscounted =
        new Command.SealVersion(
            "one", 1, MetadataScript.manifests(1, 2), new TaskCounts(23, 20, 0, 2, 0, 0), good);
    assertThat(script.refused(ErrorCode.CONFLICT, miscounted)).contains("do not add up");
    script.done(script.seal("one"));
  }

  @Test
  void theFirstOfTwoBuildersCounts() {
    BuildScript script = BuildScript.begun(1, false);
    script.check("n1");
    script.check("n2");
    script.leaseSplits("n1", 0);
    script.leaseSplits("n2", 0);
    assertThat(script.split(0).work().leases()).hasSize(2);
    script.refused(ErrorCode.CONFLICT, script.lease("n2", BuildScript.set(0), BuildScript.set()));
    script.finishSplit("n2", 0);
    String late = script.refused(ErrorCode.CONFLICT, script.split("n1", 0));
    assertThat(late).contains("done by n2");
    script.finishSplit("n2", 0);
    assertThat(script.build().rows()).isEqualTo(BuildScript.ROWS);
    assertThat(script.build().parsed()).isEqualTo(BuildScript.tallies(0));
  }

  @Test
  void workIsGivenOnlyToBuildersThatSeeTheInputsInTheirPresentSession() {
    BuildScript script = BuildScript.begun(2, true);
    script.refused(ErrorCode.CONFLICT, script.lease("n1", BuildScript.set(0), BuildScript.set()));
    script.check("n1");
    Command before = script.lease("n1", BuildScript.set(0), BuildScript.set());
    script.done(MetadataScript.register("n1", "a"));
    script.refused(ErrorCode.CONFLICT, before);
    script.refused(ErrorCode.CONFLICT, script.lease("n1", BuildScript.set(0), BuildScript.set()));
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.refused(ErrorCode.CONFLICT, script.lease("n1", BuildScript.set(), BuildScript.set(0)));
    script.refused(
        ErrorCode.INVALID_ARGUMENT, script.lease("n1", BuildScript.set(7), BuildScript.set()));
  }

  @Test
  void aBuilderThatDoesNotSeeTheInputsEndsATaskThatHasNotBegunAndIsLeftOutLater() {
    BuildScript script = BuildScript.begun(1, false);
    script.check("n1");
    script.done(script.check("n2", "/in.csv: it has 3 bytes, not 300"));
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task().reason()).isEqualTo("node n2: /in.csv: it has 3 bytes, not 300");
    script.done(BuildScript.begin(1, false));
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.done(script.check("n2", "/in.csv does not exist"));
    assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
    script.refused(ErrorCode.CONFLICT, script.lease("n2", BuildScript.set(0), BuildScript.set()));
  }

  @Test
  void aSplitCountsOnceItBeginsWhereTheOneBeforeItEnds() {
    BuildScript script = BuildScript.begun(3, true);
    script.check("n1");
    script.leaseSplits("n1", 0, 1, 2);
    script.finishSplit("n1", 2);
    SplitFigures early = new SplitFigures(90, 200, BuildScript.ROWS, 1, 4, true, true, true, "", 5);
    script.done(script.split("n1", 1, early, BuildScript.tallies(1)));
    assertThat(script.build().rows()).isZero();
    assertThat(script.build().startOf(1)).isEqualTo(-1);
    script.finishSplit("n1", 0);
    assertThat(script.split(1).work().state()).isEqualTo(WorkState.PENDING);
    assertThat(script.split(1).work().lastError()).contains("begun at 90", "ends at 100");
    assertThat(script.build().startOf(1)).isEqualTo(100);
    assertThat(script.build().rows()).isEqualTo(BuildScript.ROWS);
    assertThat(script.split(2).proved()).isFalse();
    script.leaseSplits("n1", 1);
    script.finishSplit("n1", 1);
    assertThat(script.build().isRead()).isTrue();
    ShardTallies all =
        BuildScript.tallies(0).plus(BuildScript.tallies(1)).plus(BuildScript.tallies(2));
    assertThat(script.build().parsed()).isEqualTo(all);
    assertThat(script.build().firstRejected())
        .extracting(TaskReject::row)
        .containsExactly(3L, 13L, 23L);
  }

  @Test
  void runsThatAreLostAreMadeAgainAndMustComeToTheSame() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    script.check("n2");
    script.leaseSplits("n1", 0, 1);
    script.finishSplit("n1", 0);
    script.finishSplit("n1", 1);
    script.done(lose(script, "n2"));
    assertThat(script.build().isRead()).as("n2 has nothing to lose").isTrue();
    script.done(lose(script, "n1"));
    assertThat(script.build().isRead()).isFalse();
    assertThat(script.build().startOf(1)).isEqualTo(100);
    script.leaseSplits("n2", 0, 1);
    script.finishSplit("n2", 0);
    assertThat(script.build().rows()).isEqualTo(2 * BuildScript.ROWS);
    ShardTallies other =
        new ShardTallies(List.of(new ShardTally(4, 99, 0, 0), new ShardTally(5, 7, 0, 0)));
    script.done(script.split("n2", 1, BuildScript.figures(1), other));
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task().reason()).contains("split 1 (part 1)", "input has changed");
  }

  private static Command lose(BuildScript script, String node) {
    return new Command.LoseWork(
        BuildScript.TASK,
        script.task().attempt(),
        node,
        BuildScript.set(0, 1),
        BuildScript.set(),
        "node " + node + " is down");
  }

  @Test
  void aUnitThatFailsTooOftenFailsTheTaskWithItsError() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    for (int i = 0; i < 6; i++) {
      script.leaseSplits("n1", 1);
      script.fail("n1", WorkOutcome.LOST, 1);
    }
    assertThat(script.split(1).work().failures()).isZero();
    for (int i = 0; i < WorkRecord.MAX_FAILURES; i++) {
      assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
      script.leaseSplits("n1", 1);
      script.fail("n1", WorkOutcome.FAILED, 1);
    }
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task().reason())
        .isEqualTo("split 1 (part 1) failed on node n1 (attempt 10): disk full");
    assertThat(script.script().stateOf(1)).isEqualTo(VersionState.FAILED);
  }

  @Test
  void aSplitThatFailedWhereItMayNotBeginWaitsForTheOneBeforeIt() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    script.leaseSplits("n1", 0, 1);
    script.fail("n1", WorkOutcome.DOUBTFUL, 1);
    assertThat(script.split(1).doubted()).isTrue();
    assertThat(script.split(1).work().failures()).isZero();
    script.finishSplit("n1", 0);
    assertThat(script.build().startOf(1)).isEqualTo(100);
    script.leaseSplits("n1", 1);
    script.finishSplit("n1", 1);
    assertThat(script.build().isRead()).isTrue();
    assertThat(script.split(1).doubted()).isFalse();
  }

  @Test
  void aColumnThatNoRowOfAFileHasFailsTheTaskHoweverTheFileWasSplit() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    script.leaseSplits("n1", 0, 1);
    script.done(script.split("n1", 0, lacking(0, false), BuildScript.tallies(0)));
    assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
    script.done(script.split("n1", 1, lacking(1, false), BuildScript.tallies(1)));
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task().reason()).isEqualTo("in.csv has no column k");
    BuildScript other = BuildScript.begun(2, true);
    other.check("n1");
    other.leaseSplits("n1", 0, 1);
    other.done(other.split("n1", 0, lacking(0, false), BuildScript.tallies(0)));
    other.done(other.split("n1", 1, lacking(1, true), BuildScript.tallies(1)));
    assertThat(other.build().isRead()).isTrue();
    assertThat(other.task().state()).isEqualTo(TaskState.BUILDING);
  }

  private static SplitFigures lacking(int split, boolean hasColumns) {
    SplitFigures like = BuildScript.figures(split);
    return new SplitFigures(
        like.startedAt(),
        like.endedAt(),
        like.rows(),
        like.rejected(),
        like.spanned(),
        true,
        hasColumns,
        hasColumns,
        hasColumns ? "" : "in.csv has no column k",
        like.millis());
  }

  @Test
  void anErrorThatAnyBuilderWouldMeetEndsTheTaskAtOnce() {
    BuildScript script = BuildScript.begun(2, true);
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.fail("n1", WorkOutcome.HOPELESS, 0);
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
  }

  @Test
  void aRetryGoesOnFromTheSplitsThatWereReadWithoutAPlan() {
    BuildScript script = BuildScript.begun(3, true);
    script.check("n1");
    script.leaseSplits("n1", 0, 1, 2);
    script.finishSplit("n1", 0);
    script.finishSplit("n1", 2);
    script.done(new Command.FailTask(BuildScript.TASK, 1, "stop", true));
    assertThat(script.split(2).proved()).isFalse();
    Command.BeginTask again =
        new Command.BeginTask(
            BuildScript.TASK,
            "t",
            UpdateMode.FULL,
            "words",
            "d1",
            true,
            Set.of(),
            null,
            false,
            true,
            null);
    assertThat(script.done(again).attempt()).isEqualTo(2);
    assertThat(script.split(0).isDone()).isTrue();
    assertThat(script.split(1).work().state()).isEqualTo(WorkState.PENDING);
    assertThat(script.split(2).work()).isEqualTo(WorkRecord.NEW);
    assertThat(script.build().checks()).isEmpty();
    script.check("n1");
    script.leaseSplits("n1", 1, 2);
    script.finishSplit("n1", 1);
    script.finishSplit("n1", 2);
    assertThat(script.build().rows()).isEqualTo(3 * BuildScript.ROWS);
    assertThat(script.done(again).attempt()).as("it is under way").isEqualTo(2);
    assertThat(script.script().table().nextVersion()).isEqualTo(2);
  }

  @Test
  void aRetryCountsFromItsOwnTimeByTheTablesOptionsOfNow() {
    BuildScript script = BuildScript.begun(1, true);
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.finishSplit("n1", 0);
    long began = script.build().beganAtMillis();
    script.done(new Command.FailTask(BuildScript.TASK, 1, "stop", true));
    TableOptions before = script.build().options();
    TableOptions later = new TableOptions(2, 7, 0, before.maxValueBytes(), before.activateWhen());
    script.done(new Command.AlterTable("t", later));
    script.script().pass(5_000);
    script.done(again());
    assertThat(script.build().beganAtMillis()).isGreaterThan(began);
    assertThat(script.build().options().retain()).isEqualTo(7);
    assertThat(script.split(0).isDone()).isTrue();
    script.done(new Command.FailTask(BuildScript.TASK, 2, "stop", true));
    script.done(new Command.AlterTable("t", new TableOptions(2, 7, 0, 77, before.activateWhen())));
    script.done(again());
    assertThat(script.split(0).work()).as("other values may be too long").isEqualTo(WorkRecord.NEW);
    assertThat(script.build().rows()).isZero();
    assertThat(script.build().parsed().rows()).isZero();
  }

  @Test
  void aRetryReadsAgainWhereAShardCouldNotBeBuilt() {
    BuildScript script = BuildScript.begun(1, true);
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.finishSplit("n1", 0);
    for (int i = 0; i < WorkRecord.MAX_FAILURES; i++) {
      script.leaseShards("n1", 1);
      script.done(
          new Command.FailWork(
              BuildScript.TASK,
              1,
              "n1",
              script.script().session("n1"),
              BuildScript.set(),
              BuildScript.set(1),
              "not what its rows made",
              WorkOutcome.FAILED));
    }
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    script.done(again());
    assertThat(script.split(0).isDone()).isFalse();
    assertThat(script.build().parsed().rows()).isZero();
  }

  @Test
  void workThatIsLostAgainAndAgainFailsTheTask() {
    BuildScript script = BuildScript.begun(1, true);
    script.check("n1");
    for (int i = 0; i < WorkRecord.MAX_ATTEMPTS; i++) {
      assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
      script.leaseSplits("n1", 0);
      script.finishSplit("n1", 0);
      script.done(
          new Command.LoseWork(
              BuildScript.TASK, 1, "n1", BuildScript.set(0), BuildScript.set(), "a bad sector"));
    }
    assertThat(script.task().state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task().reason()).contains("part 0").contains("a bad sector");
  }

  @Test
  void aBuilderWithOtherMemoryDropsOtherRowsOfASplitThatIsReadAgain() {
    BuildScript script = BuildScript.begun(1, true);
    script.check("n1");
    script.check("n2");
    script.leaseSplits("n1", 0);
    script.finishSplit("n1", 0);
    script.done(
        new Command.LoseWork(
            BuildScript.TASK, 1, "n1", BuildScript.set(0), BuildScript.set(), "gone"));
    script.leaseSplits("n2", 0);
    ShardTallies dropping =
        new ShardTallies(List.of(new ShardTally(4, 1, 2, 9), new ShardTally(5, 0, 1, 1)));
    script.done(script.split("n2", 0, BuildScript.figures(0), dropping));
    assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
    assertThat(script.split(0).isDone()).isTrue();
  }

  private static Command.BeginTask again() {
    return new Command.BeginTask(
        BuildScript.TASK,
        "t",
        UpdateMode.FULL,
        "words",
        "d1",
        true,
        Set.of(),
        null,
        false,
        true,
        null);
  }

  @Test
  void aRetryKeepsTheSchemaThatItsSplitsWereReadWith() {
    MetadataScript script = MetadataScript.formed();
    script.done(MetadataScript.register("n1", "a"));
    script.done(
        new Command.CreateTable(
            "t", TableKind.MEM, MetadataScript.TWO_SHARDS, RowColumn.parseAll("a:int64")));
    RowSchema first = script.table().schema();
    script.done(BuildScript.begin(2, false));
    script.done(
        new Command.AlterTable(
            "t", MetadataScript.TWO_SHARDS, RowColumn.parseAll("a:int64,b:string?,c:float=1")));
    script.done(new Command.FailTask(BuildScript.TASK, 1, "stop", true));
    assertThat(script.done(BuildScript.begin(2, false)).attempt()).isEqualTo(2);
    assertThat(script.table().schema()).isNotEqualTo(first);
    assertThat(script.task(BuildScript.TASK).build().schema()).isEqualTo(first);
    assertThat(MetadataCodec.decodeSnapshot(MetadataCodec.encodeSnapshot(script.state())))
        .isEqualTo(script.state());
  }

  @Test
  void tooManyRejectedRowsFailTheTaskWithTheFirstOfThem() {
    BuildScript script = BuildScript.begun(1, true);
    script.done(new Command.FailTask(BuildScript.TASK, 1, "stop", true));
    BuildPlan plan = BuildScript.plan(3, true);
    BuildPlan strict =
        new BuildPlan(BuildScript.inputs(1, false), 100, plan.splits(), plan.identities());
    Command begin =
        new Command.BeginTask(
            "strict", "t", UpdateMode.FULL, "w", "d", true, Set.of(), null, false, true, strict);
    script.done(begin);
    script.done(
        new Command.CheckInputs(
            "strict", 1, new BuilderCheck("n1", script.script().session("n1"), 8, "")));
    for (int split = 0; split < 2; split++) {
      script.done(
          new Command.LeaseWork(
              "strict",
              1,
              "n1",
              script.script().session("n1"),
              BuildScript.set(split),
              BuildScript.set()));
      Command.FinishSplit finish = script.split("n1", split);
      script.done(
          new Command.FinishSplit(
              "strict",
              1,
              "n1",
              finish.session(),
              split,
              finish.figures(),
              finish.tallies(),
              finish.rejected()));
    }
    assertThat(script.script().task("strict").state()).isEqualTo(TaskState.FAILED);
    assertThat(script.script().task("strict").reason())
        .isEqualTo(
            """
            2 of the first 20 rows rejected; 1 is allowed:
              /in.csv:3: bad 0
              /in.csv:13: bad 1\
            """);
  }

  @Test
  void filesMustBeHeldBeforeTheSealAndWaitingForThemFailsNothing() {
    BuildScript script = BuildScript.begun(1, true);
    script.check("n1");
    script.leaseSplits("n1", 0);
    script.finishSplit("n1", 0);
    script.leaseShards("n1", 0, 1);
    script.finishShard("n1", 0);
    script.refused(ErrorCode.CONFLICT, script.seal());
    script.finishShard("n1", 1);
    script.refused(ErrorCode.CONFLICT, script.seal());
    assertThat(script.task().state()).isEqualTo(TaskState.BUILDING);
    script.hold("n1");
    script.done(script.seal());
  }

  @Test
  void onlyTheNewestEndedTasksOfATableAreToldOfSplitBySplit() {
    MetadataScript script = MetadataScript.withTable();
    for (int i = 0; i < 5; i++) {
      script.pass(1000);
      script.done(
          new Command.BeginTask(
              "task" + i,
              "t",
              UpdateMode.FULL,
              "w",
              "d",
              true,
              Set.of(),
              null,
              false,
              true,
              BuildScript.plan(2)));
      script.done(new Command.FailTask("task" + i, 1, "stop", true));
    }
    for (int i = 0; i < 5; i++) {
      ClusterBuild build = script.task("task" + i).build();
      assertThat(build).isNotNull();
      assertThat(build.isDetailed()).as("task %s", i).isEqualTo(i >= 2);
      assertThat(build.splitCount()).isEqualTo(2);
    }
    Command again =
        new Command.BeginTask(
            "task0", "t", UpdateMode.FULL, "w", "d", true, Set.of(), null, false, true, null);
    assertThat(script.refused(ErrorCode.CONFLICT, again)).contains("has no plan any more");
  }

  @Test
  void plansAreBounded() {
    MetadataScript script = MetadataScript.withTable();
    BuildPlan plan = BuildScript.plan(BuildPlan.MAX_SPLITS + 1);
    script.refused(ErrorCode.INVALID_ARGUMENT, BuildScript.begin(plan));
    script.done(BuildScript.begin(BuildPlan.MAX_SPLITS, true));
  }
}
