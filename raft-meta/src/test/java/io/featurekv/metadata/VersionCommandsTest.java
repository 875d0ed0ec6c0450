package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VersionCommandsTest {
  @Test
  void aVersionAdvancesStepByStep() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    Command toReady = new Command.AdvanceVersion("t", 1, VersionState.READY);
    script.refused(ErrorCode.CONFLICT, toReady);
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    assertThat(script.refused(ErrorCode.CONFLICT, toReady)).contains("shard 0");
    script.ready("n1", 1);
    script.done(toReady);
    script.done(toReady);
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.READY);
    script.refused(
        ErrorCode.INVALID_ARGUMENT, new Command.AdvanceVersion("t", 1, VersionState.ACTIVE));
  }

  @Test
  void aTaskThatDoesNotActivateEndsReady() {
    MetadataScript script = MetadataScript.withTable();
    script.done(new Command.BeginTask("one", "t", UpdateMode.FULL, "", "d1", false));
    script.hold("n1", 1);
    script.done(script.seal("one"));
    script.done(new Command.AdvanceVersion("t", 1, VersionState.LOADING));
    script.ready("n1", 1);
    script.done(new Command.AdvanceVersion("t", 1, VersionState.READY));
    assertThat(script.task("one").state()).isEqualTo(TaskState.READY);
    script.done(new Command.ActivateVersion("t", 1));
    assertThat(script.task("one").state()).isEqualTo(TaskState.ACTIVE);
  }

  @Test
  void activatingRetiresTheOneBefore() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.pass(5000);
    script.activated("two", UpdateMode.FULL);
    assertThat(script.table().activeVersion()).isEqualTo(2);
    assertThat(script.stateOf(1)).isEqualTo(VersionState.RETAINED);
    assertThat(script.version(1).retiredAtMillis()).isEqualTo(script.nowMillis());
    assertThat(script.task("two").state()).isEqualTo(TaskState.ACTIVE);
    script.done(new Command.ActivateVersion("t", 2));
    script.done(new Command.ActivateVersion("t", 1));
    assertThat(script.stateOf(2)).isEqualTo(VersionState.RETAINED);
    assertThat(script.stateOf(1)).isEqualTo(VersionState.ACTIVE);
    assertThat(script.version(1).retiredAtMillis()).isZero();
  }

  @Test
  void onlyACompleteVersionCanBeActivated() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 1));
    assertThat(script.refused(ErrorCode.NOT_FOUND, new Command.ActivateVersion("t", 9)))
        .contains("[1]");
    script.activated("two", UpdateMode.FULL);
    script.activated("three", UpdateMode.FULL);
    script.done(
        new Command.ReportDropped("n1", script.session("n1"), "t", 2, new TreeSet<>(List.of(1))));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 2)))
        .contains("shard 1");
  }

  @Test
  void losingNodesDoesNotChangeTheActiveVersion() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.done(new Command.SetNodeState("n1", NodeState.TAKEN_OVER));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.ACTIVE);
  }

  @Test
  void rollbackGoesToTheNewestRetainedVersionBelow() {
    MetadataScript script = MetadataScript.withTable();
    script.refused(ErrorCode.NOT_FOUND, new Command.Rollback("t", 0));
    script.activated("one", UpdateMode.FULL);
    script.refused(ErrorCode.NOT_FOUND, new Command.Rollback("t", 0));
    script.activated("two", UpdateMode.FULL);
    script.activated("three", UpdateMode.FULL);
    assertThat(script.done(new Command.Rollback("t", 0)).version()).isEqualTo(2);
    assertThat(script.stateOf(3)).isEqualTo(VersionState.ROLLED_BACK);
    assertThat(script.done(new Command.Rollback("t", 0)).version()).isEqualTo(1);
    script.refused(ErrorCode.NOT_FOUND, new Command.Rollback("t", 0));
    assertThat(script.done(new Command.ActivateVersion("t", 3)).version()).isEqualTo(3);
    assertThat(script.version(3).reason()).isEmpty();
    // Version 2 was rolled back from, so that it is not gone back to unless it is named.
    assertThat(script.done(new Command.Rollback("t", 0)).version()).isEqualTo(1);
    assertThat(script.done(new Command.Rollback("t", 2)).version()).isEqualTo(2);
    assertThat(script.refused(ErrorCode.NOT_FOUND, new Command.Rollback("t", 8)))
        .contains("[1, 2, 3]");
  }

  @Test
  void nothingBecomesActiveByItselfOverWhatBecameActiveMeanwhile() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.activated("two", UpdateMode.FULL);
    script.loaded("increment", UpdateMode.INCREMENTAL);
    script.done(new Command.Rollback("t", 1));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 3, true)))
        .contains("version 1 became active first");
    script.loaded("late", UpdateMode.FULL);
    script.activated("five", UpdateMode.FULL);
    script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 4, true));
    script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 1, true));
    script.done(new Command.ActivateVersion("t", 4));
    script.loaded("six", UpdateMode.FULL);
    script.done(new Command.ActivateVersion("t", 6, true));
    assertThat(script.stateOf(6)).isEqualTo(VersionState.ACTIVE);
  }

  @Test
  void whatIsNeededCannotBeDropped() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.activated("two", UpdateMode.INCREMENTAL);
    script.activated("three", UpdateMode.FULL);
    script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 3));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 1)))
        .contains("version 2");
    script.done(new Command.DropVersion("t", 2));
    script.done(new Command.DropVersion("t", 1));
    script.done(new Command.DropVersion("t", 1));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.DROPPED);
    script.refused(ErrorCode.CONFLICT, new Command.ActivateVersion("t", 1));
    script.done(MetadataScript.begin("four", UpdateMode.FULL));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 4)))
        .contains("cancel the task");
  }

  @Test
  void whatIsNoLongerSurplusIsNotCollected() {
    MetadataScript script = MetadataScript.withTable();
    for (int load = 1; load <= 5; load++) {
      script.activated("load" + load, UpdateMode.FULL);
    }
    // Three newer ones are retained when the leader looks at version 1, two when its word comes.
    assertThat(RetentionRules.surplus(script.table(), script.nowMillis())).containsExactly(1L);
    script.done(new Command.DropVersion("t", 3));
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.DropVersion("t", 1, true)))
        .contains("version 1 of t is RETAINED and not to be collected any more");
    script.activated("load6", UpdateMode.FULL);
    script.done(new Command.DropVersion("t", 1, true));
    script.done(new Command.DropVersion("t", 1, true));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.DROPPED);
    script.done(new Command.DropVersion("t", 2));
  }

  @Test
  void whatIsKnownOfADroppedVersionGoesWithItsFiles() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.activated("two", UpdateMode.FULL);
    script.done(new Command.DropVersion("t", 1));
    assertThat(script.version(1).shards().get(0).ready()).containsExactly("n1");
    script.done(
        new Command.ReportDropped(
            "n1", script.session("n1"), "t", 1, new TreeSet<>(List.of(0, 1))));
    assertThat(script.version(1).shards()).containsOnly(ShardRecord.EMPTY);
  }

  @Test
  void aVersionThatFailsTakesItsTaskAlong() {
    MetadataScript script = MetadataScript.withTable();
    script.sealed("one", UpdateMode.FULL);
    script.done(new Command.FailVersion("t", 1, "no room on n1"));
    assertThat(script.stateOf(1)).isEqualTo(VersionState.FAILED);
    assertThat(script.version(1).reason()).isEqualTo("no room on n1");
    assertThat(script.task("one").state()).isEqualTo(TaskState.FAILED);
    script.done(new Command.FailVersion("t", 1, "again"));
    script.activated("two", UpdateMode.FULL);
    script.refused(ErrorCode.CONFLICT, new Command.FailVersion("t", 2, "x"));
  }

  @Test
  void aTableTellsOfFiftyEndedVersions() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("good", UpdateMode.FULL);
    for (int i = 0; i < 60; i++) {
      script.done(MetadataScript.begin("bad-" + i, UpdateMode.FULL));
      script.done(new Command.FailTask("bad-" + i, 1, "x", false));
    }
    assertThat(script.table().versions()).hasSize(51).containsKey(1L).containsKey(61L);
    assertThat(script.table().versions()).doesNotContainKey(2L);
    script.refused(ErrorCode.CONFLICT, MetadataScript.begin("bad-0", UpdateMode.FULL));
  }
}
