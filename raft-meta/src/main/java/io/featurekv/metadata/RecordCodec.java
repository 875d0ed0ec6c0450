package io.featurekv.metadata;

import com.google.protobuf.ByteString;
import io.featurekv.metadata.ClusterMetadata.OperationRecord;
import io.featurekv.metadata.message.ActivateWhenMessage;
import io.featurekv.metadata.message.CommandResultMessage;
import io.featurekv.metadata.message.DroppedTableMessage;
import io.featurekv.metadata.message.DutyMessage;
import io.featurekv.metadata.message.EarlierAttemptMessage;
import io.featurekv.metadata.message.FileManifestMessage;
import io.featurekv.metadata.message.HolderMessage;
import io.featurekv.metadata.message.LoadFailureMessage;
import io.featurekv.metadata.message.MergedFileMessage;
import io.featurekv.metadata.message.NodeRecordMessage;
import io.featurekv.metadata.message.OperationRecordMessage;
import io.featurekv.metadata.message.ShardProofMessage;
import io.featurekv.metadata.message.ShardRecordMessage;
import io.featurekv.metadata.message.TableOptionsMessage;
import io.featurekv.metadata.message.TableRecordMessage;
import io.featurekv.metadata.message.TaskCountsMessage;
import io.featurekv.metadata.message.TaskRecordMessage;
import io.featurekv.metadata.message.TaskStageMessage;
import io.featurekv.metadata.message.VersionRecordMessage;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FileManifest;
import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Records and the values inside them. */
final class RecordCodec {
  private RecordCodec() {}

  static CommandResultMessage encode(CommandResult result) {
    return CommandResultMessage.newBuilder()
        .setIndex(result.index())
        .setError(result.error() == null ? 0 : result.error().code())
        .setMessage(result.message())
        .setVersion(result.version())
        .setAttempt(result.attempt())
        .build();
  }

  static CommandResult decode(CommandResultMessage message) {
    return new CommandResult(
        message.getIndex(),
        message.getError() == 0 ? null : ErrorCode.ofCode(message.getError()),
        message.getMessage(),
        message.getVersion(),
        message.getAttempt());
  }

  static TableOptionsMessage encode(TableOptions options) {
    TableOptionsMessage.Builder out =
        TableOptionsMessage.newBuilder()
            .setShards(options.shards())
            .setRetain(options.retain())
            .setVersionTtlMillis(options.versionTtlMillis())
            .setMaxValueBytes(options.maxValueBytes())
            .setActivateWhen(encode(options.activateWhen()))
            // What is as usual is not written, so that an older voter can read it.
            .setBlockEntries(
                options.blockEntries() == Limits.DEFAULT_BLOCK_ENTRIES ? 0 : options.blockEntries())
            .setEntryTtlMillis(options.entryTtlMillis());
    if (!options.gates().equals(Gates.OFF)) {
      out.setGates(GateCodec.encode(options.gates()));
    }
    return out.build();
  }

  static TableOptions decode(TableOptionsMessage message) {
    return new TableOptions(
        message.getShards(),
        message.getRetain(),
        message.getVersionTtlMillis(),
        message.getMaxValueBytes(),
        decode(message.getActivateWhen()),
        message.getBlockEntries() == 0 ? Limits.DEFAULT_BLOCK_ENTRIES : message.getBlockEntries(),
        message.getEntryTtlMillis(),
        message.hasGates() ? GateCodec.decode(message.getGates()) : Gates.OFF);
  }

  private static ActivateWhenMessage encode(ActivateWhen when) {
    ActivateWhenMessage.Builder out = ActivateWhenMessage.newBuilder();
    return switch (when) {
      case ActivateWhen.Live _ ->
          out.setLive(ActivateWhenMessage.Live.getDefaultInstance()).build();
      case ActivateWhen.All _ -> out.setAll(ActivateWhenMessage.All.getDefaultInstance()).build();
      case ActivateWhen.Sects(int count) -> out.setSects(count).build();
    };
  }

  private static ActivateWhen decode(ActivateWhenMessage message) {
    return switch (message.getPolicyCase()) {
      case LIVE -> new ActivateWhen.Live();
      case ALL -> new ActivateWhen.All();
      case SECTS -> new ActivateWhen.Sects(message.getSects());
      case POLICY_NOT_SET ->
          throw new UnsupportedMetadataException(
              "an activation policy that this release does not know; run a newer one");
    };
  }

