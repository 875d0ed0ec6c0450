package io.featurekv.metadata;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Table t of two shards, nodes n1 and n2 in sect a, and the task "load" that they build: split i is
 * bytes 100 i to 100 (i + 1) of one file, with 10 rows of which one is rejected, and 4 and 5 rows
 * for the two shards.
 */
final class BuildScript {
  static final String TASK = "load";
  static final int ROWS = 10;

  private final MetadataScript script;

  private BuildScript(MetadataScript script) {
    this.script = script;
  }

  static BuildScript begun(int splits, boolean continued) {
    MetadataScript script = MetadataScript.withTable();
    script.done(MetadataScript.register("n2", "a"));
    BuildScript build = new BuildScript(script);
    build.done(begin(splits, continued));
    return build;
  }

  static Command.BeginTask begin(int splits, boolean continued) {
    return begin(plan(splits, continued));
  }

  static Command.BeginTask begin(BuildPlan plan) {
    return new Command.BeginTask(
        TASK,
        "t",
        io.featurekv.model.UpdateMode.FULL,
        "words",
        "d1",
        true,
        Set.of(),
        null,
        false,
        true,
        plan);
  }

  static BuildPlan plan(int splits) {
    return plan(splits, true);
  }

  /** Every split but the first continues the file, or each has one of its own. */
  static BuildPlan plan(int splits, boolean continued) {
    List<PlannedSplit> planned = new ArrayList<>();
    for (int i = 0; i < splits; i++) {
      planned.add(new PlannedSplit("part " + i, 100, i * 77L, continued && i > 0));
    }
    return new BuildPlan(
        inputs(1000, false), 100, planned, List.of(new InputIdentity("/in.csv", "300 bytes")));
  }

  static TaskInputs inputs(double maxRejected, boolean isPercent) {
    return new TaskInputs(
        List.of("/in.csv"),
        "csv",
        List.of("k"),
        ":",
        "utf8",
        "",
        "utf8",
        new TreeMap<>(java.util.Map.of("n", "int64")),
        "gone",
        "until",
        true,
        true,
        maxRejected,
        isPercent,
        true,
        List.of("n"),
        "json");
  }

  ClusterMetadata state() {
    return script.state();
  }

  MetadataScript script() {
    return script;
  }

  TaskRecord task() {
    return script.task(TASK);
  }

  ClusterBuild build() {
    ClusterBuild build = task().build();
    if (build == null) {
      throw new AssertionError("no build");
    }
    return build;
  }

  SplitRecord split(int index) {
    return build().splits().get(index);
  }

  ShardWork shard(int index) {
    return build().shards().get(index);
  }

  CommandResult done(Command command) {
    return script.done(command);
  }

  String refused(ErrorCode error, Command command) {
    return script.refused(error, command);
  }

  Command check(String node, String fault) {
    return new Command.CheckInputs(
        TASK, task().attempt(), new BuilderCheck(node, script.session(node), 8, fault));
  }

  void check(String node) {
    done(check(node, ""));
  }

  static SortedSet<Integer> set(Integer... indexes) {
    return new TreeSet<>(Arrays.asList(indexes));
  }

  Command.LeaseWork lease(String node, SortedSet<Integer> splits, SortedSet<Integer> shards) {
    return new Command.LeaseWork(
        TASK, task().attempt(), node, script.session(node), splits, shards);
  }

  void leaseSplits(String node, Integer... splits) {
    done(lease(node, set(splits), set()));
  }

  void leaseShards(String node, Integer... shards) {
    done(lease(node, set(), set(shards)));
  }

  void work(String node, int split, long bytes) {
    SortedMap<Integer, Long> splits = new TreeMap<>(java.util.Map.of(split, bytes));
    done(
        new Command.ReportWork(
            TASK, task().attempt(), node, script.session(node), splits, new TreeMap<>()));
  }

  static SplitFigures figures(int split) {
    return new SplitFigures(
        100L * split, 100L * (split + 1), ROWS, 1, ROWS, true, true, true, "", 5);
  }

  static ShardTallies tallies(int split) {
    return new ShardTallies(
        List.of(new ShardTally(4, 1L << split, 0, 0), new ShardTally(5, -split, 0, 0)));
  }

  Command.FinishSplit split(String node, int split, SplitFigures figures, ShardTallies tallies) {
    return new Command.FinishSplit(
        TASK,
        task().attempt(),
        node,
        script.session(node),
        split,
        figures,
        tallies,
        List.of(new TaskReject(0, "/in.csv", 3, true, "bad " + split)));
  }

  Command.FinishSplit split(String node, int split) {
    return split(node, split, figures(split), tallies(split));
  }

  void finishSplit(String node, int split) {
    done(split(node, split));
  }

  /** The file of a shard that lost nothing: one row was dropped as a duplicate. */
  FileManifest manifest(int shard) {
    ShardTally parsed = build().parsed().get(shard);
    return new FileManifest(
        1000, MetadataScript.digest("shard " + shard), parsed.rows() - 1, 0, sum(parsed.sum() - 3));
  }

  static OptionalLong sum(long sum) {
    return OptionalLong.of(sum);
  }

  Command.FinishShard shard(String node, int shard, FileManifest manifest) {
    return new Command.FinishShard(
        TASK,
        task().attempt(),
        node,
        script.session(node),
        shard,
        manifest,
        new ShardFigures(1, 0, 0, 1, 3, 400, 9),
        List.of());
  }

  void finishShard(String node, int shard) {
    done(shard(node, shard, manifest(shard)));
  }

  Command.FailWork failing(String node, WorkOutcome outcome, Integer... splits) {
    return new Command.FailWork(
        TASK,
        task().attempt(),
        node,
        script.session(node),
        set(splits),
        set(),
        "disk full",
        outcome);
  }

  void fail(String node, WorkOutcome outcome, Integer... splits) {
    done(failing(node, outcome, splits));
  }

  /** Everything is read and built by n1 and held by it. */
  void buildAll() {
    for (int split = 0; split < build().splits().size(); split++) {
      leaseSplits("n1", split);
      finishSplit("n1", split);
    }
    for (int shard = 0; shard < build().shards().size(); shard++) {
      leaseShards("n1", shard);
      finishShard("n1", shard);
    }
    hold("n1");
  }

  void hold(String node) {
    SortedMap<Integer, String> digests = new TreeMap<>();
    for (int shard = 0; shard < build().shards().size(); shard++) {
      digests.put(shard, manifest(shard).digest().hex());
    }
    done(
        new Command.ReportHeld(
            node, script.session(node), "t", task().version(), task().attempt(), digests));
  }

  Command.SealBuild seal() {
    return new Command.SealBuild(TASK, task().attempt());
  }
}
