package io.featurekv.metadata;

import com.google.protobuf.MessageLite;
import io.featurekv.metadata.message.BuildPlanMessage;
import io.featurekv.metadata.message.BuilderCheckMessage;
import io.featurekv.metadata.message.ClusterBuildMessage;
import io.featurekv.metadata.message.InputIdentityMessage;
import io.featurekv.metadata.message.PlannedSplitMessage;
import io.featurekv.metadata.message.RejectedRowMessage;
import io.featurekv.metadata.message.ShardFiguresMessage;
import io.featurekv.metadata.message.ShardTalliesMessage;
import io.featurekv.metadata.message.ShardWorkMessage;
import io.featurekv.metadata.message.SplitFiguresMessage;
import io.featurekv.metadata.message.SplitRecordMessage;
import io.featurekv.metadata.message.TaskInputsMessage;
import io.featurekv.metadata.message.WorkLeaseMessage;
import io.featurekv.metadata.message.WorkRecordMessage;
import io.featurekv.model.KeyHash;
import io.featurekv.model.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds by the cluster, and the values inside them. */
final class BuildCodec {
  private BuildCodec() {}

  static long hash(ShardTallies tallies) {
    return hash(encode(tallies));
  }

  static long hash(SplitRecord split) {
    return hash(encode(split));
  }

  static long hash(ShardWork shard) {
    return hash(encode(shard));
  }

  private static long hash(MessageLite message) {
    return KeyHash.of(message.toByteArray());
  }

  static ClusterBuildMessage encode(ClusterBuild build) {
    ClusterBuildMessage.Builder out = encodeWithoutUnits(build);
    build.splits().forEach(split -> out.addSplits(encode(split)));
    build.shards().forEach(shard -> out.addShards(encode(shard)));
    return out.build();
  }

  /** Everything but the splits and the shards. */
  static ClusterBuildMessage.Builder encodeWithoutUnits(ClusterBuild build) {
    ClusterBuildMessage.Builder out =
        ClusterBuildMessage.newBuilder()
            .setInputs(encode(build.inputs()))
            .setTargetBytes(build.targetBytes())
            .setOptions(RecordCodec.encode(build.options()))
            .setBeganAtMillis(build.beganAtMillis())
            .setParsed(encode(build.parsed()))
            .setSplitCount(build.splitCount())
            .setLeases(build.leases());
    build.identities().forEach(identity -> out.addIdentities(encode(identity)));
    build.checks().values().forEach(check -> out.addChecks(encode(check)));
    build.firstRejected().forEach(row -> out.addFirstRejected(encode(row)));
    RowSchema schema = build.schema();
    if (schema != null) {
      out.setSchemaVersion(schema.version()).addAllColumns(RowSchemaCodec.encode(schema.columns()));
    }
    return out;
  }

  static ClusterBuild decode(ClusterBuildMessage message) {
    SortedMap<String, BuilderCheck> checks = new TreeMap<>();
    message.getChecksList().forEach(check -> checks.put(check.getNodeId(), decode(check)));
    return new ClusterBuild(
        decode(message.getInputs()),
        message.getTargetBytes(),
        message.getIdentitiesList().stream().map(BuildCodec::decode).toList(),
        RecordCodec.decode(message.getOptions()),
        message.getBeganAtMillis(),
        checks,
        message.getSplitsList().stream().map(BuildCodec::decode).toList(),
        message.getShardsList().stream().map(BuildCodec::decode).toList(),
        decode(message.getParsed()),
        decodeRejected(message.getFirstRejectedList()),
        message.getSplitCount(),
        message.getLeases(),
        message.getColumnsCount() == 0
            ? null
            : RowSchema.of(
                message.getSchemaVersion(), RowSchemaCodec.decode(message.getColumnsList())));
  }

  static BuildPlanMessage encode(BuildPlan plan) {
    BuildPlanMessage.Builder out =
        BuildPlanMessage.newBuilder()
            .setInputs(encode(plan.inputs()))
            .setTargetBytes(plan.targetBytes());
    plan.splits().forEach(split -> out.addSplits(encode(split)));
    plan.identities().forEach(identity -> out.addIdentities(encode(identity)));
    return out.build();
  }

  static BuildPlan decode(BuildPlanMessage message) {
    return new BuildPlan(
        decode(message.getInputs()),
        message.getTargetBytes(),
        message.getSplitsList().stream().map(BuildCodec::decode).toList(),
        message.getIdentitiesList().stream().map(BuildCodec::decode).toList());
  }

