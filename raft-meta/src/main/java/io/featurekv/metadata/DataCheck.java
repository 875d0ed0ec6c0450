package io.featurekv.metadata;

import io.featurekv.model.KeyHash;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of a version can be told only by reading it, and what is known of that: which shards a node
 * still has to look into, and what was found in the others. One node's word is enough for a shard,
 * for the digest proves that all have the same bytes.
 *
 * @param asksGolden whether the table's golden keys are looked up
 * @param overlapWith the version in which keys of this one are looked up; 0 for none
 * @param pendingShards shards that nobody has looked into
 */
public record DataCheck(
    boolean asksGolden,
    long overlapWith,
    SortedSet<Integer> pendingShards,
    long sampledKeys,
    long knownKeys,
    List<GoldenMiss> misses) {
  public DataCheck {
    pendingShards = Collections.unmodifiableSortedSet(new TreeSet<>(pendingShards));
    misses = List.copyOf(misses);
  }

  /** What the table asks of a version that is being sealed; null where that is nothing. */
  static @Nullable DataCheck of(TableRecord table, VersionRecord version, Set<Gate> ignored) {
    Gates gates = table.options().gates();
    boolean asksGolden = !gates.goldenKeys().isEmpty() && !ignored.contains(Gate.GOLDEN);
    boolean asksOverlap =
        gates.minOverlap() != null
            && !ignored.contains(Gate.OVERLAP)
            && version.mode() == UpdateMode.FULL
            && version.entries() > 0
            && table.activeVersion() != 0;
    SortedSet<Integer> shards = new TreeSet<>();
    for (int shard = 0; asksOverlap && shard < version.shardCount(); shard++) {
      shards.add(shard);
    }
    if (asksGolden) {
      gates.goldenKeys().forEach(golden -> shards.add(shardOf(golden, version.shardCount())));
    }
    return shards.isEmpty()
        ? null
        : new DataCheck(
            asksGolden, asksOverlap ? table.activeVersion() : 0, shards, 0, 0, List.of());
  }

  /** The golden keys that are in a shard. */
  public static List<GoldenKey> goldenKeysOf(TableRecord table, VersionRecord version, int shard) {
    return table.options().gates().goldenKeys().stream()
        .filter(golden -> shardOf(golden, version.shardCount()) == shard)
        .toList();
  }

  private static int shardOf(GoldenKey golden, int shards) {
    return KeyHash.shardOf(KeyHash.of(golden.key()), shards);
  }

  /** Whether every shard was looked into. */
  public boolean isComplete() {
    return pendingShards.isEmpty();
  }

  /** With what was found in shards that nobody had looked into before. */
  DataCheck with(SortedMap<Integer, ShardFindings> findings) {
    SortedSet<Integer> pending = new TreeSet<>(pendingShards);
    long sampled = sampledKeys;
    long known = knownKeys;
    List<GoldenMiss> all = new ArrayList<>(misses);
    for (var entry : findings.entrySet()) {
      if (pending.remove(entry.getKey())) {
        ShardFindings found = entry.getValue();
        sampled += found.sampledKeys();
        known += found.knownKeys();
        all.addAll(found.misses());
      }
    }
    return new DataCheck(asksGolden, overlapWith, pending, sampled, known, all);
  }
}
