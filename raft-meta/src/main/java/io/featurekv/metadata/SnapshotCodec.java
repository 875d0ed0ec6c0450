package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.OperationRecord;
import io.featurekv.metadata.message.ClusterMetadataMessage;
import java.util.SortedMap;
import java.util.TreeMap;

/** A whole state. */
final class SnapshotCodec {
  private SnapshotCodec() {}

  /** Everything but the maps. */
  static ClusterMetadataMessage.Builder encodeHeader(ClusterMetadata state) {
    return ClusterMetadataMessage.newBuilder()
        .setFormatVersion(state.formatVersion())
        .setClusterId(state.clusterId())
        .setVoterTarget(state.voterTarget())
        .setIndex(state.index())
        .setExpiredBeforeMillis(state.expiredBeforeMillis());
  }

  static ClusterMetadataMessage encode(ClusterMetadata state) {
    ClusterMetadataMessage.Builder out = encodeHeader(state);
    state.nodes().values().forEach(node -> out.addNodes(RecordCodec.encode(node)));
    state.tables().values().forEach(table -> out.addTables(RecordCodec.encode(table)));
    state.tasks().values().forEach(task -> out.addTasks(RecordCodec.encode(task)));
    state
        .droppedTables()
        .forEach((name, next) -> out.addDroppedTables(RecordCodec.encodeDropped(name, next)));
    state
        .operations()
        .forEach((id, operation) -> out.addOperations(RecordCodec.encodeOperation(id, operation)));
    state.registers().forEach((key, value) -> out.addRegisters(RegisterCodec.encode(key, value)));
    return out.build();
  }

  static ClusterMetadata decode(ClusterMetadataMessage message) {
    if (message.getFormatVersion() > ClusterMetadata.SUPPORTED_FORMAT) {
      throw new UnsupportedMetadataException(
          "the metadata is of format "
              + message.getFormatVersion()
              + ", this release reads formats up to "
              + ClusterMetadata.SUPPORTED_FORMAT);
    }
    SortedMap<String, NodeRecord> nodes = new TreeMap<>();
    message.getNodesList().forEach(node -> nodes.put(node.getId(), RecordCodec.decode(node)));
    SortedMap<String, TableRecord> tables = new TreeMap<>();
    message.getTablesList().forEach(t -> tables.put(t.getName(), RecordCodec.decode(t)));
    SortedMap<String, TaskRecord> tasks = new TreeMap<>();
    message.getTasksList().forEach(task -> tasks.put(task.getId(), RecordCodec.decode(task)));
    SortedMap<String, Long> dropped = new TreeMap<>();
    message.getDroppedTablesList().forEach(d -> dropped.put(d.getName(), d.getNextVersion()));
    SortedMap<String, OperationRecord> operations = new TreeMap<>();
    message
        .getOperationsList()
        .forEach(o -> operations.put(o.getOperationId(), RecordCodec.decode(o)));
    SortedMap<Long, Long> registers = new TreeMap<>();
    message.getRegistersList().forEach(r -> registers.put(r.getKey(), r.getValue()));
    return new ClusterMetadata(
        message.getFormatVersion(),
        message.getClusterId(),
        message.getVoterTarget(),
        message.getIndex(),
        message.getExpiredBeforeMillis(),
        nodes,
        tables,
        tasks,
        dropped,
        operations,
        registers);
  }
}