  private static TaskInputsMessage encode(TaskInputs inputs) {
    TaskInputsMessage.Builder out =
        TaskInputsMessage.newBuilder()
            .addAllInputs(inputs.inputs())
            .setFormat(inputs.format())
            .addAllKeyColumns(inputs.keyColumns())
            .setKeySeparator(inputs.keySeparator())
            .setKeyEncoding(inputs.keyEncoding())
            .setValueColumn(inputs.valueColumn())
            .setValueEncoding(inputs.valueEncoding())
            .setDeleteColumn(inputs.deleteColumn())
            .setExpiresColumn(inputs.expiresColumn())
            .setAllowIncomplete(inputs.allowIncomplete())
            .setLastDuplicateWins(inputs.lastDuplicateWins())
            .setMaxRejected(inputs.maxRejected())
            .setMaxRejectedIsPercent(inputs.maxRejectedIsPercent())
            .setAllowEmpty(inputs.allowEmpty())
            .addAllRequiredColumns(inputs.requiredColumns())
            .setValueFormat(inputs.valueFormat());
    inputs
        .types()
        .forEach(
            (column, type) ->
                out.addTypes(
                    TaskInputsMessage.ColumnType.newBuilder().setColumn(column).setType(type)));
    return out.build();
  }

  private static TaskInputs decode(TaskInputsMessage message) {
    SortedMap<String, String> types = new TreeMap<>();
    message.getTypesList().forEach(type -> types.put(type.getColumn(), type.getType()));
    return new TaskInputs(
        message.getInputsList(),
        message.getFormat(),
        message.getKeyColumnsList(),
        message.getKeySeparator(),
        message.getKeyEncoding(),
        message.getValueColumn(),
        message.getValueEncoding(),
        types,
        message.getDeleteColumn(),
        message.getExpiresColumn(),
        message.getAllowIncomplete(),
        message.getLastDuplicateWins(),
        message.getMaxRejected(),
        message.getMaxRejectedIsPercent(),
        message.getAllowEmpty(),
        message.getRequiredColumnsList(),
        message.getValueFormat());
  }

  private static InputIdentityMessage encode(InputIdentity identity) {
    return InputIdentityMessage.newBuilder()
        .setName(identity.name())
        .setIdentity(identity.identity())
        .build();
  }

  private static InputIdentity decode(InputIdentityMessage message) {
    return new InputIdentity(message.getName(), message.getIdentity());
  }

  private static PlannedSplitMessage encode(PlannedSplit split) {
    return PlannedSplitMessage.newBuilder()
        .setWhat(split.what())
        .setBytes(split.bytes())
        .setIdentity(split.identity())
        .setContinued(split.continued())
        .build();
  }

  private static PlannedSplit decode(PlannedSplitMessage message) {
    return new PlannedSplit(
        message.getWhat(), message.getBytes(), message.getIdentity(), message.getContinued());
  }

  static BuilderCheckMessage encode(BuilderCheck check) {
    return BuilderCheckMessage.newBuilder()
        .setNodeId(check.nodeId())
        .setSession(check.session())
        .setSlots(check.slots())
        .setFault(check.fault())
        .build();
  }

  static BuilderCheck decode(BuilderCheckMessage message) {
    return new BuilderCheck(
        message.getNodeId(), message.getSession(), message.getSlots(), message.getFault());
  }

  private static SplitRecordMessage encode(SplitRecord split) {
    SplitRecordMessage.Builder out =
        SplitRecordMessage.newBuilder()
            .setPlanned(encode(split.planned()))
            .setWork(encode(split.work()))
            .setTalliesHash(split.talliesHash())
            .setRowsBefore(split.rowsBefore())
            .setProved(split.proved())
            .setDoubted(split.doubted());
    if (split.figures() != null) {
      out.setFigures(encode(split.figures()));
    }
    if (split.tallies() != null) {
      out.setTallies(encode(split.tallies()));
    }
    split.rejected().forEach(row -> out.addRejected(encode(row)));
    return out.build();
  }

  private static SplitRecord decode(SplitRecordMessage message) {
    return new SplitRecord(
        decode(message.getPlanned()),
        decode(message.getWork()),
        message.hasFigures() ? decode(message.getFigures()) : null,
        message.getTalliesHash(),
        message.getRowsBefore(),
        message.getProved(),
        message.getDoubted(),
        message.hasTallies() ? decode(message.getTallies()) : null,
        decodeRejected(message.getRejectedList()));
  }

  private static ShardWorkMessage encode(ShardWork shard) {
    ShardWorkMessage.Builder out = ShardWorkMessage.newBuilder().setWork(encode(shard.work()));
    if (shard.manifest() != null) {
      out.setManifest(RecordCodec.encode(shard.manifest()));
    }
    if (shard.figures() != null) {
      out.setFigures(encode(shard.figures()));
    }
    return out.build();
  }

  private static ShardWork decode(ShardWorkMessage message) {
    return new ShardWork(
        decode(message.getWork()),
        message.hasManifest() ? RecordCodec.decode(message.getManifest()) : null,
        message.hasFigures() ? decode(message.getFigures()) : null);
  }

