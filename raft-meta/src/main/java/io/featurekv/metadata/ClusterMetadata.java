package io.featurekv.metadata;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The whole shared truth of a cluster at one log index: an immutable value.
 *
 * <p>Invariants: every active version is among its table's versions and the only one there that is
 * {@link VersionState#ACTIVE}; a task's table exists; a version's task is known; who is {@code
 * ready} with a shard holds its file or its merged one; the {@link TableRecord#chain} of a kept
 * version has kept versions only; {@code expiredBeforeMillis} never falls, and no remembered
 * operation is older than it.
 *
 * <p>The maps are taken over, not copied: whoever makes a value must not change them afterwards.
 *
 * @param formatVersion which commands and fields may stand in the log, see {@link
 *     #SUPPORTED_FORMAT}
 * @param clusterId empty until the cluster is formed
 * @param voterTarget how many voters the cluster aims for
 * @param index log index of the last command applied, whether it took effect or was refused
 * @param expiredBeforeMillis an operation id with a time before this one is refused: it may have
 *     been forgotten
 * @param nodes by node id
 * @param tables by name
 * @param tasks by task id; a task goes when its table is dropped
 * @param droppedTables the next version number of every table name that was dropped, so that
 *     numbers are never used twice
 * @param operations what became of recent commands, by operation id; see {@link OperationIds}
 * @param registers small numbers by key, of use to nobody but a check that the metadata is
 *     linearizable; see {@link RegisterCommands}
 */
public record ClusterMetadata(
    int formatVersion,
    String clusterId,
    int voterTarget,
    long index,
    long expiredBeforeMillis,
    SortedMap<String, NodeRecord> nodes,
    SortedMap<String, TableRecord> tables,
    SortedMap<String, TaskRecord> tasks,
    SortedMap<String, Long> droppedTables,
    SortedMap<String, OperationRecord> operations,
    SortedMap<Long, Long> registers) {

  /** The newest metadata format that this release reads and writes. */
  public static final int SUPPORTED_FORMAT = 1;

  private static final ClusterMetadata EMPTY =
      new ClusterMetadata(
          1,
          "",
          0,
          0,
          0,
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>());

  /** A command remembered by its operation id: digest of its bytes, its result, and when. */
  public record OperationRecord(long commandHash, CommandResult result, long atMillis) {}

  /** The new state and the result of a command. */
  public record Applied(ClusterMetadata metadata, CommandResult result) {}

  public ClusterMetadata {
    nodes = Collections.unmodifiableSortedMap(nodes);
    tables = Collections.unmodifiableSortedMap(tables);
    tasks = Collections.unmodifiableSortedMap(tasks);
    droppedTables = Collections.unmodifiableSortedMap(droppedTables);
    operations = Collections.unmodifiableSortedMap(operations);
    registers = Collections.unmodifiableSortedMap(registers);
  }

  /** The state before the first command. */
  public static ClusterMetadata empty() {
    return EMPTY;
  }

  /**
   * The present attempt of the task that builds or built a version; 0 where either is not known.
   */
  public int attemptOf(String tableName, long number) {
    TableRecord table = tables.get(tableName);
    VersionRecord version = table == null ? null : table.versions().get(number);
    TaskRecord task = version == null ? null : tasks.get(version.taskId());
    return task == null ? 0 : task.attempt();
  }

  /** Whether {@link Command.FormCluster} has been applied. */
  public boolean isFormed() {
    return !clusterId.isEmpty();
  }

  /**
   * Applies one command. Pure and total: reads nothing but this value and the arguments, and never
   * throws; what cannot be done is a refused result. {@link #index()} of the new state is {@code
   * index} in either case.
   */
  public Applied apply(CommandEnvelope envelope, long index) {
    return CommandApplication.apply(this, envelope, index);
  }

  /**
   * Equal states have equal hashes; unequal ones differ but for one chance in 2^64. Cheap enough to
   * be called at every index: the shards of a version, which make up nearly all of a state, are
   * hashed once for each time they change.
   */
  public long stateHash() {
    return StateHash.of(this);
  }

  ClusterMetadata withIndex(long newIndex) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        newIndex,
        expiredBeforeMillis,
        nodes,
        tables,
        tasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withFormat(int newFormatVersion) {
    return new ClusterMetadata(
        newFormatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        tables,
        tasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withIdentity(String newClusterId, int newVoterTarget) {
    return new ClusterMetadata(
        formatVersion,
        newClusterId,
        newVoterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        tables,
        tasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withNodes(SortedMap<String, NodeRecord> newNodes) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        newNodes,
        tables,
        tasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withTables(SortedMap<String, TableRecord> newTables) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        newTables,
        tasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withTasks(SortedMap<String, TaskRecord> newTasks) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        tables,
        newTasks,
        droppedTables,
        operations,
        registers);
  }

  ClusterMetadata withDroppedTables(SortedMap<String, Long> newDroppedTables) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        tables,
        tasks,
        newDroppedTables,
        operations,
        registers);
  }

  ClusterMetadata withOperations(
      SortedMap<String, OperationRecord> newOperations, long newExpiredBeforeMillis) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        newExpiredBeforeMillis,
        nodes,
        tables,
        tasks,
        droppedTables,
        newOperations,
        registers);
  }

  ClusterMetadata withRegisters(SortedMap<Long, Long> newRegisters) {
    return new ClusterMetadata(
        formatVersion,
        clusterId,
        voterTarget,
        index,
        expiredBeforeMillis,
        nodes,
        tables,
        tasks,
        droppedTables,
        operations,
        newRegisters);
  }
}