  static TaskCountsMessage encode(TaskCounts counts) {
    return TaskCountsMessage.newBuilder()
        .setRows(counts.rows())
        .setEntries(counts.entries())
        .setRejected(counts.rejected())
        .setDuplicates(counts.duplicates())
        .setDeleted(counts.deleted())
        .setBytes(counts.bytes())
        .build();
  }

  static TaskCounts decode(TaskCountsMessage message) {
    return new TaskCounts(
        message.getRows(),
        message.getEntries(),
        message.getRejected(),
        message.getDuplicates(),
        message.getDeleted(),
        message.getBytes());
  }

  static FileManifestMessage encode(FileManifest manifest) {
    FileManifestMessage.Builder message =
        FileManifestMessage.newBuilder()
            .setLengthBytes(manifest.lengthBytes())
            .setDigest(ByteString.copyFrom(manifest.digest().toBytes()))
            .setEntries(manifest.entries())
            .setTombstones(manifest.tombstones());
    manifest.entriesChecksum().ifPresent(message::setEntriesChecksum);
    return message.build();
  }

  static FileManifest decode(FileManifestMessage message) {
    return new FileManifest(
        message.getLengthBytes(),
        Digest.of(message.getDigest().toByteArray()),
        message.getEntries(),
        message.getTombstones(),
        message.hasEntriesChecksum()
            ? OptionalLong.of(message.getEntriesChecksum())
            : OptionalLong.empty());
  }

  static ShardProofMessage encode(ShardProof proof) {
    return ShardProofMessage.newBuilder()
        .setParsedRows(proof.parsedRows())
        .setParsedSum(proof.parsedSum())
        .setDroppedRows(proof.droppedRows())
        .setDroppedSum(proof.droppedSum())
        .build();
  }

  static ShardProof decode(ShardProofMessage message) {
    return new ShardProof(
        message.getParsedRows(),
        message.getParsedSum(),
        message.getDroppedRows(),
        message.getDroppedSum());
  }

  static List<DutyMessage> encodeDuties(Set<Duty> duties) {
    List<DutyMessage> out = new ArrayList<>();
    for (Duty duty : Duty.values()) {
      if (duties.contains(duty)) {
        out.add(EnumCodec.encode(duty));
      }
    }
    return out;
  }

  static Set<Duty> decodeDuties(Collection<DutyMessage> messages) {
    Set<Duty> duties = EnumSet.noneOf(Duty.class);
    messages.forEach(message -> duties.add(EnumCodec.decode(message)));
    return duties;
  }

  static NodeRecordMessage encode(NodeRecord node) {
    return NodeRecordMessage.newBuilder()
        .setId(node.id())
        .setIncarnation(node.incarnation())
        .setSession(node.session())
        .setSect(node.sect())
        .addAllDuties(encodeDuties(node.duties()))
        .setListen(node.listen())
        .setRaftListen(node.raftListen())
        .setHttpListen(node.httpListen())
        .setWeight(node.weight())
        .setState(EnumCodec.encode(node.state()))
        .setVoter(node.voter())
        .setJoinedAtMillis(node.joinedAtMillis())
        .setStateSinceMillis(node.stateSinceMillis())
        .build();
  }

  static NodeRecord decode(NodeRecordMessage message) {
    return new NodeRecord(
        message.getId(),
        message.getIncarnation(),
        message.getSession(),
        message.getSect(),
        decodeDuties(message.getDutiesList()),
        message.getListen(),
        message.getRaftListen(),
        message.getHttpListen(),
        message.getWeight(),
        EnumCodec.decode(message.getState()),
        message.getVoter(),
        message.getJoinedAtMillis(),
        message.getStateSinceMillis());
  }

  static TableRecordMessage.Builder encodeWithoutVersions(TableRecord table) {
    TableRecordMessage.Builder out =
        TableRecordMessage.newBuilder()
            .setId(table.id())
            .setName(table.name())
            .setKind(EnumCodec.encode(table.kind()))
            .setOptions(encode(table.options()))
            .setNextVersion(table.nextVersion())
            .setActiveVersion(table.activeVersion());
    RowSchema schema = table.schema();
    if (schema != null) {
      out.setSchemaVersion(schema.version()).addAllColumns(RowSchemaCodec.encode(schema.columns()));
    }
    if (table.canary() != null) {
      out.setCanary(GateCodec.encode(table.canary()));
    }
    return out;
  }

