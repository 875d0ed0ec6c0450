package io.featurekv.metadata;

import com.google.protobuf.MessageLite;
import io.featurekv.model.KeyHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * XXH3-64 over a state: every entry's Protobuf form is hashed by itself, and the hash of the state
 * is that of the sequence of those hashes, little-endian, each map but the last led by its size.
 */
final class StateHash {
  /** Bounds the cache; more entries than this are hashed again each time, which is only slower. */
  private static final int CACHE_SLOTS = 1 << 14;

  /**
   * Hashes of entries of which there are many and which hardly change, found by identity: they are
   * immutable.
   */
  private static final AtomicReferenceArray<@Nullable CachedHash> CACHE =
      new AtomicReferenceArray<>(CACHE_SLOTS);

  private record CachedHash(Record entry, long hash) {}

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
    state.tasks().values().forEach(hash::addTask);
    hash.add(state.droppedTables().size());
    for (Map.Entry<String, Long> dropped : state.droppedTables().entrySet()) {
      hash.add(RecordCodec.encodeDropped(dropped.getKey(), dropped.getValue()));
    }
    hash.add(state.operations().size());
    state
        .operations()
        .forEach((id, o) -> hash.add(cached(o, () -> RecordCodec.encodeOperation(id, o))));
    // Nothing where there are none: such a state hashes as it did before there were registers.
    state.registers().forEach((key, value) -> hash.add(RegisterCodec.encode(key, value)));
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

  @SuppressWarnings("ReferenceEquality")
  private static long cached(Record entry, Supplier<MessageLite> encoded) {
    int slot = System.identityHashCode(entry) & (CACHE_SLOTS - 1);
    CachedHash known = CACHE.get(slot);
    if (known == null || known.entry() != entry) {
      known = new CachedHash(entry, KeyHash.of(encoded.get().toByteArray()));
      CACHE.set(slot, known);
    }
    return known.hash();
  }

  private void addTask(TaskRecord task) {
    ClusterBuild build = task.build();
    add(cached(task, () -> RecordCodec.encodeWithoutBuild(task).build()));
    add(build == null ? 0 : 1);
    if (build != null) {
      add(cached(build, () -> BuildCodec.encodeWithoutUnits(build).build()));
      add(build.splitList().stateHash());
      add(build.shardList().stateHash());
    }
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
