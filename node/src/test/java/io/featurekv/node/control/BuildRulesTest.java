package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.PlannedSplit;
import io.featurekv.metadata.ShardFigures;
import io.featurekv.metadata.ShardTallies;
import io.featurekv.metadata.ShardTally;
import io.featurekv.metadata.SplitFigures;
import io.featurekv.metadata.TaskInputs;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.WorkOutcome;
import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.build.HandoverRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

class BuildRulesTest {
  private static final String TASK = "load";
  private static final int SHARDS = 4;
  private static final long SLOW_MILLIS = 20_000;

  private final MetadataScript script = new MetadataScript();
  private boolean continued;

  private void begin(int splits, String... nodes) {
    for (String node : nodes) {
      script.node(node, "a");
    }
    script.table("t", SHARDS, 3, new ActivateWhen.Live());
    TaskInputs inputs =
        new TaskInputs(
            List.of("/in"),
            "csv",
            List.of("k"),
            ":",
            "utf8",
            "",
            "utf8",
            new TreeMap<>(),
            "",
            "",
            false,
            true,
            0,
            false,
            false,
            List.of(),
            "");
    List<PlannedSplit> planned = new ArrayList<>();
    for (int i = 0; i < splits; i++) {
      planned.add(new PlannedSplit("a split", 1000, 1, i > 0 && continued));
    }
    script.apply(
        new Command.BeginTask(
            TASK,
            "t",
            UpdateMode.FULL,
            "words",
            "d",
            true,
            Set.of(),
            null,
            false,
            true,
            new BuildPlan(inputs, 1000, planned, List.of())));
  }

  private TaskRecord task() {
    return script.metadata().tasks().get(TASK);
  }

  private ClusterBuild build() {
    ClusterBuild build = task().build();
    if (build == null) {
      throw new AssertionError("no build");
    }
    return build;
  }

  private long session(String node) {
    return script.metadata().nodes().get(node).session();
  }

  private void check(String node, int slots) {
    check(node, slots, "");
  }

  private void check(String node, int slots, String fault) {
    script.apply(
        new Command.CheckInputs(
            TASK, task().attempt(), new BuilderCheck(node, session(node), slots, fault)));
  }

  private List<Command> due() {
    return due(script.nowMillis(), thing -> 0);
  }

  private List<Command> due(long nowMillis, ToLongFunction<Object> unchangedMillis) {
    return BuildRules.due(script.metadata(), nowMillis, SLOW_MILLIS, unchangedMillis);
  }

  /** Applies what is due, as the leader does, until nothing more is. */
  private void settle() {
    for (List<Command> commands = due(); !commands.isEmpty(); commands = due()) {
      commands.forEach(script::apply);
    }
  }

  private static SortedSet<Integer> set(Integer... indexes) {
    return new TreeSet<>(List.of(indexes));
  }

  private Command.LeaseWork lease(String node, SortedSet<Integer> splits) {
    return new Command.LeaseWork(
        TASK, task().attempt(), node, session(node), splits, new TreeSet<>());
  }

  private void finishSplit(String node, int split) {
    List<ShardTally> tallies = Collections.nCopies(SHARDS, new ShardTally(1, split + 1, 0, 0));
    script.apply(
        new Command.FinishSplit(
            TASK,
            task().attempt(),
            node,
            session(node),
            split,
            new SplitFigures(0, 1000, SHARDS, 0, SHARDS, true, true, true, "", 100),
            new ShardTallies(tallies),
            List.of()));
  }

  private FileManifest manifest(int shard) {
    ShardTally parsed = build().parsed().get(shard);
    FileManifest like = MetadataScript.manifest(shard);
    return new FileManifest(
        like.lengthBytes(), like.digest(), parsed.rows(), 0, OptionalLong.of(parsed.sum()));
  }

  private void finishShard(String node, int shard) {
    script.apply(
        new Command.FinishShard(
            TASK,
            task().attempt(),
            node,
            session(node),
            shard,
            manifest(shard),
            new ShardFigures(0, 0, 0, 0, 0, 40, 100),
            List.of()));
  }

  private void hold(String node, int shard) {
    SortedMap<Integer, String> digests = new TreeMap<>();
    digests.put(shard, manifest(shard).digest().hex());
    script.apply(
        new Command.ReportHeld(
            node, session(node), "t", task().version(), task().attempt(), digests));
  }

