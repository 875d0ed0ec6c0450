package io.featurekv.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.loader.BuildProgress;
import io.featurekv.loader.BuildResult;
import io.featurekv.loader.BuildSpec;
import io.featurekv.loader.GeneratedEntries;
import io.featurekv.loader.InputSpec;
import io.featurekv.loader.ShardBuild;
import io.featurekv.loader.ShardOutcome;
import io.featurekv.loader.ShardTallies;
import io.featurekv.loader.SharedBuild;
import io.featurekv.loader.SharedBuild.Reading;
import io.featurekv.loader.SharedBuild.RunPart;
import io.featurekv.loader.SharedPlan;
import io.featurekv.metadata.BuildPlan;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.ShardProof;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TaskCounts;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import io.featurekv.node.build.BuildPlans;
import io.featurekv.node.build.BuildStages;
import io.featurekv.node.load.FileShipment;
import io.featurekv.node.load.LoadReport;
import io.featurekv.node.load.LoadRequest;
import io.featurekv.node.load.LoadRunner;
import io.featurekv.node.load.PieceFrames;
import io.featurekv.storage.SealedShardFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads that the builders of the cluster share: whole nodes in this process. */
class BuildClusterTest {
  private static final int SHARDS = 5;

  @TempDir Path directory;

  /** One node's builder: tells what it reads, and does something else in between. */
  private static final class Watched implements BuildStages {
    final Set<Integer> read = new ConcurrentSkipListSet<>();
    final Map<Integer, Integer> timesRead = new ConcurrentHashMap<>();
    final AtomicBoolean holdsFirst = new AtomicBoolean();
    final CountDownLatch holding = new CountDownLatch(1);
    final CountDownLatch never = new CountDownLatch(1);
    final AtomicBoolean losesARun = new AtomicBoolean();
    volatile int held = -1;

    @Override
    public Reading read(SharedBuild build, int split, long from, BuildProgress progress) {
      read.add(split);
      timesRead.merge(split, 1, Integer::sum);
      if (holdsFirst.compareAndSet(true, false)) {
        held = split;
        holding.countDown();
        try {
          never.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new FeatureKvException(ErrorCode.TRY_AGAIN, "interrupted", e);
        }
      }
      return BuildStages.REAL.read(build, split, from, progress);
    }

    @Override
    public ShardOutcome build(
        SharedBuild build,
        int shard,
        List<RunPart> runs,
        ShardTallies parsed,
        ShardTallies dropped,
        long nowMillis,
        BuildProgress progress) {
      boolean isLost = losesARun.get() && shard == 2;
      return BuildStages.REAL.build(
          build,
          shard,
          isLost ? runs.subList(1, runs.size()) : runs,
          parsed,
          dropped,
          nowMillis,
          progress);
    }
  }

  static LoadRequest onCluster(LoadRequest like) {
    return new LoadRequest(
        like.table(),
        like.input(),
        like.words(),
        like.mode(),
        like.lastDuplicateWins(),
        like.maxRejected(),
        like.maxRejectedIsPercent(),
        null,
        like.allowEmpty(),
        like.activate(),
        like.ignoredGates(),
        like.operationId(),
        like.memoryBytes(),
        like.tempDirectory(),
        like.patience(),
        true,
        false,
        null);
  }

  private static List<OptionalLong> checksums(TestCluster cluster, String table, long version) {
    VersionRecord record = cluster.metadata().tables().get(table).versions().get(version);
    return record.shards().stream()
        .map(ShardRecord::manifest)
        .map(FileManifest::entriesChecksum)
        .toList();
  }