  static TableRecordMessage encode(TableRecord table) {
    TableRecordMessage.Builder out = encodeWithoutVersions(table);
    table.versions().values().forEach(version -> out.addVersions(encode(version)));
    return out.build();
  }

  static TableRecord decode(TableRecordMessage message) {
    SortedMap<Long, VersionRecord> versions = new TreeMap<>();
    message
        .getVersionsList()
        .forEach(version -> versions.put(version.getNumber(), decode(version)));
    return new TableRecord(
        message.getId(),
        message.getName(),
        EnumCodec.decode(message.getKind()),
        decode(message.getOptions()),
        message.getNextVersion(),
        message.getActiveVersion(),
        versions,
        message.getSchemaVersion() == 0
            ? null
            : RowSchema.of(
                message.getSchemaVersion(), RowSchemaCodec.decode(message.getColumnsList())),
        message.hasCanary() ? GateCodec.decode(message.getCanary()) : null);
  }

  static VersionRecordMessage.Builder encodeWithoutShards(VersionRecord version) {
    VersionRecordMessage.Builder out =
        VersionRecordMessage.newBuilder()
            .setNumber(version.number())
            .setMode(EnumCodec.encode(version.mode()))
            .setParent(version.parent())
            .setState(EnumCodec.encode(version.state()))
            .setEntries(version.entries())
            .setTombstones(version.tombstones())
            .setBytes(version.bytes())
            .setCreatedAtMillis(version.createdAtMillis())
            .setSealedAtMillis(version.sealedAtMillis())
            .setActivatedAtMillis(version.activatedAtMillis())
            .setRetiredAtMillis(version.retiredAtMillis())
            .setActivateWhenReady(version.activateWhenReady())
            .setTaskId(version.taskId())
            .setReason(version.reason())
            .setVerifyFull(version.verifyFull());
    version
        .loadFailures()
        .forEach(
            (node, reason) ->
                out.addLoadFailures(
                    LoadFailureMessage.newBuilder().setNodeId(node).setReason(reason)));
    DataCheck check = version.dataCheck();
    if (check != null) {
      out.setDataCheck(GateCodec.encode(check));
    }
    return out;
  }

  static VersionRecordMessage encode(VersionRecord version) {
    VersionRecordMessage.Builder out = encodeWithoutShards(version);
    version.shards().forEach(shard -> out.addShards(encode(shard)));
    return out.build();
  }

  static VersionRecord decode(VersionRecordMessage message) {
    SortedMap<String, String> loadFailures = new TreeMap<>();
    message
        .getLoadFailuresList()
        .forEach(failure -> loadFailures.put(failure.getNodeId(), failure.getReason()));
    return new VersionRecord(
        message.getNumber(),
        EnumCodec.decode(message.getMode()),
        message.getParent(),
        EnumCodec.decode(message.getState()),
        message.getShardsList().stream().map(RecordCodec::decode).toList(),
        message.getEntries(),
        message.getTombstones(),
        message.getBytes(),
        message.getCreatedAtMillis(),
        message.getSealedAtMillis(),
        message.getActivatedAtMillis(),
        message.getRetiredAtMillis(),
        message.getActivateWhenReady(),
        message.getTaskId(),
        loadFailures,
        message.getReason(),
        message.hasDataCheck() ? GateCodec.decode(message.getDataCheck()) : null,
        message.getVerifyFull());
  }

  static ShardRecordMessage encode(ShardRecord shard) {
    ShardRecordMessage.Builder out = ShardRecordMessage.newBuilder();
    if (shard.manifest() != null) {
      out.setManifest(encode(shard.manifest()));
    }
    shard
        .holders()
        .forEach(
            (node, digest) ->
                out.addHolders(HolderMessage.newBuilder().setNodeId(node).setDigest(digest)));
    MergedFile merged = shard.merged();
    if (merged != null) {
      out.setMerged(
          MergedFileMessage.newBuilder()
              .setManifest(encode(merged.manifest()))
              .addAllHolders(merged.holders())
              .setComplete(merged.complete()));
    }
    return out.addAllReady(shard.ready()).build();
  }

