package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.metadata.GateRules.Candidate;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class GateRulesTest {
  private static final Gates STRICT =
      new Gates(Share.parse("50%"), Share.parse("100%"), Share.parse("1%"), Share.parse("10%"));

  /** Version 1 is active: 100 entries and 10,000 bytes in each of two shards. */
  private static MetadataScript withActive(Gates gates) {
    MetadataScript script = MetadataScript.withTable();
    script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS.withGates(gates)));
    activate(script, "one", UpdateMode.FULL, files(1, 100, 0, 10_000));
    return script;
  }

  private static void activate(
      MetadataScript script, String task, UpdateMode mode, List<FileManifest> files) {
    long version = script.done(MetadataScript.begin(task, mode)).version();
    seal(script, task, files, Set.of());
    assertThat(script.stateOf(version)).isEqualTo(VersionState.SEALED);
    script.done(new Command.AdvanceVersion("t", version, VersionState.LOADING));
    script.ready("n1", version);
    script.done(new Command.AdvanceVersion("t", version, VersionState.READY));
    script.done(new Command.ActivateVersion("t", version));
  }

  private static void seal(
      MetadataScript script, String task, List<FileManifest> files, Set<Gate> ignored) {
    UpdateMode mode = script.task(task) == null ? UpdateMode.FULL : script.task(task).mode();
    script.done(new Command.BeginTask(task, "t", mode, "file.csv", "d1", true, ignored));
    script.hold("n1", script.task(task).version());
    long entries = files.stream().mapToLong(FileManifest::entries).sum();
    long tombstones = files.stream().mapToLong(FileManifest::tombstones).sum();
    script.done(
        new Command.SealVersion(
            task,
            script.task(task).attempt(),
            files,
            new TaskCounts(entries + tombstones, entries, 0, 0, tombstones, 0),
            files.stream().map(GateRulesTest::proof).toList()));
  }

  private static ShardProof proof(FileManifest file) {
    return new ShardProof(
        file.entries() + file.tombstones(), file.entriesChecksum().orElseThrow(), 0, 0);
  }

  private static List<FileManifest> files(
      long version, long entries, long tombstones, long lengthBytes) {
    return MetadataScript.manifests(version, 2).stream()
        .map(
            file ->
                new FileManifest(
                    lengthBytes, file.digest(), entries, tombstones, OptionalLong.of(7)))
        .toList();
  }

  private static Candidate full(long entries, long bytes) {
    return new Candidate(UpdateMode.FULL, entries, 0, bytes, TaskCounts.NONE);
  }

  private static Candidate increment(long entries, long tombstones) {
    return new Candidate(UpdateMode.INCREMENTAL, entries, tombstones, 1, TaskCounts.NONE);
  }

  private static List<Gate> shut(TableRecord table, Candidate candidate, Gate... ignored) {
    return GateRules.refusals(table, candidate, Set.of(ignored)).stream()
        .map(GateRules.Refusal::gate)
        .toList();
  }

  @Test
  void aRefusalNamesFiguresLimitAndTheWayPast() {
    TableRecord table = withActive(STRICT).table();
    assertThat(GateRules.text(GateRules.refusals(table, full(80, 10_000), Set.of())))
        .isEqualTo(
            "shrink: 80 entries are 60.0 % fewer than the 200 of version 1; at most 50% is allowed;"
                + " --ignore-gates shrink lets it pass");
    assertThat(GateRules.text(GateRules.refusals(table, full(200, 50_000), Set.of())))
        .isEqualTo(
            "growth: 50,000 bytes are 150.0 % more than the 20,000 of version 1; at most 100% is"
                + " allowed; --ignore-gates growth lets it pass");
    TaskCounts counts = new TaskCounts(1_000, 850, 40, 110, 0, 0);
    assertThat(
            GateRules.text(
                GateRules.refusals(
                    table, new Candidate(UpdateMode.FULL, 200, 0, 20_000, counts), Set.of())))
        .isEqualTo(
            "rejected: 40 of 1,000 rows (4.0 %) were rejected; at most 1% is allowed;"
                + " --ignore-gates rejected lets it pass"
                + " | duplicates: 110 of 1,000 rows (11.0 %) have the key of a later row; at most"
                + " 10% is allowed; --ignore-gates duplicates lets it pass");
  }

  @Test
  void theLimitItselfPasses() {
    TableRecord table = withActive(STRICT).table();
    assertThat(shut(table, full(100, 10_000))).isEmpty();
    assertThat(shut(table, full(99, 9_999))).containsExactly(Gate.SHRINK, Gate.SHRINK);
    assertThat(shut(table, full(400, 40_000))).isEmpty();
    assertThat(shut(table, full(401, 40_001))).containsExactly(Gate.GROWTH, Gate.GROWTH);
    assertThat(shut(table, full(99, 10_000), Gate.SHRINK)).isEmpty();
  }

  @Test
  void whatIsNotAskedOrHasNothingToCompareWithPasses() {
    TableRecord unasked = withActive(Gates.OFF).table();
    assertThat(shut(unasked, full(1, 1))).isEmpty();
    assertThat(shut(unasked, full(1_000_000, 1_000_000))).isEmpty();
    TableRecord first =
        MetadataScript.withTable().table().withOptions(MetadataScript.TWO_SHARDS.withGates(STRICT));
    assertThat(shut(first, full(1, 1))).isEmpty();
    assertThat(shut(withActive(STRICT).table(), full(150, -1))).isEmpty();
  }

  @Test
  void anEmptyVersionNeedsToBeAskedForWhateverTheTable() {
    TableRecord table = withActive(Gates.OFF).table();
    assertThat(shut(table, full(0, 100))).containsExactly(Gate.EMPTY);
    assertThat(shut(table, increment(0, 0))).containsExactly(Gate.EMPTY);
    assertThat(shut(withActive(STRICT).table(), full(0, 100), Gate.EMPTY)).isEmpty();
    assertThat(shut(withActive(STRICT).table(), full(0, 100), Gate.SHRINK))
        .containsExactly(Gate.EMPTY);
  }

  @Test
  void anIncrementShrinksByWhatItDeletesAndGrowsByAllItBrings() {
    TableRecord table = withActive(STRICT).table();
    assertThat(shut(table, increment(1, 100))).isEmpty();
    assertThat(shut(table, increment(1, 101))).containsExactly(Gate.SHRINK);
    assertThat(shut(table, increment(200, 0))).isEmpty();
    assertThat(shut(table, increment(201, 0))).containsExactly(Gate.GROWTH);
  }

  @Test
  void ofAChainTheEndCountsThatLetsMorePass() {
    MetadataScript script = withActive(STRICT);
    activate(script, "two", UpdateMode.INCREMENTAL, files(2, 60, 20, 5_000));
    activate(script, "three", UpdateMode.INCREMENTAL, files(3, 60, 0, 5_000));
    // Of each shard: at least 80 of the 100 are left; at most 60 and 60 came.
    ChainExtent extent = ChainExtent.of(script.table(), script.version(3));
    assertThat(extent).isEqualTo(new ChainExtent(160, 440, 16_000, 40_000));
    assertThat(shut(script.table(), full(80, 8_000))).isEmpty();
    assertThat(shut(script.table(), full(79, 8_000))).containsExactly(Gate.SHRINK);
    assertThat(shut(script.table(), full(880, 80_000))).isEmpty();
    assertThat(shut(script.table(), full(881, 80_000))).containsExactly(Gate.GROWTH);
    script.merge("n1", 3, 0);
    script.merge("n1", 3, 1);
    script.done(new Command.CompleteMerge("t", 3, new TreeSet<>(List.of(0, 1))));
    assertThat(ChainExtent.of(script.table(), script.version(3)))
        .isEqualTo(new ChainExtent(40, 40, 10_001, 10_001));
  }

  @Test
  void aRefusedVersionFailsWithItsTaskAndPassesOnceTheGateIsIgnored() {
    MetadataScript script = withActive(STRICT);
    List<FileManifest> few = files(2, 10, 0, 10_000);
    seal(script, "two", few, Set.of());
    assertThat(script.stateOf(2)).isEqualTo(VersionState.FAILED);
    assertThat(script.version(2).reason()).startsWith("shrink: 20 entries are 90.0 % fewer");
    assertThat(script.version(2).entries()).isEqualTo(20);
    assertThat(script.task("two").state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task("two").reason()).isEqualTo(script.version(2).reason());
    assertThat(script.table().activeVersion()).isEqualTo(1);
    seal(script, "two", few, Set.of(Gate.SHRINK));
    assertThat(script.stateOf(2)).isEqualTo(VersionState.SEALED);
    assertThat(script.task("two").ignoredGates()).containsExactly(Gate.SHRINK);
    assertThat(script.task("two").state()).isEqualTo(TaskState.LOADING);
  }

  private static GoldenKey golden(String key, String value) {
    return GoldenKey.ofValue(bytes(key), bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Version 2 is LOADING and open on n1; nobody has looked into it. */
  private static MetadataScript withLoading(Gate... ignored) {
    Gates gates =
        new Gates(
            null,
            null,
            null,
            null,
            Share.parse("30%"),
            List.of(),
            List.of(golden("a", "1"), golden("b", "2")));
    MetadataScript script = withActive(Gates.OFF);
    script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS.withGates(gates)));
    seal(script, "two", files(2, 100, 0, 10_000), Set.of(ignored));
    script.done(new Command.AdvanceVersion("t", 2, VersionState.LOADING));
    script.ready("n1", 2);
    return script;
  }

  private static void find(MetadataScript script, int shard, int known, GoldenMiss... misses) {
    ShardFindings found = new ShardFindings(100, known, List.of(misses));
    script.done(
        new Command.ReportFindings(
            "n1", script.session("n1"), "t", 2, new TreeMap<>(Map.of(shard, found))));
  }

  @Test
  void aVersionIsReadyOnlyOnceEveryShardWasLookedInto() {
    MetadataScript script = withLoading();
    Command ready = new Command.AdvanceVersion("t", 2, VersionState.READY);
    assertThat(script.refused(ErrorCode.CONFLICT, ready)).contains("[0, 1]");
    find(script, 1, 30);
    find(script, 1, 0);
    assertThat(script.refused(ErrorCode.CONFLICT, ready)).contains("[0]");
    find(script, 0, 30);
    script.done(ready);
    assertThat(script.stateOf(2)).isEqualTo(VersionState.READY);
    assertThat(script.version(2).dataCheck())
        .isEqualTo(new DataCheck(true, 1, new TreeSet<>(), 200, 60, List.of()));
  }

  @Test
  void whatNodesFoundShutsAGateWithFigures() {
    MetadataScript script = withLoading();
    find(script, 0, 29, golden("a", "1").miss(bytes("one")).orElseThrow());
    find(script, 1, 30, golden("b", "2").miss((byte[]) null).orElseThrow());
    script.done(new Command.AdvanceVersion("t", 2, VersionState.READY));
    assertThat(script.stateOf(2)).isEqualTo(VersionState.FAILED);
    assertThat(script.task("two").state()).isEqualTo(TaskState.FAILED);
    assertThat(script.task("two").reason())
        .isEqualTo(
            "golden: 2 of 2 golden keys are not as expected: 'a': expected '1', found 'one', 'b':"
                + " expected '2', found no entry; --ignore-gates golden lets it pass"
                + " | overlap: 59 of 200 keys looked up (29.5 %) are in version 1; at least 30%"
                + " must be there; --ignore-gates overlap lets it pass");
  }

  @Test
  void whatIsIgnoredOrHasNothingToCompareWithIsNotLookedInto() {
    assertThat(withLoading(Gate.GOLDEN, Gate.OVERLAP).version(2).dataCheck()).isNull();
    DataCheck overlapOnly = withLoading(Gate.GOLDEN).version(2).dataCheck();
    assertThat(overlapOnly.asksGolden()).isFalse();
    assertThat(overlapOnly.pendingShards()).containsExactly(0, 1);
    MetadataScript script = withLoading(Gate.OVERLAP);
    DataCheck goldenOnly = script.version(2).dataCheck();
    assertThat(goldenOnly.overlapWith()).isZero();
    for (int shard = 0; shard < 2; shard++) {
      assertThat(DataCheck.goldenKeysOf(script.table(), script.version(2), shard).isEmpty())
          .isEqualTo(!goldenOnly.pendingShards().contains(shard));
    }
    assertThat(script.version(1).dataCheck()).isNull();
  }

  @Test
  void goldenKeysCompareValuesDigestsAndAbsence() {
    byte[] longValue = new byte[GoldenKey.MAX_VALUE_BYTES + 1];
    GoldenKey digested = GoldenKey.ofValue(bytes("k"), longValue);
    assertThat(digested.expected()).isInstanceOf(GoldenKey.Sha256.class);
    assertThat(digested.miss(longValue)).isEmpty();
    assertThat(digested.miss(new byte[3]).orElseThrow().found()).isEqualTo("0x000000");
    GoldenKey absent = new GoldenKey(bytes("k"), new GoldenKey.Absent());
    assertThat(absent.miss((byte[]) null)).isEmpty();
    assertThat(absent.miss(bytes("x".repeat(5_000))).orElseThrow().found())
        .hasSizeLessThan(GoldenMiss.MAX_CHARS)
        .endsWith("... (5000 bytes)");
  }

  @Test
  void sharesAreExactPercentages() {
    assertThat(Share.parse("0.0001%")).isEqualTo(new Share(1));
    for (String text : List.of("50%", "0%", "0.5%", "12.3456%", "100000%")) {
      assertThat(Share.parse(text).word()).isEqualTo(text);
    }
    for (String text : List.of("", "50", "%", "-1%", "1.00001%", "1e2%", "off")) {
      assertThatThrownBy(() -> Share.parse(text))
          .isInstanceOf(FeatureKvException.class)
          .hasMessageContaining("'" + text + "' is no percentage");
    }
    assertThat(Share.parse("0%").isExceededBy(1, Long.MAX_VALUE)).isTrue();
    assertThat(Share.parse("100%").isExceededBy(Long.MAX_VALUE, Long.MAX_VALUE)).isFalse();
  }
}