  /** Rows of which some come twice, some delete, some are refused, some have line breaks. */
  private Path rows() throws IOException {
    Random random = new Random(11);
    Path file = directory.resolve("rows.csv");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("id,text,gone\n");
      for (int i = 0; i < 150_000; i++) {
        String key = random.nextInt(50_000) == 0 ? "" : "key" + random.nextInt(120_000);
        boolean isLong = random.nextInt(3) == 0;
        String text = isLong ? "some lines\nof \"\"text\"\" in\nrow " + i : "the row no. " + i;
        out.write(key + ",\"" + text + ", and so on, and so forth, it is long enough\"");
        out.write(random.nextInt(20) == 0 ? ",yes\n" : ",\n");
      }
    }
    return file;
  }

  private LoadRequest requestOf(Path csv) {
    InputSpec input =
        new InputSpec(
            List.of(csv.toString()),
            "auto",
            List.of("id"),
            ":",
            "utf8",
            "",
            "utf8",
            Map.of(),
            "gone",
            "",
            false);
    return new LoadRequest(
        "t",
        input,
        "words",
        UpdateMode.FULL,
        true,
        1,
        true,
        null,
        false,
        true,
        Set.of(),
        "",
        64L << 20,
        directory.resolve("tmp"),
        TestCluster.PATIENCE);
  }

  @Test
  void whatBuildersShareIsWhatOneProcessBuilds() throws IOException {
    LoadRequest request = requestOf(rows());
    List<Watched> stages = List.of(new Watched(), new Watched(), new Watched());
    try (TestCluster cluster = TestCluster.start(directory, stages::get, "a", "a", "b")) {
      cluster.createTable("t", TableKind.IDX, SHARDS);
      LoadReport alone = LoadRunner.run(cluster.admin(), request, TestCluster.quiet());
      LoadReport shared = LoadRunner.run(cluster.admin(), onCluster(request), TestCluster.quiet());
      assertThat(shared.state()).isEqualTo("ACTIVE");
      assertThat(shared.version()).isEqualTo(2);
      assertThat(shared.entries()).isEqualTo(alone.entries());
      assertThat(shared.duplicates()).isEqualTo(alone.duplicates());
      assertThat(shared.rejected()).isEqualTo(alone.rejected()).isPositive();
      assertThat(shared.deleted()).isEqualTo(alone.deleted()).isPositive();
      assertThat(shared.firstRejected()).isEqualTo(alone.firstRejected());
      assertThat(checksums(cluster, "t", 2)).isEqualTo(checksums(cluster, "t", 1));
      assertThat(shared.stages()).extracting(BuildResult.Stage::name).contains("read", "build");
      TaskRecord task = cluster.metadata().tasks().get(shared.taskId());
      assertThat(task.counts().rows())
          .isEqualTo(shared.entries() + shared.duplicates() + shared.rejected() + shared.deleted());
      long readers = stages.stream().filter(each -> !each.read.isEmpty()).count();
      assertThat(readers).as("nodes that read a part").isGreaterThan(1);
    }
  }

  @Test
  void buildersThatAreSlowOrDieAreReplaced() throws Exception {
    List<Watched> stages = List.of(new Watched(), new Watched(), new Watched());
    stages.get(1).holdsFirst.set(true);
    stages.get(2).holdsFirst.set(true);
    int entries = 700_000;
    try (TestCluster cluster = TestCluster.start(directory, stages::get, "a", "b", "c")) {
      cluster.createTable("t", TableKind.IDX, SHARDS);
      LoadRequest request =
          onCluster(
              cluster.request("t", "generate:" + entries + "?valueBytes=8", UpdateMode.FULL, "op"));
      CompletableFuture<LoadReport> loading =
          CompletableFuture.supplyAsync(
              () -> LoadRunner.run(cluster.admin(), request, TestCluster.quiet()),
              task -> Thread.ofPlatform().daemon().start(task));
      for (Watched held : stages.subList(1, 3)) {
        assertThat(held.holding.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      }
      cluster.stop(2);
      LoadReport report = loading.join();
      assertThat(report.state()).isEqualTo("ACTIVE");
      assertThat(report.entries()).isEqualTo(entries);
      for (Watched held : stages.subList(1, 3)) {
        assertThat(
                stages.stream()
                    .filter(each -> each != held && each.read.contains(held.held))
                    .count())
            .as("builders that took over split %s", held.held)
            .isPositive();
      }
      ClusterBuild build = cluster.metadata().tasks().get("op").build();
      assertThat(build.leases()).isGreaterThanOrEqualTo(build.splitCount() + SHARDS + 2);
      LoadReport again = LoadRunner.run(cluster.admin(), request, TestCluster.quiet());
      assertThat(again.version()).as("the same operation").isEqualTo(report.version());
    }
  }

  @Test
  void aLostRunIsRefusedWithTheShardAndRetriedFromTheInputs() {
    Watched stages = new Watched();
    stages.losesARun.set(true);
    try (TestCluster cluster = TestCluster.start(directory, node -> stages, "a")) {
      cluster.createTable("t", TableKind.MEM, SHARDS);
      LoadRequest request =
          onCluster(cluster.request("t", "generate:400000?valueBytes=8", UpdateMode.FULL, "op"));
      assertThatThrownBy(() -> LoadRunner.run(cluster.admin(), request, TestCluster.quiet()))
          .isInstanceOf(FeatureKvException.class)
          .hasMessageContaining("shard 2 of version 1 of t")
          .hasMessageContaining("dropped on purpose");
      assertThat(cluster.metadata().tables().get("t").activeVersion()).isZero();
      TaskRecord failed = cluster.metadata().tasks().get("op");
      assertThat(failed.state()).isEqualTo(TaskState.FAILED);
      Map<Integer, Integer> before = Map.copyOf(stages.timesRead);
      stages.losesARun.set(false);
      LoadReport report =
          LoadRunner.retry(cluster.admin(), failed, TestCluster.PATIENCE, TestCluster.quiet());
      assertThat(report.state()).isEqualTo("ACTIVE");
      assertThat(report.version()).isEqualTo(1);
      assertThat(report.entries()).isEqualTo(400_000);
      before.forEach(
          (split, times) ->
              assertThat(stages.timesRead.get(split))
                  .as("readings of split %s, whose runs may have been damaged", split)
                  .isEqualTo(times + 1));
    }
  }

  @Test
  void inputsThatChangedAreRefusedBeforeAnythingIsRead() throws IOException {
    Watched stages = new Watched();
    try (TestCluster cluster = TestCluster.start(directory, node -> stages, "a")) {
      cluster.createTable("t", TableKind.IDX, SHARDS);
      Path csv = directory.resolve("in.csv");
      Files.writeString(csv, "id,text,gone\na,b,\n");
      LoadRequest request = requestOf(csv);
      SharedPlan seen = SharedPlan.of("t", request.input(), null, 1 << 20, 4L << 20);
      BuildPlan plan =
          BuildPlans.buildPlan(BuildPlans.taskInputs(request.input(), true, 0, false, false), seen);
      Files.writeString(csv, "id,text,gone\na,b,\nc,d,\n");
      cluster
          .admin()
          .propose(
              new Command.BeginTask(
                  "op",
                  "t",
                  UpdateMode.FULL,
                  "words",
                  "d",
                  true,
                  Set.of(),
                  null,
                  false,
                  true,
                  plan));
      TaskRecord task =
          cluster
              .admin()
              .await(
                  now -> now.tasks().containsKey("op") && now.tasks().get("op").state().isFinal(),
                  TestCluster.PATIENCE)
              .tasks()
              .get("op");
      assertThat(task.state()).isEqualTo(TaskState.FAILED);
      assertThat(task.reason()).contains("node n0").contains(csv.toString()).contains("planned as");
      assertThat(stages.read).isEmpty();
    }
  }

  @Test
  void fullVerificationFindsWhatDigestsCannot() {
    try (TestCluster cluster = TestCluster.start(directory, "a")) {
      cluster.createTable("t", TableKind.IDX, 2);
      assertThat(sealWithAnotherSum(cluster, 1, false)).isEqualTo(TaskState.ACTIVE);
      assertThat(sealWithAnotherSum(cluster, 2, true)).isEqualTo(TaskState.FAILED);
      VersionRecord refused = cluster.metadata().tables().get("t").versions().get(2L);
      assertThat(refused.reason())
          .contains("shard 1 does not have the entries that were loaded (--verify full)");
    }
  }

  /**
   * Files whose bytes are as they were built, but of whose shard 1 builder and metadata believe
   * that it has other entries.
   */
  private TaskState sealWithAnotherSum(TestCluster cluster, long version, boolean verifyFull) {
    String table = "t";
    String id = table + version;
    cluster
        .admin()
        .propose(
            new Command.BeginTask(
                id,
                table,
                UpdateMode.FULL,
                "words",
                "d",
                true,
                Set.of(),
                null,
                verifyFull,
                false,
                null));
    BuildResult built =
        ShardBuild.run(
            new BuildSpec(
                table,
                TableKind.IDX,
                version,
                2,
                UpdateMode.FULL,
                1 << 20,
                16,
                0,
                cluster.request(table, "generate:3000", UpdateMode.FULL, "").input(),
                true,
                0,
                false,
                null,
                false,
                64L << 20,
                directory.resolve("built-" + id),
                false),
            TestCluster.quiet());
    List<FileManifest> manifests = new ArrayList<>();
    List<ShardProof> proofs = new ArrayList<>();
    for (int shard = 0; shard < 2; shard++) {
      SealedShardFile file = built.files().get(shard);
      FileManifest manifest = file.manifest();
      long more = shard == 1 ? 1 : 0;
      manifests.add(
          new FileManifest(
              manifest.lengthBytes(),
              manifest.digest(),
              manifest.entries(),
              0,
              OptionalLong.of(manifest.entriesChecksum().orElseThrow() + more)));
      ShardOutcome outcome = built.shards().get(shard);
      proofs.add(
          new ShardProof(
              outcome.parsedRows(),
              outcome.parsedSum() + more,
              outcome.droppedRows(),
              outcome.droppedSum()));
      new FileShipment(cluster.admin().peers(), "n0", file, 1, new PieceFrames())
          .ship(bytes -> {}, bytes -> {});
    }
    cluster
        .admin()
        .propose(
            new Command.SealVersion(
                id, 1, manifests, new TaskCounts(3000, 3000, 0, 0, 0, 0), proofs));
    return cluster
        .admin()
        .await(now -> now.tasks().get(id).state().isFinal(), TestCluster.PATIENCE)
        .tasks()
        .get(id)
        .state();
  }

  @Test
  void generatedInputsAreReadByAll() {
    // The plan of a load is made of what its inputs are; two plans of the same are the same.
    InputSpec input =
        new InputSpec(
            List.of(GeneratedEntries.SCHEME + "500000"),
            "auto",
            List.of(),
            ":",
            "utf8",
            "",
            "utf8",
            Map.of(),
            "",
            "",
            false);
    SharedPlan one = SharedPlan.forWorkers("t", input, null, 1 << 20, 4, BuildPlan.MAX_SPLITS);
    SharedPlan other = SharedPlan.of("t", input, null, 1 << 20, one.targetBytes());
    assertThat(other.pieces()).isEqualTo(one.pieces());
    assertThat(one.unshared()).isEmpty();
  }
}
