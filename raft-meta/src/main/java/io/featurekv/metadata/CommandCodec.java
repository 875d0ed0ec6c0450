package io.featurekv.metadata;

import io.featurekv.metadata.message.ActivateVersionMessage;
import io.featurekv.metadata.message.AdvanceVersionMessage;
import io.featurekv.metadata.message.AlterTableMessage;
import io.featurekv.metadata.message.CommandMessage;
import io.featurekv.metadata.message.CreateTableMessage;
import io.featurekv.metadata.message.DropTableMessage;
import io.featurekv.metadata.message.DropVersionMessage;
import io.featurekv.metadata.message.FailVersionMessage;
import io.featurekv.metadata.message.FormClusterMessage;
import io.featurekv.metadata.message.RaiseFormatMessage;
import io.featurekv.metadata.message.RegisterNodeMessage;
import io.featurekv.metadata.message.SetNodeStateMessage;
import io.featurekv.metadata.message.SetVotersMessage;
import io.featurekv.metadata.message.VersionNameMessage;
import java.util.TreeSet;

/**
 * Commands, but for those of tasks and reports, which {@link TaskCommandCodec} has, those of builds
 * by the cluster, which {@link BuildCommandCodec} has, those of merged files, which {@link
 * MergeCommandCodec} has, and what {@link GateCodec} and {@link RegisterCodec} have.
 */
final class CommandCodec {
  private CommandCodec() {}

  static CommandMessage encode(Command command) {
    CommandMessage.Builder out = CommandMessage.newBuilder();
    switch (command) {
      case Command.FormCluster c -> out.setFormCluster(encode(c));
      case Command.RegisterNode c -> out.setRegisterNode(encode(c));
      case Command.SetNodeState c -> out.setSetNodeState(encode(c));
      case Command.SetVoters c ->
          out.setSetVoters(SetVotersMessage.newBuilder().addAllNodeIds(c.nodeIds()));
      case Command.CreateTable c -> out.setCreateTable(encode(c));
      case Command.AlterTable c -> out.setAlterTable(encode(c));
      case Command.DropTable c ->
          out.setDropTable(DropTableMessage.newBuilder().setTable(c.table()));
      case Command.BeginTask c -> out.setBeginTask(TaskCommandCodec.encode(c));
      case Command.ReportProgress c -> out.setReportProgress(TaskCommandCodec.encode(c));
      case Command.SealVersion c -> out.setSealVersion(TaskCommandCodec.encode(c));
      case Command.FailTask c -> out.setFailTask(TaskCommandCodec.encode(c));
      case Command.ReportHeld c -> out.setReportHeld(TaskCommandCodec.encode(c));
      case Command.ReportDropped c -> out.setReportDropped(TaskCommandCodec.encode(c));
      case Command.ReportReady c -> out.setReportReady(TaskCommandCodec.encode(c));
      case Command.ReportFindings c -> out.setReportFindings(GateCodec.encode(c));
      case Command.ReportLoadFailure c -> out.setReportLoadFailure(TaskCommandCodec.encode(c));
      case Command.RegisterMerged c -> out.setRegisterMerged(MergeCommandCodec.encode(c));
      case Command.ReportMergedHeld c -> out.setReportMergedHeld(MergeCommandCodec.encode(c));
      case Command.ReportMergedDropped c -> out.setReportMergedDropped(MergeCommandCodec.encode(c));
      case Command.CompleteMerge c -> out.setCompleteMerge(MergeCommandCodec.encode(c));
      case Command.CheckInputs c -> out.setCheckInputs(BuildCommandCodec.encode(c));
      case Command.LeaseWork c -> out.setLeaseWork(BuildCommandCodec.encode(c));
      case Command.ReportWork c -> out.setReportWork(BuildCommandCodec.encode(c));
      case Command.FinishSplit c -> out.setFinishSplit(BuildCommandCodec.encode(c));
      case Command.FinishShard c -> out.setFinishShard(BuildCommandCodec.encode(c));
      case Command.FailWork c -> out.setFailWork(BuildCommandCodec.encode(c));
      case Command.LoseWork c -> out.setLoseWork(BuildCommandCodec.encode(c));
      case Command.SealBuild c -> out.setSealBuild(BuildCommandCodec.encode(c));
      case Command.AdvanceVersion c -> out.setAdvanceVersion(encode(c));
      case Command.ActivateVersion c -> out.setActivateVersion(encode(c));
      case Command.StartCanary c -> out.setStartCanary(versionName(c.table(), c.version()));
      case Command.EndCanary c -> out.setEndCanary(GateCodec.encode(c));
      case Command.ReportCanary c -> out.setReportCanary(GateCodec.encode(c));
      case Command.Rollback c -> out.setRollback(versionName(c.table(), c.to()));
      case Command.DropVersion c -> out.setDropVersion(encode(c));
      case Command.FailVersion c -> out.setFailVersion(encode(c));
      case Command.RaiseFormat c ->
          out.setRaiseFormat(RaiseFormatMessage.newBuilder().setFormatVersion(c.formatVersion()));
      case Command.WriteRegister c -> out.setWriteRegister(RegisterCodec.encode(c));
      case Command.CompareAndSetRegister c -> out.setCompareAndSetRegister(RegisterCodec.encode(c));
    }
    return out.build();
  }

