package io.featurekv.metadata;

import com.google.protobuf.MessageLite;
import io.featurekv.model.KeyHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * XXH3-64 over a state: every entry's Protobuf form is hashed by itself, and the hash of the state
 * is that of the sequence of those hashes, little-endian, each map led by its size.
 */
final class StateHash {
  private byte[] bytes = new byte[1024];
  private int length;

  private StateHash() {}

  static long of(ClusterMetadata state) {
    StateHash hash = new StateHash();
    hash.add(SnapshotCodec.encodeHeader(state).build());
    hash.add(state.nodes().size());
    state.nodes().values().forEach(node -> hash.add(RecordCodec.encode(node)));
    hash.add(state.tables().size());
    state.tables().values().forEach(hash::addTable);
    hash.add(state.tasks().size());
    state.tasks().values().forEach(task -> hash.add(RecordCodec.encode(task)));
    hash.add(state.droppedTables().size());
    for (Map.Entry<String, Long> dropped : state.droppedTables().entrySet()) {
      hash.add(RecordCodec.encodeDropped(dropped.getKey(), dropped.getValue()));
    }
    hash.add(state.operations().size());
    state
        .operations()
        .forEach((id, operation) -> hash.add(RecordCodec.encodeOperation(id, operation)));
    return hash.finish();
  }

  static long ofShards(Iterable<ShardRecord> shards) {
    StateHash hash = new StateHash();
    for (ShardRecord shard : shards) {
      if (shard.equals(ShardRecord.EMPTY)) {
        hash.add(0);
      } else {
        hash.add(RecordCodec.encode(shard));
      }
    }
    long finished = hash.finish();
    return finished == 0 ? 1 : finished;
  }

  private void addTable(TableRecord table) {
    add(RecordCodec.encodeWithoutVersions(table).build());
    add(table.versions().size());
    for (VersionRecord version : table.versions().values()) {
      add(RecordCodec.encodeWithoutShards(version).build());
      add(version.shardCount());
      add(version.shardList().stateHash());
    }
  }

  private void add(MessageLite message) {
    add(KeyHash.of(message.toByteArray()));
  }

  private void add(long part) {
    if (length + Long.BYTES > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length, part);
    length += Long.BYTES;
  }

  private long finish() {
    return KeyHash.of(bytes, 0, length);
  }
}
