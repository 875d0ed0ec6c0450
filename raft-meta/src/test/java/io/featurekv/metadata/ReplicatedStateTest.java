package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long random sequences of commands, most of them senseless, on replicas that must stay equal. */
class ReplicatedStateTest {
  private static final int COMMANDS = 1_500;
  private static final List<String> NODES = List.of("n1", "n2", "n3");
  private static final List<String> TABLES = List.of("t", "u");

  private final List<CommandEnvelope> log = new ArrayList<>();
  private final Map<String, Integer> takenEffect = new HashMap<>();
  private long nowMillis = 1_800_000_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261122})
  void replicasAgreeAtEveryIndexAndInvariantsHold(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ClusterMetadata leader = ClusterMetadata.empty();
    ClusterMetadata follower = ClusterMetadata.empty();
    ClusterMetadata fromSnapshot = ClusterMetadata.empty();
    int done = 0;
    for (int index = 1; index <= COMMANDS; index++) {
      CommandEnvelope envelope = index == 1 ? first() : next(random, leader);
      log.add(envelope);
      ClusterMetadata.Applied applied = leader.apply(envelope, index);
      check(leader, applied, envelope);
      leader = applied.metadata();
      byte[] entry = MetadataCodec.encodeCommand(envelope);
      follower = follower.apply(MetadataCodec.decodeCommand(entry), index).metadata();
      fromSnapshot = fromSnapshot.apply(MetadataCodec.decodeCommand(entry), index).metadata();
      if (random.nextInt(100) == 0) {
        fromSnapshot = MetadataCodec.decodeSnapshot(MetadataCodec.encodeSnapshot(fromSnapshot));
      }
      assertThat(follower.stateHash()).as("index %s", index).isEqualTo(leader.stateHash());
      assertThat(fromSnapshot.stateHash()).as("index %s", index).isEqualTo(leader.stateHash());
      done += applied.result().error() == null ? 1 : 0;
    }
    assertThat(leader).isEqualTo(fromSnapshot);
    System.out.println("commands that took effect: " + done + " of " + COMMANDS);
    assertThat(done).as("commands that took effect").isGreaterThan(COMMANDS / 5);
  }

  private void check(
      ClusterMetadata before, ClusterMetadata.Applied applied, CommandEnvelope envelope) {
    ClusterMetadata after = applied.metadata();
    assertThat(applied.result().error()).isNotEqualTo(ErrorCode.INTERNAL);
    assertThat(after.index()).isEqualTo(before.index() + 1);
    assertThat(after.expiredBeforeMillis()).isGreaterThanOrEqualTo(before.expiredBeforeMillis());
    if (!after.tables().equals(before.tables()) || !after.nodes().equals(before.nodes())) {
      assertThat(applied.result().error()).isNull();
      if (envelope.command() instanceof Command.CreateTable) {
        assertThat(takenEffect.merge(envelope.operationId(), 1, Integer::sum)).isEqualTo(1);
      }
    }
    for (TableRecord table : after.tables().values()) {
      check(after, table);
      TableRecord earlier = before.tables().get(table.name());
      if (earlier != null && earlier.id() == table.id()) {
        assertThat(table.nextVersion()).isGreaterThanOrEqualTo(earlier.nextVersion());
      }
    }
    after.tasks().values().forEach(t -> assertThat(after.tables()).containsKey(t.table()));
    after.tasks().values().forEach(RandomBuild::check);
  }

  private static void check(ClusterMetadata state, TableRecord table) {
    List<VersionRecord> active =
        table.versions().values().stream()
            .filter(version -> version.state() == VersionState.ACTIVE)
            .toList();
    assertThat(active.stream().map(VersionRecord::number))
        .isEqualTo(table.activeVersion() == 0 ? List.of() : List.of(table.activeVersion()));
    for (VersionRecord version : table.versions().values()) {
      assertThat(version.number()).isLessThan(table.nextVersion());
      TaskRecord task = state.tasks().get(version.taskId());
      assertThat(task).isNotNull();
      if (task.version() == version.number() && version.state() == VersionState.BUILDING) {
        assertThat(task.state()).isEqualTo(TaskState.BUILDING);
      }
      if (version.state().isKept()) {
        for (VersionRecord part : table.chain(version)) {
          assertThat(part.state().isKept()).isTrue();
          assertThat(part.shardCount()).isEqualTo(version.shardCount());
        }
        for (int shard = 0; shard < version.shardCount(); shard++) {
          checkChains(table, version, shard);
        }
      }
      for (ShardRecord shard : version.shards()) {
        for (String ready : shard.ready()) {
          assertThat(shard.holders().containsKey(ready) || shard.isMergedOn(ready)).isTrue();
        }
        assertThat(version.state().isKept() && shard.manifest() == null).isFalse();
      }
    }
  }

  private static void checkChains(TableRecord table, VersionRecord version, int shard) {
    List<ChainFile> shortest = table.chain(version, shard);
    List<ChainFile> settled = table.settledChain(version, shard);
    assertThat(shortest).isNotEmpty().hasSizeLessThanOrEqualTo(settled.size());
    assertThat(shortest.getLast().mode()).isEqualTo(UpdateMode.FULL);
    assertThat(settled.getLast().mode()).isEqualTo(UpdateMode.FULL);
    assertThat(settled).allMatch(file -> file.version().state().isKept());
    assertThat(table.chain(version)).containsAll(settled.stream().map(ChainFile::version).toList());
  }

  private CommandEnvelope first() {
    return envelope(new Random(0), new Command.FormCluster("c", 3));
  }

  private CommandEnvelope envelope(Random random, Command command) {
    return new CommandEnvelope(OperationIds.next(nowMillis, random), nowMillis, command);
  }

  private CommandEnvelope next(Random random, ClusterMetadata state) {
    nowMillis += random.nextInt(random.nextInt(50) == 0 ? 3_600_000 : 10_000);
    if (random.nextInt(20) == 0) {
      CommandEnvelope again = log.get(random.nextInt(log.size()));
      Command other = new Command.DropTable("t");
      return new CommandEnvelope(
          again.operationId(), nowMillis, random.nextInt(4) == 0 ? other : again.command());
    }
    return envelope(random, command(random, state));
  }

  private static <T> T one(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private Command command(Random random, ClusterMetadata state) {
    String table = random.nextInt(200) == 0 ? "none" : one(random, TABLES);
    String node = one(random, NODES);
    TableRecord record = state.tables().get(table);
    long version = record == null ? 1 : version(random, record);
    int kind = random.nextInt(100);
    if (record == null || state.nodes().size() < NODES.size() || kind < 3) {
      return administer(random, table, node);
    }
    NodeRecord reporter = state.nodes().get(node);
    long session = reporter.session() - (random.nextInt(20) == 0 ? 1 : 0);
    VersionRecord about = record.versions().get(version);
    int shards = about == null ? 2 : about.shardCount();
    if (kind < 15) {
      UpdateMode mode = random.nextInt(3) == 0 ? UpdateMode.INCREMENTAL : UpdateMode.FULL;
      String id = "task-" + table + "-" + mode + "-" + random.nextInt(100);
      boolean onCluster = id.hashCode() % 3 == 0;
      BuildPlan plan = onCluster ? BuildScript.plan(3, random.nextInt(4) > 0) : null;
      CanaryPlan canary = random.nextInt(3) == 0 ? new CanaryPlan("a", 1_000) : null;
      boolean activates = random.nextInt(5) > 0 || canary != null;
      return new Command.BeginTask(
          id,
          table,
          mode,
          "in",
          "d",
          activates,
          Set.of(),
          canary,
          random.nextBoolean(),
          onCluster,
          plan);
    }
    if (kind < 35) {
      SortedMap<Integer, String> digests = new TreeMap<>();
      for (int shard = 0; shard < shards; shard++) {
        int wrong = random.nextInt(30) == 0 ? 1 : 0;
        digests.put(shard, MetadataScript.manifest(version + wrong, shard).digest().hex());
      }
      int attempt = state.attemptOf(table, version) - (random.nextInt(20) == 0 ? 1 : 0);
      return new Command.ReportHeld(node, session, table, version, attempt, digests);
    }
    TaskRecord task = about == null ? null : state.tasks().get(about.taskId());
    if (kind < 60 && task != null) {
      return task.build() == null
          ? build(random, task, version, shards)
          : RandomBuild.next(random, task, task.build(), node, session);
    }
    TreeSet<Integer> all = new TreeSet<>();
    for (int shard = 0; shard < shards; shard++) {
      all.add(shard);
    }
    int shard = random.nextInt(shards);
    TreeSet<Integer> some = new TreeSet<>(Set.of(shard));
    return switch (random.nextInt(23)) {
      case 22 -> new Command.ReportCanary(table, version, new CanaryCounts(2, 1, 1, 0));
      case 19, 20 -> new Command.StartCanary(table, version);
      case 21 -> new Command.EndCanary(table, version, "worse", new CanaryCounts(3, 2, 1, 0));
      case 16, 17, 18 ->
          new Command.ReportFindings(node, session, table, version, findings(random, all));
      case 10, 11, 12 ->
          new Command.RegisterMerged(
              node,
              session,
              table,
              version,
              shard,
              MetadataScript.mergedManifest(version, random.nextInt(10) == 0 ? 9 : shard));
      case 13 ->
          new Command.ReportMergedHeld(
              node,
              session,
              table,
              version,
              new TreeMap<>(
                  Map.of(shard, MetadataScript.mergedManifest(version, shard).digest().hex())));
      case 14 -> new Command.ReportMergedDropped(node, session, table, version, all);
      case 15 -> new Command.CompleteMerge(table, version, some);
      case 0 -> new Command.ReportDropped(node, session, table, version, all);
      case 1 -> new Command.ReportLoadFailure(node, session, table, version, "why");
      case 2, 3, 4 -> new Command.ReportReady(node, session, table, version, all);
      case 5 -> new Command.Rollback(table, random.nextBoolean() ? 0 : version);
      case 6 -> new Command.ActivateVersion(table, version, random.nextBoolean());
      case 7 -> new Command.DropVersion(table, version);
      default ->
          new Command.AdvanceVersion(
              table, version, random.nextBoolean() ? VersionState.LOADING : VersionState.READY);
    };
  }

  private static SortedMap<Integer, ShardFindings> findings(Random random, Set<Integer> shards) {
    SortedMap<Integer, ShardFindings> findings = new TreeMap<>();
    for (int shard : shards) {
      List<GoldenMiss> misses =
          random.nextInt(20) == 0 ? List.of(new GoldenMiss("k", "a", "b")) : List.of();
      findings.put(shard, new ShardFindings(10, random.nextInt(10) < 2 ? 3 : 8, misses));
    }
    return findings;
  }

  private static long version(Random random, TableRecord table) {
    return Math.max(1, table.nextVersion() - random.nextInt(5));
  }

  private static Command administer(Random random, String table, String node) {
    int shards = 1 + random.nextInt(3);
    TableOptions options =
        new TableOptions(shards, 2, 0, 1, new ActivateWhen.Live())
            .withGates(
                new Gates(
                    Share.parse("50%"),
                    Share.parse("150%"),
                    null,
                    null,
                    random.nextBoolean() ? Share.parse("40%") : null,
                    List.of(),
                    List.of(new GoldenKey(new byte[] {1}, new GoldenKey.Absent()))));
    return switch (random.nextInt(14)) {
      case 12 -> new Command.WriteRegister(random.nextInt(3), random.nextInt(3));
      case 13 ->
          new Command.CompareAndSetRegister(
              random.nextInt(3), random.nextInt(3), random.nextInt(3));
      case 0 -> random.nextInt(5) == 0 ? new Command.DropTable(table) : new Command.DropTable("-");
      case 1 -> new Command.AlterTable(table, options);
      case 2 -> new Command.SetNodeState(node, one(random, List.of(NodeState.values())));
      case 3 -> new Command.SetVoters(new TreeSet<>(Set.of(node)));
      case 4, 5, 6, 7 -> MetadataScript.register(node, "n3".equals(node) ? "b" : "a");
      case 8 -> new Command.FormCluster("again", 1);
      default -> new Command.CreateTable(table, TableKind.MEM, options);
    };
  }

  private static Command build(Random random, TaskRecord task, long version, int shards) {
    int attempt = task.attempt() - (random.nextInt(20) == 0 ? 1 : 0);
    List<FileManifest> manifests = MetadataScript.manifests(version, shards);
    return switch (random.nextInt(20)) {
      case 0 -> new Command.FailTask(task.id(), attempt, "why", random.nextBoolean());
      case 1 -> new Command.FailVersion(task.table(), version, "why");
      case 2, 3 ->
          new Command.ReportProgress(
              task.id(), attempt, "sort", StageFigures.ofEntries(1, 2), TaskCounts.NONE);
      default ->
          new Command.SealVersion(
              task.id(),
              attempt,
              manifests,
              MetadataScript.counts(shards),
              MetadataScript.proofs(version, shards));
    };
  }
}