  static Command decode(CommandMessage message) {
    return switch (message.getCommandCase()) {
      case FORM_CLUSTER ->
          new Command.FormCluster(
              message.getFormCluster().getClusterId(), message.getFormCluster().getVoterTarget());
      case REGISTER_NODE -> decode(message.getRegisterNode());
      case SET_NODE_STATE ->
          new Command.SetNodeState(
              message.getSetNodeState().getNodeId(),
              EnumCodec.decode(message.getSetNodeState().getState()));
      case SET_VOTERS ->
          new Command.SetVoters(new TreeSet<>(message.getSetVoters().getNodeIdsList()));
      case CREATE_TABLE -> decode(message.getCreateTable());
      case ALTER_TABLE ->
          new Command.AlterTable(
              message.getAlterTable().getTable(),
              RecordCodec.decode(message.getAlterTable().getOptions()),
              RowSchemaCodec.decode(message.getAlterTable().getColumnsList()));
      case DROP_TABLE -> new Command.DropTable(message.getDropTable().getTable());
      case BEGIN_TASK -> TaskCommandCodec.decode(message.getBeginTask());
      case REPORT_PROGRESS -> TaskCommandCodec.decode(message.getReportProgress());
      case SEAL_VERSION -> TaskCommandCodec.decode(message.getSealVersion());
      case FAIL_TASK -> TaskCommandCodec.decode(message.getFailTask());
      case REPORT_HELD -> TaskCommandCodec.decode(message.getReportHeld());
      case REPORT_DROPPED -> TaskCommandCodec.decodeDropped(message.getReportDropped());
      case REPORT_READY -> TaskCommandCodec.decodeReady(message.getReportReady());
      case REPORT_FINDINGS -> GateCodec.decode(message.getReportFindings());
      case REPORT_LOAD_FAILURE -> TaskCommandCodec.decode(message.getReportLoadFailure());
      case REGISTER_MERGED -> MergeCommandCodec.decode(message.getRegisterMerged());
      case REPORT_MERGED_HELD -> MergeCommandCodec.decodeHeld(message.getReportMergedHeld());
      case REPORT_MERGED_DROPPED ->
          MergeCommandCodec.decodeDropped(message.getReportMergedDropped());
      case COMPLETE_MERGE -> MergeCommandCodec.decode(message.getCompleteMerge());
      case CHECK_INPUTS -> BuildCommandCodec.decode(message.getCheckInputs());
      case LEASE_WORK -> BuildCommandCodec.decode(message.getLeaseWork());
      case REPORT_WORK -> BuildCommandCodec.decode(message.getReportWork());
      case FINISH_SPLIT -> BuildCommandCodec.decode(message.getFinishSplit());
      case FINISH_SHARD -> BuildCommandCodec.decode(message.getFinishShard());
      case FAIL_WORK -> BuildCommandCodec.decode(message.getFailWork());
      case LOSE_WORK -> BuildCommandCodec.decode(message.getLoseWork());
      case SEAL_BUILD -> BuildCommandCodec.decode(message.getSealBuild());
      case ADVANCE_VERSION ->
          new Command.AdvanceVersion(
              message.getAdvanceVersion().getTable(),
              message.getAdvanceVersion().getVersion(),
              EnumCodec.decode(message.getAdvanceVersion().getTo()));
      case ACTIVATE_VERSION ->
          new Command.ActivateVersion(
              message.getActivateVersion().getTable(),
              message.getActivateVersion().getVersion(),
              message.getActivateVersion().getOnlyIfReady(),
              message.getActivateVersion().getTried());
      case START_CANARY ->
          new Command.StartCanary(
              message.getStartCanary().getTable(), message.getStartCanary().getVersion());
      case END_CANARY -> GateCodec.decode(message.getEndCanary());
      case REPORT_CANARY -> GateCodec.decode(message.getReportCanary());
      case WRITE_REGISTER -> RegisterCodec.decode(message.getWriteRegister());
      case COMPARE_AND_SET_REGISTER -> RegisterCodec.decode(message.getCompareAndSetRegister());
      case ROLLBACK ->
          new Command.Rollback(
              message.getRollback().getTable(), message.getRollback().getVersion());
      case DROP_VERSION ->
          new Command.DropVersion(
              message.getDropVersion().getTable(),
              message.getDropVersion().getVersion(),
              message.getDropVersion().getOnlyIfSurplus());
      case FAIL_VERSION ->
          new Command.FailVersion(
              message.getFailVersion().getTable(),
              message.getFailVersion().getVersion(),
              message.getFailVersion().getReason());
      case RAISE_FORMAT -> decode(message.getRaiseFormat());
      case COMMAND_NOT_SET ->
          throw new UnsupportedMetadataException(
              "a command that this release does not know; run a newer one");
    };
  }