  private static WorkRecordMessage encode(WorkRecord work) {
    WorkRecordMessage.Builder out =
        WorkRecordMessage.newBuilder()
            .setState(EnumCodec.encode(work.state()))
            .setAttempts(work.attempts())
            .setFailures(work.failures())
            .setDoneBy(work.doneBy())
            .setLastError(work.lastError())
            .setFailedOn(work.failedOn());
    for (WorkLease lease : work.leases()) {
      out.addLeases(
          WorkLeaseMessage.newBuilder()
              .setNodeId(lease.nodeId())
              .setSession(lease.session())
              .setSinceMillis(lease.sinceMillis())
              .setRenewals(lease.renewals())
              .setDone(lease.done()));
    }
    return out.build();
  }

  private static WorkRecord decode(WorkRecordMessage message) {
    List<WorkLease> leases = new ArrayList<>();
    for (WorkLeaseMessage lease : message.getLeasesList()) {
      leases.add(
          new WorkLease(
              lease.getNodeId(),
              lease.getSession(),
              lease.getSinceMillis(),
              lease.getRenewals(),
              lease.getDone()));
    }
    return new WorkRecord(
        EnumCodec.decode(message.getState()),
        message.getAttempts(),
        message.getFailures(),
        leases,
        message.getDoneBy(),
        message.getLastError(),
        message.getFailedOn());
  }

  static SplitFiguresMessage encode(SplitFigures figures) {
    return SplitFiguresMessage.newBuilder()
        .setStartedAt(figures.startedAt())
        .setEndedAt(figures.endedAt())
        .setRows(figures.rows())
        .setRejected(figures.rejected())
        .setSpanned(figures.spanned())
        .setInOneFile(figures.inOneFile())
        .setFirstHasColumns(figures.firstHasColumns())
        .setLastHasColumns(figures.lastHasColumns())
        .setLacking(figures.lacking())
        .setMillis(figures.millis())
        .build();
  }

  static SplitFigures decode(SplitFiguresMessage message) {
    return new SplitFigures(
        message.getStartedAt(),
        message.getEndedAt(),
        message.getRows(),
        message.getRejected(),
        message.getSpanned(),
        message.getInOneFile(),
        message.getFirstHasColumns(),
        message.getLastHasColumns(),
        message.getLacking(),
        message.getMillis());
  }

  static ShardFiguresMessage encode(ShardFigures figures) {
    return ShardFiguresMessage.newBuilder()
        .setDuplicates(figures.duplicates())
        .setDeleted(figures.deleted())
        .setRejected(figures.rejected())
        .setDroppedRows(figures.droppedRows())
        .setDroppedSum(figures.droppedSum())
        .setBytes(figures.bytes())
        .setMillis(figures.millis())
        .build();
  }

  static ShardFigures decode(ShardFiguresMessage message) {
    return new ShardFigures(
        message.getDuplicates(),
        message.getDeleted(),
        message.getRejected(),
        message.getDroppedRows(),
        message.getDroppedSum(),
        message.getBytes(),
        message.getMillis());
  }

  static ShardTalliesMessage encode(ShardTallies tallies) {
    ShardTalliesMessage.Builder out = ShardTalliesMessage.newBuilder();
    for (ShardTally tally : tallies.shards()) {
      out.addRows(tally.rows())
          .addSums(tally.sum())
          .addDroppedRows(tally.droppedRows())
          .addDroppedSums(tally.droppedSum());
    }
    return out.build();
  }

  static ShardTallies decode(ShardTalliesMessage message) {
    int shards = message.getRowsCount();
    if (message.getSumsCount() != shards
        || message.getDroppedRowsCount() != shards
        || message.getDroppedSumsCount() != shards) {
      throw new UnsupportedMetadataException("tallies whose lists are of different lengths");
    }
    List<ShardTally> tallies = new ArrayList<>(shards);
    for (int shard = 0; shard < shards; shard++) {
      tallies.add(
          new ShardTally(
              message.getRows(shard),
              message.getSums(shard),
              message.getDroppedRows(shard),
              message.getDroppedSums(shard)));
    }
    return new ShardTallies(tallies);
  }

  static RejectedRowMessage encode(TaskReject row) {
    return RejectedRowMessage.newBuilder()
        .setSplit(row.split())
        .setSource(row.source())
        .setRow(row.row())
        .setCountsOn(row.countsOn())
        .setReason(row.reason())
        .build();
  }

  static List<TaskReject> decodeRejected(List<RejectedRowMessage> messages) {
    return messages.stream()
        .map(
            row ->
                new TaskReject(
                    row.getSplit(),
                    row.getSource(),
                    row.getRow(),
                    row.getCountsOn(),
                    row.getReason()))
        .toList();
  }
}
