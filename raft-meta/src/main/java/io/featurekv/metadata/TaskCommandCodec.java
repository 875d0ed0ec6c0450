package io.featurekv.metadata;

import io.featurekv.metadata.message.BeginTaskMessage;
import io.featurekv.metadata.message.FailTaskMessage;
import io.featurekv.metadata.message.ReportHeldMessage;
import io.featurekv.metadata.message.ReportLoadFailureMessage;
import io.featurekv.metadata.message.ReportProgressMessage;
import io.featurekv.metadata.message.ReportShardsMessage;
import io.featurekv.metadata.message.SealVersionMessage;
import io.featurekv.metadata.message.ShardDigestMessage;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Commands of builders and reports of nodes. */
final class TaskCommandCodec {
  private TaskCommandCodec() {}

  static BeginTaskMessage encode(Command.BeginTask command) {
    BeginTaskMessage.Builder out =
        BeginTaskMessage.newBuilder()
            .setTaskId(command.taskId())
            .setTable(command.table())
            .setMode(EnumCodec.encode(command.mode()))
            .setInputs(command.inputs())
            .setInputsDigest(command.inputsDigest())
            .setActivateWhenReady(command.activateWhenReady())
            .addAllIgnoredGates(GateCodec.encode(command.ignoredGates()))
            .setVerifyFull(command.verifyFull())
            .setOnCluster(command.onCluster());
    if (command.canary() != null) {
      out.setCanary(GateCodec.encode(command.canary()));
    }
    if (command.plan() != null) {
      out.setPlan(BuildCodec.encode(command.plan()));
    }
    return out.build();
  }

  static Command decode(BeginTaskMessage message) {
    return new Command.BeginTask(
        message.getTaskId(),
        message.getTable(),
        EnumCodec.decode(message.getMode()),
        message.getInputs(),
        message.getInputsDigest(),
        message.getActivateWhenReady(),
        GateCodec.decode(message.getIgnoredGatesList()),
        message.hasCanary() ? GateCodec.decode(message.getCanary()) : null,
        message.getVerifyFull(),
        message.getOnCluster(),
        message.hasPlan() ? BuildCodec.decode(message.getPlan()) : null);
  }

  static ReportProgressMessage encode(Command.ReportProgress command) {
    return ReportProgressMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setStage(command.stage())
        .setDone(command.figures().entries())
        .setTotal(command.figures().entriesTotal())
        .setBytes(command.figures().bytes())
        .setBytesTotal(command.figures().bytesTotal())
        .setCounts(RecordCodec.encode(command.counts()))
        .build();
  }

  static Command decode(ReportProgressMessage message) {
    return new Command.ReportProgress(
        message.getTaskId(),
        message.getAttempt(),
        message.getStage(),
        new StageFigures(
            message.getDone(), message.getTotal(), message.getBytes(), message.getBytesTotal()),
        RecordCodec.decode(message.getCounts()));
  }

  static SealVersionMessage encode(Command.SealVersion command) {
    SealVersionMessage.Builder out =
        SealVersionMessage.newBuilder()
            .setTaskId(command.taskId())
            .setAttempt(command.attempt())
            .setCounts(RecordCodec.encode(command.counts()));
    command.manifests().forEach(manifest -> out.addManifests(RecordCodec.encode(manifest)));
    command.proofs().forEach(proof -> out.addProofs(RecordCodec.encode(proof)));
    return out.build();
  }

  static Command decode(SealVersionMessage message) {
    return new Command.SealVersion(
        message.getTaskId(),
        message.getAttempt(),
        message.getManifestsList().stream().map(RecordCodec::decode).toList(),
        RecordCodec.decode(message.getCounts()),
        message.getProofsList().stream().map(RecordCodec::decode).toList());
  }

  static FailTaskMessage encode(Command.FailTask command) {
    return FailTaskMessage.newBuilder()
        .setTaskId(command.taskId())
        .setAttempt(command.attempt())
        .setReason(command.reason())
        .setCancelled(command.cancelled())
        .build();
  }

  static Command decode(FailTaskMessage message) {
    return new Command.FailTask(
        message.getTaskId(), message.getAttempt(), message.getReason(), message.getCancelled());
  }

  static ReportHeldMessage encode(Command.ReportHeld command) {
    ReportHeldMessage.Builder out =
        ReportHeldMessage.newBuilder()
            .setNodeId(command.nodeId())
            .setSession(command.session())
            .setTable(command.table())
            .setVersion(command.version())
            .setAttempt(command.attempt());
    command
        .digests()
        .forEach(
            (shard, digest) ->
                out.addDigests(ShardDigestMessage.newBuilder().setShard(shard).setDigest(digest)));
    return out.build();
  }

  static Command decode(ReportHeldMessage message) {
    SortedMap<Integer, String> digests = new TreeMap<>();
    message.getDigestsList().forEach(held -> digests.put(held.getShard(), held.getDigest()));
    return new Command.ReportHeld(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        message.getAttempt(),
        digests);
  }

  static ReportShardsMessage encode(Command.ReportDropped command) {
    return ReportShardsMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .setTable(command.table())
        .setVersion(command.version())
        .addAllShards(command.shards())
        .build();
  }

  static Command decodeDropped(ReportShardsMessage message) {
    return new Command.ReportDropped(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        new TreeSet<>(message.getShardsList()));
  }

  static ReportShardsMessage encode(Command.ReportReady command) {
    return ReportShardsMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .setTable(command.table())
        .setVersion(command.version())
        .addAllShards(command.shards())
        .build();
  }

  static Command decodeReady(ReportShardsMessage message) {
    return new Command.ReportReady(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        new TreeSet<>(message.getShardsList()));
  }

  static ReportLoadFailureMessage encode(Command.ReportLoadFailure command) {
    return ReportLoadFailureMessage.newBuilder()
        .setNodeId(command.nodeId())
        .setSession(command.session())
        .setTable(command.table())
        .setVersion(command.version())
        .setReason(command.reason())
        .build();
  }

  static Command decode(ReportLoadFailureMessage message) {
    return new Command.ReportLoadFailure(
        message.getNodeId(),
        message.getSession(),
        message.getTable(),
        message.getVersion(),
        message.getReason());
  }
}
