package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.FileManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Random steps of builds by the cluster, most of them sensible, and what must hold after each. */
final class RandomBuild {
  private RandomBuild() {}

  static Command next(
      Random random, TaskRecord task, ClusterBuild build, String node, long session) {
    String id = task.id();
    int attempt = task.attempt();
    if (!build.isDetailed()) {
      return new Command.SealBuild(id, attempt);
    }
    BuilderCheck check = build.checks().get(node);
    if (check == null || check.session() != session || random.nextInt(20) == 0) {
      String fault = random.nextInt(20) == 0 ? "no such file" : "";
      return new Command.CheckInputs(id, attempt, new BuilderCheck(node, session, 4, fault));
    }
    int split = random.nextInt(build.splits().size());
    int shard = random.nextInt(build.shards().size());
    SortedSet<Integer> none = new TreeSet<>();
    SortedSet<Integer> splits = build.isRead() ? none : new TreeSet<>(List.of(split));
    SortedSet<Integer> shards = build.isRead() ? new TreeSet<>(List.of(shard)) : none;
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> new Command.LeaseWork(id, attempt, node, session, splits, shards);
      case 3 ->
          new Command.ReportWork(
              id, attempt, node, session, new TreeMap<>(), new TreeMap<>(java.util.Map.of(0, 3L)));
      case 4 ->
          new Command.FailWork(
              id,
              attempt,
              node,
              session,
              splits,
              shards,
              "why",
              random.nextInt(9) == 0 ? WorkOutcome.FAILED : WorkOutcome.LOST);
      case 5 ->
          random.nextInt(3) == 0
              ? new Command.LoseWork(id, attempt, node, splits, shards, "gone")
              : new Command.SealBuild(id, attempt);
      case 6, 7, 8 ->
          build.isRead()
              ? finishShard(random, task, build, node, session, shard)
              : finishSplit(random, task, build, node, session, split);
      default -> finishSplit(random, task, build, node, session, split);
    };
  }

  private static Command finishSplit(
      Random random, TaskRecord task, ClusterBuild build, String node, long session, int split) {
    boolean isMistaken = random.nextInt(4) == 0 && build.startOf(split) < 0;
    SplitFigures right = BuildScript.figures(split);
    SplitFigures figures =
        new SplitFigures(
            right.startedAt() - (isMistaken ? 1 : 0),
            right.endedAt(),
            right.rows(),
            right.rejected(),
            right.spanned(),
            true,
            true,
            true,
            "",
            random.nextInt(100));
    return new Command.FinishSplit(
        task.id(),
        task.attempt(),
        node,
        session,
        split,
        figures,
        tallies(split, build.shards().size()),
        List.of(new TaskReject(0, "f", 1, true, "why")));
  }

  /** 9 rows, all of the first shard but for one of the last. */
  private static ShardTallies tallies(int split, int shards) {
    List<ShardTally> tallies = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      int rows = (shard == 0 ? 8 : 0) + (shard == shards - 1 ? 1 : 0);
      tallies.add(new ShardTally(rows, (split + 3L) * (shard + 7L), 0, 0));
    }
    return new ShardTallies(tallies);
  }

  private static Command finishShard(
      Random random, TaskRecord task, ClusterBuild build, String node, long session, int shard) {
    ShardTally parsed = build.parsed().get(shard);
    long off = random.nextInt(10) == 0 ? 1 : 0;
    FileManifest like = MetadataScript.manifest(task.version(), shard);
    FileManifest manifest =
        new FileManifest(
            like.lengthBytes(),
            like.digest(),
            parsed.rows() - off,
            0,
            OptionalLong.of(parsed.sum()));
    return new Command.FinishShard(
        task.id(),
        task.attempt(),
        node,
        session,
        shard,
        manifest,
        new ShardFigures(0, 0, 0, 0, 0, 1, 1),
        List.of());
  }

  /** Exactly the rows of proved splits count, and the stages follow from the units. */
  static void check(TaskRecord task) {
    ClusterBuild build = task.build();
    if (build == null || !build.isDetailed()) {
      return;
    }
    ShardTallies parsed = ShardTallies.zero(build.shards().size());
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord split = build.splits().get(i);
      if (split.proved()) {
        parsed = parsed.plus(tallies(i, build.shards().size()));
        boolean follows = !split.planned().continued() || build.splits().get(i - 1).proved();
        assertThat(follows).isTrue();
      }
      assertThat(split.tallies() != null).isEqualTo(split.figures() != null && !split.proved());
      checkWork(split.work());
    }
    assertThat(build.parsed()).isEqualTo(parsed);
    for (ShardWork shard : build.shards()) {
      checkWork(shard.work());
      assertThat(shard.manifest() != null).isEqualTo(shard.isDone());
    }
    boolean isSealed = task.state() == TaskState.LOADING || task.state() == TaskState.ACTIVE;
    if (isSealed) {
      assertThat(build.isRead() && build.isBuilt()).isTrue();
      TaskCounts counts = task.counts();
      assertThat(counts.rows())
          .isEqualTo(counts.entries() + counts.duplicates() + counts.rejected() + counts.deleted());
    }
  }

  private static void checkWork(WorkRecord work) {
    assertThat(work.leases().isEmpty()).isEqualTo(work.state() != WorkState.LEASED);
    assertThat(work.leases().stream().map(WorkLease::nodeId)).doesNotHaveDuplicates();
    assertThat(work.doneBy().isEmpty()).isEqualTo(work.state() != WorkState.DONE);
  }
}