  static ShardRecord decode(ShardRecordMessage message) {
    SortedMap<String, String> holders = new TreeMap<>();
    message.getHoldersList().forEach(holder -> holders.put(holder.getNodeId(), holder.getDigest()));
    return new ShardRecord(
        message.hasManifest() ? decode(message.getManifest()) : null,
        holders,
        new TreeSet<>(message.getReadyList()),
        message.hasMerged() ? decode(message.getMerged()) : null);
  }

  private static MergedFile decode(MergedFileMessage message) {
    return new MergedFile(
        decode(message.getManifest()),
        new TreeSet<>(message.getHoldersList()),
        message.getComplete());
  }

  static TaskRecordMessage encode(TaskRecord task) {
    TaskRecordMessage.Builder out = encodeWithoutBuild(task);
    if (task.build() != null) {
      out.setBuild(BuildCodec.encode(task.build()));
    }
    return out.build();
  }

  static TaskRecordMessage.Builder encodeWithoutBuild(TaskRecord task) {
    TaskRecordMessage.Builder out =
        TaskRecordMessage.newBuilder()
            .setId(task.id())
            .setTable(task.table())
            .setVersion(task.version())
            .setMode(EnumCodec.encode(task.mode()))
            .setInputs(task.inputs())
            .setInputsDigest(task.inputsDigest())
            .setState(EnumCodec.encode(task.state()))
            .setAttempt(task.attempt())
            .setStage(task.stage())
            .setCounts(encode(task.counts()))
            .setReason(task.reason())
            .setCreatedAtMillis(task.createdAtMillis())
            .setUpdatedAtMillis(task.updatedAtMillis())
            .addAllIgnoredGates(GateCodec.encode(task.ignoredGates()));
    for (TaskStage stage : task.stages()) {
      out.addStages(
          TaskStageMessage.newBuilder()
              .setName(stage.name())
              .setBeganAtMillis(stage.beganAtMillis())
              .setUpdatedAtMillis(stage.updatedAtMillis())
              .setDone(stage.figures().entries())
              .setTotal(stage.figures().entriesTotal())
              .setBytes(stage.figures().bytes())
              .setBytesTotal(stage.figures().bytesTotal()));
    }
    if (task.canary() != null) {
      out.setCanary(GateCodec.encode(task.canary()));
    }
    for (EarlierAttempt earlier : task.earlier()) {
      out.addEarlier(
          EarlierAttemptMessage.newBuilder()
              .setAttempt(earlier.attempt())
              .setReason(earlier.reason())
              .setEndedAtMillis(earlier.endedAtMillis()));
    }
    return out;
  }

  static TaskRecord decode(TaskRecordMessage message) {
    List<TaskStage> stages = new ArrayList<>();
    for (TaskStageMessage stage : message.getStagesList()) {
      stages.add(
          new TaskStage(
              stage.getName(),
              stage.getBeganAtMillis(),
              stage.getUpdatedAtMillis(),
              new StageFigures(
                  stage.getDone(), stage.getTotal(), stage.getBytes(), stage.getBytesTotal())));
    }
    return new TaskRecord(
        message.getId(),
        message.getTable(),
        message.getVersion(),
        EnumCodec.decode(message.getMode()),
        message.getInputs(),
        message.getInputsDigest(),
        EnumCodec.decode(message.getState()),
        message.getAttempt(),
        message.getStage(),
        decode(message.getCounts()),
        message.getReason(),
        message.getCreatedAtMillis(),
        message.getUpdatedAtMillis(),
        GateCodec.decode(message.getIgnoredGatesList()),
        stages,
        message.hasBuild() ? BuildCodec.decode(message.getBuild()) : null,
        message.hasCanary() ? GateCodec.decode(message.getCanary()) : null,
        message.getEarlierList().stream()
            .map(e -> new EarlierAttempt(e.getAttempt(), e.getReason(), e.getEndedAtMillis()))
            .toList());
  }

  static DroppedTableMessage encodeDropped(String name, long nextVersion) {
    return DroppedTableMessage.newBuilder().setName(name).setNextVersion(nextVersion).build();
  }

  static OperationRecordMessage encodeOperation(String operationId, OperationRecord operation) {
    return OperationRecordMessage.newBuilder()
        .setOperationId(operationId)
        .setCommandHash(operation.commandHash())
        .setResult(encode(operation.result()))
        .setAtMillis(operation.atMillis())
        .build();
  }

  static OperationRecord decode(OperationRecordMessage message) {
    return new OperationRecord(
        message.getCommandHash(), decode(message.getResult()), message.getAtMillis());
  }
}
