package io.featurekv.metadata;

import static io.featurekv.metadata.MetadataScript.register;
import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NodeCommandsTest {
  private static SortedSet<String> ids(String... ids) {
    return new TreeSet<>(List.of(ids));
  }

  @Test
  void nothingIsTakenBeforeTheClusterIsFormed() {
    MetadataScript script = new MetadataScript();
    script.refused(ErrorCode.CONFLICT, register("n1", "a"));
    script.refused(
        ErrorCode.CONFLICT, new Command.CreateTable("t", TableKind.MEM, MetadataScript.TWO_SHARDS));
    assertThat(script.state().index()).isEqualTo(2);
  }

  @Test
  void aClusterIsFormedOnce() {
    MetadataScript script = MetadataScript.formed();
    assertThat(script.state().clusterId()).isEqualTo("c1");
    assertThat(script.state().voterTarget()).isEqualTo(3);
    assertThat(script.refused(ErrorCode.CONFLICT, new Command.FormCluster("c2", 3))).contains("c1");
    assertThat(script.state().clusterId()).isEqualTo("c1");
  }

  @Test
  void registeringBeginsASessionAtItsIndex() {
    MetadataScript script = MetadataScript.formed();
    CommandResult result = script.done(register("n1", "a"));
    NodeRecord node = script.state().nodes().get("n1");
    assertThat(node.session()).isEqualTo(result.index());
    assertThat(node.state()).isEqualTo(NodeState.UP);
    assertThat(node.raftPeerId()).isEqualTo("n1-1");
    assertThat(node.joinedAtMillis()).isEqualTo(script.nowMillis());
  }

  @Test
  void registeringAgainForgetsReadinessAndFailuresButNotHoldings() {
    MetadataScript script = MetadataScript.withTable();
    long version = script.activated("task", UpdateMode.FULL);
    script.done(
        new Command.ReportLoadFailure("n1", script.session("n1"), "t", version, "no memory"));
    long before = script.session("n1");
    script.done(register("n1", "a"));
    assertThat(script.session("n1")).isGreaterThan(before);
    assertThat(script.version(version).loadFailures()).isEmpty();
    for (ShardRecord shard : script.version(version).shards()) {
      assertThat(shard.ready()).isEmpty();
      assertThat(shard.holders()).containsKey("n1");
    }
    assertThat(script.stateOf(version)).isEqualTo(VersionState.ACTIVE);
  }

  @Test
  void refusesReportsOfAnEarlierSession() {
    MetadataScript script = MetadataScript.withTable();
    long version = script.sealed("task", UpdateMode.FULL);
    long before = script.session("n1");
    script.done(register("n1", "a"));
    TreeSet<Integer> shards = new TreeSet<>(List.of(0));
    script.refused(ErrorCode.CONFLICT, new Command.ReportReady("n1", before, "t", version, shards));
    script.refused(
        ErrorCode.CONFLICT, new Command.ReportDropped("n1", before, "t", version, shards));
    script.refused(
        ErrorCode.CONFLICT, new Command.ReportHeld("n1", before, "t", version, 1, new TreeMap<>()));
    script.refused(
        ErrorCode.CONFLICT, new Command.ReportLoadFailure("n1", before, "t", version, "x"));
  }

  @Test
  void refusesAnIncarnationThatWasReplaced() {
    MetadataScript script = MetadataScript.formed();
    Command.RegisterNode first = register("n1", "a");
    script.done(first);
    script.done(new Command.SetVoters(ids("n1")));
    script.done(
        new Command.RegisterNode(
            "n1", 2, "a", first.duties(), first.listen(), first.raftListen(), "", 1));
    assertThat(script.state().nodes().get("n1").voter()).isFalse();
    script.refused(ErrorCode.CONFLICT, first);
  }

  @Test
  void refusesNodesWithoutAValidNameAddressOrWeight() {
    MetadataScript script = MetadataScript.formed();
    Set<Duty> duties = Set.of(Duty.META);
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterNode("../n", 1, "a", duties, "h:1", "h:2", "", 1));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterNode("n", 1, "", duties, "h:1", "h:2", "", 1));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterNode("n", 1, "a", duties, "h", "h:2", "", 1));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterNode("n", 1, "a", duties, "h:1", "", "", 1));
    script.refused(
        ErrorCode.INVALID_ARGUMENT,
        new Command.RegisterNode("n", 1, "a", duties, "h:1", "h:2", "", 0));
  }

  @Test
  void aStateIsDatedOnlyWhenItChanges() {
    MetadataScript script = MetadataScript.formed();
    script.done(register("n1", "a"));
    long since = script.nowMillis();
    script.pass(1000);
    script.done(new Command.SetNodeState("n1", NodeState.UP));
    assertThat(script.state().nodes().get("n1").stateSinceMillis()).isEqualTo(since);
    script.done(new Command.SetNodeState("n1", NodeState.DOWN));
    assertThat(script.state().nodes().get("n1").stateSinceMillis()).isEqualTo(since + 1000);
    script.refused(ErrorCode.NOT_FOUND, new Command.SetNodeState("n9", NodeState.DOWN));
  }

  @Test
  void votersAreExactlyThoseNamed() {
    MetadataScript script = MetadataScript.formed();
    script.done(register("n1", "a"));
    script.done(register("n2", "a"));
    script.done(new Command.SetVoters(ids("n1")));
    script.done(new Command.SetVoters(ids("n2")));
    assertThat(script.state().nodes().get("n1").voter()).isFalse();
    assertThat(script.state().nodes().get("n2").voter()).isTrue();
    script.refused(ErrorCode.NOT_FOUND, new Command.SetVoters(ids("n2", "n3")));
  }

  @Test
  void theFormatRisesOneByOne() {
    MetadataScript script = MetadataScript.formed();
    script.refused(ErrorCode.CONFLICT, new Command.RaiseFormat(1));
    CommandEnvelope tooNew =
        new CommandEnvelope(script.newId(), script.nowMillis(), new Command.RaiseFormat(2));
    assertThat(script.state().apply(tooNew, 99).result().error()).isEqualTo(ErrorCode.CONFLICT);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> MetadataCodec.decodeCommand(MetadataCodec.encodeCommand(tooNew)))
        .isInstanceOf(UnsupportedMetadataException.class);
  }
}