  private static FormClusterMessage encode(Command.FormCluster command) {
    return FormClusterMessage.newBuilder()
        .setClusterId(command.clusterId())
        .setVoterTarget(command.voterTarget())
        .build();
  }

  private static RegisterNodeMessage encode(Command.RegisterNode command) {
    return RegisterNodeMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setIncarnation(command.incarnation())
        .setSect(command.sect())
        .addAllDuties(RecordCodec.encodeDuties(command.duties()))
        .setListen(command.listen())
        .setRaftListen(command.raftListen())
        .setHttpListen(command.httpListen())
        .setWeight(command.weight())
        .build();
  }

  private static Command decode(RegisterNodeMessage message) {
    return new Command.RegisterNode(
        message.getNodeId(),
        message.getIncarnation(),
        message.getSect(),
        RecordCodec.decodeDuties(message.getDutiesList()),
        message.getListen(),
        message.getRaftListen(),
        message.getHttpListen(),
        message.getWeight());
  }

  private static SetNodeStateMessage encode(Command.SetNodeState command) {
    return SetNodeStateMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setState(EnumCodec.encode(command.state()))
        .build();
  }

  private static CreateTableMessage encode(Command.CreateTable command) {
    return CreateTableMessage.newBuilder()
        .setTable(command.table())
        .setKind(EnumCodec.encode(command.kind()))
        .setOptions(RecordCodec.encode(command.options()))
        .addAllColumns(RowSchemaCodec.encode(command.columns()))
        .build();
  }

  private static Command decode(CreateTableMessage message) {
    return new Command.CreateTable(
        message.getTable(),
        EnumCodec.decode(message.getKind()),
        RecordCodec.decode(message.getOptions()),
        RowSchemaCodec.decode(message.getColumnsList()));
  }

  private static AlterTableMessage encode(Command.AlterTable command) {
    return AlterTableMessage.newBuilder()
        .setTable(command.table())
        .setOptions(RecordCodec.encode(command.options()))
        .addAllColumns(RowSchemaCodec.encode(command.columns()))
        .build();
  }

  private static AdvanceVersionMessage encode(Command.AdvanceVersion command) {
    return AdvanceVersionMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setTo(EnumCodec.encode(command.to()))
        .build();
  }

  private static ActivateVersionMessage encode(Command.ActivateVersion command) {
    return ActivateVersionMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setOnlyIfReady(command.onlyIfReady())
        .setTried(command.tried())
        .build();
  }

  private static DropVersionMessage encode(Command.DropVersion command) {
    return DropVersionMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setOnlyIfSurplus(command.onlyIfSurplus())
        .build();
  }

  private static FailVersionMessage encode(Command.FailVersion command) {
    return FailVersionMessage.newBuilder()
        .setTable(command.table())
        .setVersion(command.version())
        .setReason(command.reason())
        .build();
  }

  /**
   * A format that this release does not support is not refused but unreadable: a newer voter may
   * well have taken it.
   */
  private static Command decode(RaiseFormatMessage message) {
    if (message.getFormatVersion() > ClusterMetadata.SUPPORTED_FORMAT) {
      throw new UnsupportedMetadataException(
          "the metadata format rises to "
              + message.getFormatVersion()
              + ", this release supports formats up to "
              + ClusterMetadata.SUPPORTED_FORMAT);
    }
    return new Command.RaiseFormat(message.getFormatVersion());
  }

  private static VersionNameMessage versionName(String table, long version) {
    return VersionNameMessage.newBuilder().setTable(table).setVersion(version).build();
  }
}
