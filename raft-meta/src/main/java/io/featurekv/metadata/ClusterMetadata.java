package io.featurekv.metadata;

import java.util.SortedMap;

/** The whole shared truth of a cluster at one log index: an immutable value. */
public record ClusterMetadata(
    int formatVersion,
    String clusterId,
    int voterTarget,
    long index,
    SortedMap<String, NodeRecord> nodes,
    SortedMap<String, TableRecord> tables,
    SortedMap<String, TaskRecord> tasks,
    SortedMap<String, Long> droppedTables,
    SortedMap<String, OperationRecord> operations) {

  /** A command remembered by its operation id: digest of its bytes, its result, and when. */
  public record OperationRecord(long commandHash, CommandResult result, long atMillis) {}

  /** The new state and the result of a command. */
  public record Applied(ClusterMetadata metadata, CommandResult result) {}

  public static ClusterMetadata empty() {
    throw new AssertionError("stub");
  }

  public Applied apply(CommandEnvelope envelope, long index) {
    throw new AssertionError("stub");
  }

  /** Equal states have equal hashes. */
  public long stateHash() {
    throw new AssertionError("stub");
  }
}