  @Test
  void nothingIsGivenBeforeEveryBuilderHasSeenTheInputs() {
    begin(3, "n0", "n1");
    check("n0", 2);
    assertThat(due()).isEmpty();
    assertThat(due(script.nowMillis(), thing -> BuildRules.CHECK_PATIENCE_MILLIS + 1))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailTask.class, fail -> assertThat(fail.reason()).contains("n1"));
    script.state("n1", NodeState.DOWN);
    assertThat(due()).containsExactly(lease("n0", set(0, 1)));
  }

  @Test
  void splitsGoOutInTheOrderOfTheInputsToTheBuilderWithTheMostRoom() {
    begin(5, "n0", "n1");
    check("n0", 1);
    check("n1", 3);
    assertThat(due()).containsExactly(lease("n0", set(2)), lease("n1", set(0, 1, 3)));
    settle();
    assertThat(due()).isEmpty();
    finishSplit("n1", 1);
    assertThat(due()).containsExactly(lease("n1", set(4)));
  }

  @Test
  void aSplitThatFailedGoesToAnotherBuilderEvenIfThatOneIsBusy() {
    begin(1, "n0", "n1");
    check("n0", 1);
    check("n1", 1);
    settle();
    script.apply(
        new Command.FailWork(
            TASK, 1, "n0", session("n0"), set(0), set(), "disk full", WorkOutcome.FAILED));
    assertThat(due()).containsExactly(lease("n1", set(0)));
  }

  @Test
  void aSplitThatFailedWhereItMayNotBeginIsNotBegunAgainByAssumption() {
    continued = true;
    begin(2, "n0");
    check("n0", 2);
    settle();
    script.apply(
        new Command.FailWork(
            TASK, 1, "n0", session("n0"), set(1), set(), "a stray quote", WorkOutcome.DOUBTFUL));
    assertThat(due()).isEmpty();
    finishSplit("n0", 0);
    assertThat(due()).containsExactly(lease("n0", set(1)));
  }

  @Test
  void leasesEndWithTheirBuilderItsSessionOrItsSilence() {
    begin(2, "n0", "n1");
    check("n0", 1);
    check("n1", 1);
    settle();
    long before = session("n1");
    assertThat(due(script.nowMillis(), r -> silence(r, "n0")))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailWork.class,
            fail -> {
              assertThat(fail.outcome()).isEqualTo(WorkOutcome.FAILED);
              assertThat(fail.nodeId()).isEqualTo("n0");
            });
    script.node("n1", "a");
    assertThat(due())
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailWork.class,
            fail -> {
              assertThat(fail.outcome()).isEqualTo(WorkOutcome.LOST);
              assertThat(fail.session()).isEqualTo(before);
            });
    settle();
    script.state("n0", NodeState.DOWN);
    settle();
    assertThat(build().splits()).noneMatch(split -> isLeased(split.work().leases(), "n0"));
    check("n1", 2);
    settle();
    assertThat(build().splits()).allMatch(split -> isLeased(split.work().leases(), "n1"));
  }

  private static long silence(Object thing, String node) {
    boolean isIts =
        thing instanceof BuildRules.Renewal renewal && renewal.lease().nodeId().equals(node);
    return isIts ? BuildRules.LEASE_SILENCE_MILLIS + 1 : 0;
  }

  private static boolean isLeased(List<io.featurekv.metadata.WorkLease> leases, String node) {
    return leases.stream().anyMatch(lease -> lease.nodeId().equals(node));
  }

  @Test
  void whatASlowBuilderHasIsBegunByAnotherOnceNothingElseIsLeft() {
    begin(3, "n0", "n1");
    check("n0", 1);
    check("n1", 2);
    settle();
    finishSplit("n1", 0);
    long later = script.nowMillis() + SLOW_MILLIS + 1;
    assertThat(due(script.nowMillis(), thing -> 0)).isEmpty();
    assertThat(due(later, thing -> 0)).containsExactly(lease("n1", set(1)));
    due(later, thing -> 0).forEach(script::apply);
    assertThat(due(later, thing -> 0)).isEmpty();
    finishSplit("n1", 1);
    assertThat(script.tryApply(finish("n0", 1)).message()).contains("done by n1");
  }

  private Command finish(String node, int split) {
    return new Command.FinishSplit(
        TASK,
        task().attempt(),
        node,
        session(node),
        split,
        new SplitFigures(0, 1000, 0, 0, 0, true, true, true, "", 1),
        new ShardTallies(Collections.nCopies(SHARDS, new ShardTally(0, 0, 0, 0))),
        List.of());
  }

  @Test
  void shardsGoToBuildersThatWillHoldThem() {
    begin(1, "n0", "n1");
    check("n0", SHARDS);
    check("n1", SHARDS);
    settle();
    finishSplit(build().splits().getFirst().work().leases().getFirst().nodeId(), 0);
    settle();
    for (int shard = 0; shard < SHARDS; shard++) {
      String placed = Placement.nodesFor(script.metadata(), "t", shard).getFirst().id();
      assertThat(build().shards().get(shard).work().leases())
          .singleElement()
          .satisfies(lease -> assertThat(lease.nodeId()).isEqualTo(placed));
    }
  }

  @Test
  void runsOfANodeThatStaysAwayAreMadeAgainAndItsFilesUnlessAnotherHasThem() {
    begin(1, "n0", "n1");
    check("n0", SHARDS);
    check("n1", SHARDS);
    script.apply(lease("n0", set(0)));
    finishSplit("n0", 0);
    SortedSet<Integer> all = set(0, 1, 2, 3);
    script.apply(new Command.LeaseWork(TASK, 1, "n0", session("n0"), set(), all));
    finishShard("n0", 0);
    finishShard("n0", 1);
    hold("n1", 1);
    script.state("n0", NodeState.DOWN);
    settle();
    assertThat(build().isRead()).isTrue();
    long later = script.nowMillis() + BuildRules.AWAY_MILLIS + 1;
    assertThat(due(later, thing -> 0))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.LoseWork.class,
            lose -> {
              assertThat(lose.nodeId()).isEqualTo("n0");
              assertThat(lose.splits()).containsExactly(0);
              assertThat(lose.shards()).containsExactly(0);
            });
  }

  @Test
  void aBuilderThatDoesNotSeeTheInputsAnyMoreLosesItsRunsAndWithoutAnyOtherTheTaskFails() {
    begin(2, "n0", "n1");
    check("n0", 1);
    check("n1", 1);
    settle();
    finishSplit("n0", 0);
    check("n0", 1, "in.csv is not there");
    assertThat(due())
        .filteredOn(Command.LoseWork.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            Command.LoseWork.class,
            lost -> {
              assertThat(lost.nodeId()).isEqualTo("n0");
              assertThat(lost.splits()).containsExactly(0);
              assertThat(lost.reason()).contains("does not see the inputs any more");
            });
    due().forEach(script::apply);
    script.state("n1", NodeState.DOWN);
    due().forEach(script::apply);
    assertThat(due()).isEmpty();
    assertThat(due(script.nowMillis(), thing -> BuildRules.NO_BUILDER_MILLIS + 1))
        .singleElement()
        .isInstanceOfSatisfying(
            Command.FailTask.class,
            fail -> assertThat(fail.reason()).contains("n0: in.csv is not there"));
  }

  private List<String> shippers(int shard) {
    TaskRecord task = task();
    var version = script.metadata().tables().get("t").versions().get(task.version());
    return script.metadata().nodes().keySet().stream()
        .filter(
            node ->
                HandoverRules.isShipper(
                    script.metadata(), build(), version, shard, manifest(shard), node))
        .toList();
  }

  @Test
  void aFileIsShippedByItsBuilderAndWhereThatHasLostItByAnotherThatHasIt() {
    begin(1, "n0", "n1");
    check("n0", 1);
    settle();
    check("n1", 1);
    settle();
    finishSplit(build().splits().getFirst().work().leases().getFirst().nodeId(), 0);
    settle();
    String builder = build().shards().getFirst().work().leases().getFirst().nodeId();
    String other = builder.equals("n0") ? "n1" : "n0";
    finishShard(builder, 0);
    assertThat(shippers(0)).containsExactly(builder);
    hold(builder, 0);
    hold(other, 0);
    assertThat(shippers(0)).containsExactly(builder);
    script.apply(
        new Command.ReportDropped(builder, session(builder), "t", task().version(), set(0)));
    assertThat(shippers(0)).containsExactly(other);
    assertThat(isHeldByAnotherThan(builder)).isTrue();
    // Nobody is left to ship it: its builder, which does not find it, gives it up.
    script.state(other, NodeState.DOWN);
    assertThat(isHeldByAnotherThan(builder)).isFalse();
  }

  private boolean isHeldByAnotherThan(String node) {
    var version = script.metadata().tables().get("t").versions().get(task().version());
    return HandoverRules.isHeldByAnother(script.metadata(), version, 0, manifest(0), node);
  }

  @Test
  void theVersionIsSealedWhenEveryFileIsHeldInAsManySectsAsThereMustBe() {
    begin(1, "n0");
    script.node("n1", "b");
    check("n0", SHARDS);
    check("n1", SHARDS);
    script.apply(lease("n0", set(0)));
    finishSplit("n0", 0);
    script.apply(new Command.LeaseWork(TASK, 1, "n0", session("n0"), set(), set(0, 1, 2, 3)));
    List<String> holders = new ArrayList<>(List.of("n0", "n1"));
    for (int shard = 0; shard < SHARDS; shard++) {
      finishShard("n0", shard);
    }
    for (String holder : holders) {
      for (int shard = 0; shard < SHARDS; shard++) {
        assertThat(due()).isEmpty();
        hold(holder, shard);
      }
    }
    assertThat(due()).containsExactly(new Command.SealBuild(TASK, 1));
    settle();
    assertThat(task().state()).isEqualTo(TaskState.LOADING);
  }
}
