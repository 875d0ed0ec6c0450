package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MergeCommandsTest {
  /** Version 1 is full, 2 and 3 are increments, 3 is active; n1 has them all. */
  private static MetadataScript chainOfThree() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.activated("two", UpdateMode.INCREMENTAL);
    script.activated("three", UpdateMode.INCREMENTAL);
    return script;
  }

  private static SortedSet<Integer> shards(Integer... shards) {
    return new TreeSet<>(List.of(shards));
  }

  private static Command complete(long version, Integer... shards) {
    return new Command.CompleteMerge("t", version, shards(shards));
  }

  private static Command dropped(MetadataScript script, String node, long version, int shard) {
    return new Command.ReportMergedDropped(node, script.session(node), "t", version, shards(shard));
  }

  private static List<String> names(List<ChainFile> files) {
    return files.stream()
        .map(file -> file.version().number() + (file.merged() ? "m" : ""))
        .toList();
  }

  private static List<String> shortest(MetadataScript script, long version, int shard) {
    return names(script.table().chain(script.version(version), shard));
  }

  private static List<String> settled(MetadataScript script, long version, int shard) {
    return names(script.table().settledChain(script.version(version), shard));
  }

  private static List<Long> needed(MetadataScript script, long version) {
    return script.table().chain(script.version(version)).stream()
        .map(VersionRecord::number)
        .toList();
  }

  @Test
  void readsStopAtARegisteredFileAndDeletionOnlyAtACompleteOne() {
    MetadataScript script = chainOfThree();
    assertThat(shortest(script, 3, 0)).containsExactly("3", "2", "1");
    script.merge("n1", 2, 0);
    assertThat(shortest(script, 3, 0)).containsExactly("3", "2m");
    assertThat(shortest(script, 3, 1)).containsExactly("3", "2", "1");
    assertThat(shortest(script, 2, 0)).containsExactly("2m");
    assertThat(settled(script, 3, 0)).containsExactly("3", "2", "1");
    assertThat(needed(script, 3)).containsExactly(3L, 2L, 1L);
    script.done(complete(2, 0));
    assertThat(settled(script, 3, 0)).containsExactly("3", "2m");
    assertThat(needed(script, 3)).containsExactly(3L, 2L, 1L);
    script.merge("n1", 2, 1);
    script.done(complete(2, 0, 1));
    assertThat(needed(script, 3)).containsExactly(3L, 2L);
    ChainFile last = script.table().chain(script.version(3), 1).getLast();
    assertThat(last.mode()).isEqualTo(UpdateMode.FULL);
    assertThat(last.manifest()).isEqualTo(MetadataScript.mergedManifest(2, 1));
    assertThat(last.holders()).containsExactly("n1");
  }

  @Test
  void firstRegistrationWinsWhileSomebodyHoldsIt() {
    MetadataScript script = chainOfThree();
    script.done(MetadataScript.register("n2", "a"));
    script.merge("n1", 3, 0);
    script.merge("n1", 3, 0);
    FileManifest other = MetadataScript.mergedManifest(99, 0);
    Command second = new Command.RegisterMerged("n2", script.session("n2"), "t", 3, 0, other);
    assertThat(script.refused(ErrorCode.CONFLICT, second))
        .contains("merged before")
        .contains("[n1]");
    script.merge("n2", 3, 0);
    script.done(dropped(script, "n1", 3, 0));
    script.refused(ErrorCode.CONFLICT, second);
    script.done(dropped(script, "n2", 3, 0));
    assertThat(script.version(3).shards().get(0).merged()).isNull();
    script.done(second);
    assertThat(script.version(3).shards().get(0).merged())
        .isEqualTo(new MergedFile(other, new TreeSet<>(List.of("n2")), false));
  }

  @Test
  void onlyKeptIncrementsAreMerged() {
    MetadataScript script = chainOfThree();
    long session = script.session("n1");
    FileManifest manifest = MetadataScript.mergedManifest(1, 0);
    script.refused(
        ErrorCode.CONFLICT, new Command.RegisterMerged("n1", session, "t", 1, 0, manifest));
    script.refused(
        ErrorCode.INVALID_ARGUMENT, new Command.RegisterMerged("n1", session, "t", 3, 2, manifest));
    script.refused(
        ErrorCode.CONFLICT, new Command.RegisterMerged("n1", session - 1, "t", 3, 0, manifest));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterMerged(
            "n1", session, "t", 3, 0, new FileManifest(1, manifest.digest(), 5, 1)));
    script.refused(
        ErrorCode.NOT_FOUND, new Command.RegisterMerged("n1", session, "t", 8, 0, manifest));
    script.activated("four", UpdateMode.FULL);
    script.done(new Command.DropVersion("t", 3));
    script.refused(
        ErrorCode.CONFLICT, new Command.RegisterMerged("n1", session, "t", 3, 0, manifest));
    script.refused(ErrorCode.CONFLICT, complete(3, 0));
  }

  @Test
  void aHolderMustHoldWhatIsRegistered() {
    MetadataScript script = chainOfThree();
    script.done(MetadataScript.register("n2", "a"));
    TreeMap<Integer, String> right =
        new TreeMap<>(Map.of(0, MetadataScript.mergedManifest(3, 0).digest().hex()));
    TreeMap<Integer, String> wrong =
        new TreeMap<>(Map.of(0, MetadataScript.mergedManifest(3, 1).digest().hex()));
    long session = script.session("n2");
    script.refused(ErrorCode.CONFLICT, new Command.ReportMergedHeld("n2", session, "t", 3, right));
    script.merge("n1", 3, 0);
    script.refused(ErrorCode.CONFLICT, new Command.ReportMergedHeld("n2", session, "t", 3, wrong));
    script.done(new Command.ReportMergedHeld("n2", session, "t", 3, right));
    assertThat(script.version(3).shards().get(0).merged().holders()).containsExactly("n1", "n2");
  }

  @Test
  void completeOnlyOnceEveryNodeThatHadTheChainHasTheFile() {
    MetadataScript script = chainOfThree();
    script.done(MetadataScript.register("n2", "b"));
    script.hold("n2", 3);
    script.ready("n2", 3);
    script.refused(ErrorCode.CONFLICT, complete(3, 0));
    script.merge("n1", 3, 0);
    assertThat(script.refused(ErrorCode.CONFLICT, complete(3, 0))).contains("shard 0");
    script.done(new Command.SetNodeState("n2", NodeState.DOWN));
    script.refused(ErrorCode.CONFLICT, complete(3, 0));
    script.done(new Command.SetNodeState("n2", NodeState.TAKEN_OVER));
    assertThat(MergeRules.mayComplete(script.state(), script.version(3), 0)).isTrue();
    script.done(new Command.SetNodeState("n2", NodeState.UP));
    script.refused(ErrorCode.CONFLICT, complete(3, 0));
    script.merge("n2", 3, 0);
    script.done(complete(3, 0));
    script.done(complete(3, 0));
    assertThat(script.version(3).shards().get(0).isMergeComplete()).isTrue();
  }

  @Test
  void completeNeedsAsManySectsAsSealing() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    assertThat(MergeRules.mayComplete(script.state(), script.version(3), 0)).isTrue();
    script.done(MetadataScript.register("n2", "b"));
    assertThat(MergeRules.mayComplete(script.state(), script.version(3), 0)).isFalse();
  }

  @Test
  void aMergeFreesTheParents() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    script.merge("n1", 3, 1);
    script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 2));
    script.done(complete(3, 0));
    script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 2));
    script.done(complete(3, 1));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 1)))
        .contains("version 2");
    script.done(new Command.DropVersion("t", 2));
    script.done(new Command.DropVersion("t", 1));
    assertThat(shortest(script, 3, 0)).containsExactly("3m");
    script.activated("four", UpdateMode.INCREMENTAL);
    assertThat(shortest(script, 4, 1)).containsExactly("4", "3m");
  }

  @Test
  void rollbackIntoTheMiddleOfAChainStillResolves() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    script.merge("n1", 3, 1);
    script.done(complete(3, 0, 1));
    script.done(new Command.Rollback("t", 2));
    assertThat(shortest(script, 2, 0)).containsExactly("2", "1");
    script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 1));
    script.done(new Command.ActivateVersion("t", 3));
    assertThat(shortest(script, 3, 0)).containsExactly("3m");
  }

  @Test
  void aNodeWithOnlyTheMergedFileIsReadyByIt() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    long session = script.session("n1");
    script.done(new Command.ReportDropped("n1", session, "t", 3, shards(0)));
    assertThat(script.version(3).shards().get(0).holders()).isEmpty();
    assertThat(script.version(3).shards().get(0).ready()).containsExactly("n1");
    script.done(MetadataScript.register("n2", "a"));
    Command ready = new Command.ReportReady("n2", script.session("n2"), "t", 3, shards(0));
    script.refused(ErrorCode.CONFLICT, ready);
    script.merge("n2", 3, 0);
    script.done(ready);
    script.done(dropped(script, "n2", 3, 0));
    assertThat(script.version(3).shards().get(0).ready()).containsExactly("n1");
  }

  @Test
  void aCompleteFileThatIsLostIsForgottenOnlyWhileItCanBeMadeAgain() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    script.done(complete(3, 0));
    script.done(dropped(script, "n1", 3, 0));
    assertThat(shortest(script, 3, 0)).containsExactly("3", "2", "1");
    script.merge("n1", 3, 0);
    script.merge("n1", 3, 1);
    script.done(complete(3, 0, 1));
    script.done(new Command.DropVersion("t", 2));
    script.done(dropped(script, "n1", 3, 0));
    assertThat(shortest(script, 3, 0)).containsExactly("3m");
    assertThat(script.version(3).shards().get(0).merged().holders()).isEmpty();
    script.merge("n1", 3, 0);
    assertThat(script.version(3).shards().get(0).isMergeComplete()).isTrue();
  }

  /** Whoever said that it leaves may still have it, and must see that it is needed. */
  @Test
  void aFileThatIsLostIsForgottenOnlyWhereWhatItWasMadeFromIsOnANodeThatIsUp() {
    MetadataScript script = chainOfThree();
    script.done(MetadataScript.register("n9", "a"));
    script.merge("n9", 3, 0);
    script.done(new Command.SetNodeState("n1", NodeState.DOWN));
    script.done(dropped(script, "n9", 3, 0));
    assertThat(script.version(3).shards().get(0).merged()).isNotNull();
    script.done(new Command.SetNodeState("n1", NodeState.UP));
    script.merge("n9", 3, 0);
    script.done(dropped(script, "n9", 3, 0));
    assertThat(script.version(3).shards().get(0).merged()).isNull();
  }

  /** What it was made from is on a node that may come back. */
  @Test
  void aCompleteFileThatNobodyHasIsNotReliedOnWhereWhatItWasMadeFromIsKnown() {
    MetadataScript script = chainOfThree();
    script.done(MetadataScript.register("n9", "a"));
    script.done(new Command.SetNodeState("n1", NodeState.DOWN));
    script.done(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
    script.merge("n9", 3, 0);
    script.done(complete(3, 0));
    assertThat(settled(script, 3, 0)).containsExactly("3m");
    script.done(dropped(script, "n9", 3, 0));
    assertThat(settled(script, 3, 0)).containsExactly("3", "2", "1");
    assertThat(shortest(script, 3, 0)).containsExactly("3", "2", "1");
    assertThat(script.version(3).shards().get(0).merged()).isNotNull();
    script.merge("n9", 3, 0);
    assertThat(shortest(script, 3, 0)).containsExactly("3m");
  }

  @Test
  void whatIsKnownOfAMergedFileGoesWithItsVersion() {
    MetadataScript script = chainOfThree();
    script.merge("n1", 3, 0);
    script.activated("four", UpdateMode.FULL);
    script.done(new Command.DropVersion("t", 3));
    script.done(new Command.ReportDropped("n1", script.session("n1"), "t", 3, shards(0, 1)));
    assertThat(script.version(3).shards().get(0).merged()).isNotNull();
    assertThat(script.version(3).shards().get(1)).isEqualTo(ShardRecord.EMPTY);
    script.done(dropped(script, "n1", 3, 0));
    assertThat(script.version(3).shards()).containsOnly(ShardRecord.EMPTY);
  }

  @Test
  void mergingLetsAChainGoOnBeyondItsLimit() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("full", UpdateMode.FULL);
    for (int i = 2; i <= io.featurekv.model.Limits.MAX_CHAIN_FILES; i++) {
      script.activated("inc-" + i, UpdateMode.INCREMENTAL);
    }
    long last = script.table().activeVersion();
    long over = script.done(MetadataScript.begin("over", UpdateMode.INCREMENTAL)).version();
    script.hold("n1", over);
    assertThat(script.refused(ErrorCode.CONFLICT, script.seal("over"))).contains("65 files");
    script.merge("n1", last, 0);
    script.merge("n1", last, 1);
    script.done(complete(last, 0, 1));
    script.done(script.seal("over"));
    assertThat(shortest(script, over, 0)).containsExactly(over + "", last + "m");
  }
}
