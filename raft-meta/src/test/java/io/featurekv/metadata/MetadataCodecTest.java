package io.featurekv.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import io.featurekv.metadata.message.CommandEnvelopeMessage;
import io.featurekv.metadata.message.CommandMessage;
import io.featurekv.metadata.message.HolderMessage;
import io.featurekv.metadata.message.NodeStateMessage;
import io.featurekv.metadata.message.SetNodeStateMessage;
import io.featurekv.metadata.message.ShardRecordMessage;
import io.featurekv.metadata.message.TableOptionsMessage;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MetadataCodecTest {
  private static final String DIGEST = MetadataScript.digest("d").hex();
  private static final Gates GATES =
      new Gates(
          new Share(0),
          new Share(2_500_000),
          new Share(1),
          new Share(40),
          new Share(300_000),
          List.of("sku", "price"),
          List.of(
              new GoldenKey(new byte[] {1, 2}, new GoldenKey.Value(new byte[] {3})),
              new GoldenKey(new byte[] {4}, new GoldenKey.Sha256(MetadataScript.digest("v"))),
              new GoldenKey(new byte[] {5}, new GoldenKey.Absent())));

  static Stream<Command> everyCommand() {
    TreeSet<Integer> shards = new TreeSet<>(List.of(0, 3, 300));
    TableOptions options = new TableOptions(8, 3, 7, 9, new ActivateWhen.Sects(2), 32, 5000, GATES);
    return Stream.of(
        new Command.FormCluster("c", 5),
        new Command.RegisterNode(
            "n", 2, "s", Set.of(Duty.META, Duty.SERVE), "a:1", "b:2", "c:3", 4),
        new Command.SetNodeState("n", NodeState.TAKEN_OVER),
        new Command.SetVoters(new TreeSet<>(List.of("n1", "n2"))),
        new Command.CreateTable("t", TableKind.BLK, options),
        new Command.CreateTable(
            "t", TableKind.IDX, new TableOptions(1, 1, 0, 1, new ActivateWhen.All())),
        new Command.CreateTable(
            "t",
            TableKind.MEM,
            options,
            RowColumn.parseAll(
                "a:int64,b:double?,c:float=1,d:bool,e:string=,f:bytes,g:list<float>")),
        new Command.AlterTable("t", new TableOptions(1, 1, 0, 1, new ActivateWhen.Live())),
        new Command.AlterTable("t", options, RowColumn.parseAll("a:int64")),
        new Command.DropTable("t"),
        new Command.BeginTask("id", "t", UpdateMode.INCREMENTAL, "in", "dig", true),
        new Command.BeginTask(
            "id", "t", UpdateMode.FULL, "in", "dig", false, Set.of(Gate.values())),
        new Command.BeginTask(
            "id",
            "t",
            UpdateMode.FULL,
            "in",
            "dig",
            true,
            Set.of(Gate.values()),
            new CanaryPlan("b", 600_000),
            true,
            true,
            BuildScript.plan(3)),
        new Command.StartCanary("t", 8),
        new Command.EndCanary("t", 8, "why", new CanaryCounts(4, 3, 2, 1)),
        new Command.ReportCanary("t", 8, new CanaryCounts(4, 3, 2, 1)),
        new Command.ReportProgress(
            "id", 3, "sort", new StageFigures(7, -1, 8, 9), new TaskCounts(1, 2, 3, 4, 5, 6)),
        new Command.SealVersion(
            "id",
            1,
            MetadataScript.manifests(4, 3),
            new TaskCounts(6, 5, 4, 3, 2, 1),
            MetadataScript.proofs(4, 3)),
        new Command.CheckInputs("id", 1, new BuilderCheck("n", 7, 2, "no such file")),
        new Command.LeaseWork("id", 1, "n", 7, shards, new TreeSet<>()),
        new Command.ReportWork(
            "id", 1, "n", 7, new TreeMap<>(Map.of(4, 1L << 40)), new TreeMap<>(Map.of(2, 3L))),
        new Command.FinishSplit(
            "id",
            1,
            "n",
            7,
            3,
            new SplitFigures(1L << 40, 2, 6, 3, 4, true, true, true, "", 5),
            new ShardTallies(List.of(new ShardTally(1, -1, 0, 0), new ShardTally(2, 5, 0, 0))),
            List.of(new TaskReject(0, "a.csv", 3, true, "why"))),
        new Command.FinishShard(
            "id",
            1,
            "n",
            7,
            3,
            MetadataScript.manifest(4, 3),
            new ShardFigures(1, 2, 3, 4, -5, 6, 7),
            List.of(new TaskReject(9, "a.csv", 3, false, "twice"))),
        new Command.FailWork("id", 1, "n", 7, shards, new TreeSet<>(), "why", WorkOutcome.HOPELESS),
        new Command.LoseWork("id", 1, "n", shards, shards, "why"),
        new Command.SealBuild("id", 1),
        new Command.FailTask("id", 1, "why – non-ASCII", true),
        new Command.ReportHeld("n", 7, "t", 8, 9, new TreeMap<>(Map.of(1, DIGEST, 4000, DIGEST))),
        new Command.ReportDropped("n", 7, "t", 8, shards),
        new Command.ReportReady("n", 7, "t", 8, shards),
        new Command.ReportFindings(
            "n",
            7,
            "t",
            8,
            new TreeMap<>(
                Map.of(
                    0,
                    new ShardFindings(20, 10, List.of()),
                    300,
                    new ShardFindings(0, 0, List.of(new GoldenMiss("k", "a", "b")))))),
        new Command.ReportLoadFailure("n", 7, "t", 8, "no room"),
        new Command.RegisterMerged("n", 7, "t", 8, 3, MetadataScript.manifest(8, 3)),
        new Command.ReportMergedHeld("n", 7, "t", 8, new TreeMap<>(Map.of(4000, DIGEST))),
        new Command.ReportMergedDropped("n", 7, "t", 8, shards),
        new Command.CompleteMerge("t", 8, shards),
        new Command.AdvanceVersion("t", 8, VersionState.READY),
        new Command.ActivateVersion("t", 8),
        new Command.ActivateVersion("t", 8, true),
        new Command.ActivateVersion("t", 8, true, true),
        new Command.Rollback("t", 0),
        new Command.DropVersion("t", 8),
        new Command.DropVersion("t", 8, true),
        new Command.FailVersion("t", 8, "why"),
        new Command.RaiseFormat(1),
        new Command.WriteRegister(-7, 1L << 40),
        new Command.CompareAndSetRegister(3, -1, 4));
  }

  @Test
  void theListAboveHasEveryCommand() {
    assertThat(everyCommand().map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(Command.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void commandsSurviveTheirEncoding(Command command) {
    CommandEnvelope envelope = new CommandEnvelope("id", 1234567890123L, command);
    byte[] bytes = MetadataCodec.encodeCommand(envelope);
    assertThat(MetadataCodec.decodeCommand(bytes)).isEqualTo(envelope);
    assertThat(MetadataCodec.encodeCommand(MetadataCodec.decodeCommand(bytes))).isEqualTo(bytes);
  }

  @Test
  void optionsThatAnOlderReleaseWroteHaveTheUsualBlocks() {
    TableOptionsMessage old =
        RecordCodec.encode(new TableOptions(8, 3, 7, 9, new ActivateWhen.Live(), 8, 0, Gates.OFF));
    assertThat(old.getBlockEntries()).isZero();
    assertThat(RecordCodec.decode(old).blockEntries()).isEqualTo(8);
    assertThat(RecordCodec.decode(old).entryTtlMillis()).isZero();
    assertThat(old.hasGates()).isFalse();
    assertThat(RecordCodec.decode(old).gates()).isEqualTo(Gates.OFF);
  }

  @Test
  void resultsSurviveTheirEncoding() {
    CommandResult done = CommandResult.done(7, 3, 2);
    assertThat(MetadataCodec.decodeResult(MetadataCodec.encodeResult(done))).isEqualTo(done);
    for (ErrorCode error : ErrorCode.values()) {
      CommandResult refused = CommandResult.refused(9, error, "why");
      assertThat(MetadataCodec.decodeResult(MetadataCodec.encodeResult(refused)))
          .isEqualTo(refused);
    }
  }

  @Test
  void snapshotsSurviveTheirEncoding() {
    MetadataScript script = MetadataScript.withTable();
    script.activated("one", UpdateMode.FULL);
    script.activated("two", UpdateMode.INCREMENTAL);
    script.merge("n1", 2, 0);
    script.merge("n1", 2, 1);
    script.done(new Command.CompleteMerge("t", 2, new TreeSet<>(List.of(1))));
    script.done(
        new Command.BeginTask(
            "three",
            "t",
            UpdateMode.FULL,
            "in",
            "dig",
            true,
            Set.of(Gate.SHRINK, Gate.EMPTY, Gate.DUPLICATES)));
    script.done(new Command.AlterTable("t", MetadataScript.TWO_SHARDS.withGates(GATES)));
    script.done(new Command.ReportLoadFailure("n1", script.session("n1"), "t", 3, "no room"));
    script.hold("n1", 3);
    script.done(script.seal("three"));
    script.done(
        new Command.ReportFindings(
            "n1",
            script.session("n1"),
            "t",
            3,
            new TreeMap<>(
                Map.of(1, new ShardFindings(5, 4, List.of(new GoldenMiss("k", "a", "b")))))));
    assertThat(script.version(3).dataCheck()).isNotNull();
    script.done(new Command.CreateTable("gone", TableKind.BLK, MetadataScript.TWO_SHARDS));
    script.done(new Command.DropTable("gone"));
    script.done(
        new Command.CreateTable(
            "rows",
            TableKind.IDX,
            MetadataScript.TWO_SHARDS,
            RowColumn.parseAll("a:float=1.5,b:string?")));
    script.done(
        new Command.AlterTable(
            "rows",
            MetadataScript.TWO_SHARDS,
            RowColumn.parseAll("a:double=1.5,b:string?,c:list<float>=[1]")));
    script.done(MetadataScript.register("n9", "z"));
    script.done(new Command.SetNodeState("n9", NodeState.DOWN));
    CanaryCommandsTest.startCanary(script, "u");
    script.done(new Command.ReportCanary("u", 2, new CanaryCounts(9, 8, 7, 6)));
    script.done(new Command.WriteRegister(5, -6));
    script.done(new Command.WriteRegister(-5, 6));
    assertThat(script.state().tables().get("u").canary()).isNotNull();
    byte[] bytes = MetadataCodec.encodeSnapshot(script.state());
    ClusterMetadata copy = MetadataCodec.decodeSnapshot(bytes);
    assertThat(copy).isEqualTo(script.state());
    assertThat(copy.stateHash()).isEqualTo(script.state().stateHash());
    assertThat(MetadataCodec.encodeSnapshot(copy)).isEqualTo(bytes);
    assertThat(MetadataCodec.decodeSnapshot(MetadataCodec.encodeSnapshot(ClusterMetadata.empty())))
        .isEqualTo(ClusterMetadata.empty());
  }

  @Test
  void buildsOfTheClusterSurviveTheirEncodingAtEveryStep() {
    BuildScript build = BuildScript.begun(3, true);
    List<ClusterMetadata> states = new ArrayList<>();
    states.add(build.state());
    build.check("n1");
    build.leaseSplits("n1", 0, 1);
    build.leaseSplits("n1", 2);
    build.work("n1", 2, 17);
    states.add(build.state());
    build.finishSplit("n1", 1);
    states.add(build.state());
    build.finishSplit("n1", 0);
    build.fail("n1", WorkOutcome.FAILED, 2);
    build.leaseSplits("n1", 2);
    build.finishSplit("n1", 2);
    build.leaseShards("n1", 0, 1);
    build.finishShard("n1", 1);
    states.add(build.state());
    for (ClusterMetadata state : states) {
      byte[] bytes = MetadataCodec.encodeSnapshot(state);
      ClusterMetadata copy = MetadataCodec.decodeSnapshot(bytes);
      assertThat(copy).isEqualTo(state);
      assertThat(copy.stateHash()).isEqualTo(state.stateHash());
      assertThat(MetadataCodec.encodeSnapshot(copy)).isEqualTo(bytes);
    }
    assertThat(states.stream().map(ClusterMetadata::stateHash)).doesNotHaveDuplicates();
  }

  @Test
  void shardWithoutAMergedFileIsEncodedAsBeforeThereWereAny() {
    ShardRecord shard =
        new ShardRecord(
            MetadataScript.manifest(1, 0),
            new TreeMap<>(Map.of("n1", DIGEST)),
            new TreeSet<>(List.of("n1")));
    ShardRecordMessage message = RecordCodec.encode(shard);
    assertThat(message.hasMerged()).isFalse();
    assertThat(message.toByteArray())
        .isEqualTo(
            ShardRecordMessage.newBuilder()
                .setManifest(RecordCodec.encode(MetadataScript.manifest(1, 0)))
                .addHolders(HolderMessage.newBuilder().setNodeId("n1").setDigest(DIGEST))
                .addReady("n1")
                .build()
                .toByteArray());
    assertThat(RecordCodec.decode(message)).isEqualTo(shard);
    assertThat(shard.merged()).isNull();
  }

  @Test
  void anUnknownCommandIsNotSkipped() {
    UnknownFieldSet newer =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    CommandEnvelopeMessage unknownCommand =
        CommandEnvelopeMessage.newBuilder()
            .setOperationId("id")
            .setCommand(CommandMessage.newBuilder().setUnknownFields(newer))
            .build();
    CommandEnvelopeMessage unknownField =
        CommandEnvelopeMessage.newBuilder()
            .setCommand(
                CommandMessage.newBuilder()
                    .setSetNodeState(
                        SetNodeStateMessage.newBuilder()
                            .setState(NodeStateMessage.NODE_STATE_UP)
                            .setUnknownFields(newer)))
            .build();
    CommandEnvelopeMessage unknownState =
        CommandEnvelopeMessage.newBuilder()
            .setCommand(
                CommandMessage.newBuilder()
                    .setSetNodeState(SetNodeStateMessage.newBuilder().setStateValue(77)))
            .build();
    for (CommandEnvelopeMessage message : List.of(unknownCommand, unknownField, unknownState)) {
      assertThatThrownBy(() -> MetadataCodec.decodeCommand(message.toByteArray()))
          .isInstanceOf(UnsupportedMetadataException.class)
          .hasMessageContaining("newer");
    }
  }

  @Test
  void cutBytesAreCorrupt() {
    byte[] bytes =
        MetadataCodec.encodeCommand(new CommandEnvelope("id", 5, new Command.DropTable("table")));
    assertThatThrownBy(() -> MetadataCodec.decodeCommand(Arrays.copyOf(bytes, bytes.length - 2)))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
  }
}
