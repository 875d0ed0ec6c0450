package io.featurekv.node.reconcile;

import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.GoldenMiss;
import io.featurekv.metadata.ShardFindings;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import io.featurekv.storage.BatchLookup;
import io.featurekv.storage.KeyBatch;
import io.featurekv.storage.LookupResult;
import io.featurekv.storage.NativeRowBytes;
import io.featurekv.storage.ShardChain;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look into a shard of a version that is not ready yet: its golden keys, and how many of its
 * keys are in the version before. Used once, by one thread.
 *
 * @param shard which shard of how many
 * @param chain the shard as it will be read
 * @param goldenKeys those of the shard
 * @param before the shards of the version before that are open here, in their places; empty where
 *     keys are not to be compared
 * @param schema the columns of the table's rows, which golden values show as JSON; null: values are
 *     bytes
 */
record ShardLook(
    int shard,
    int shardCount,
    ShardChain chain,
    List<GoldenKey> goldenKeys,
    List<@Nullable ShardChain> before,
    long readTimeSeconds,
    @Nullable RowSchema schema) {
  /** Keys of a shard that are looked up in the version before. */
  static final int SAMPLED_KEYS = 2_000;

  /** Keys that are looked up together. */
  private static final int BATCH_KEYS = 100;

  ShardLook {
    goldenKeys = List.copyOf(goldenKeys);
    before = Collections.unmodifiableList(new ArrayList<>(before));
  }

  /** Takes leases of everything that is read; false where something is closed, and none is held. */
  boolean tryAcquire() {
    List<ShardChain> held = new ArrayList<>();
    for (ShardChain one : all()) {
      if (!one.tryAcquire()) {
        held.forEach(ShardChain::release);
        return false;
      }
      held.add(one);
    }
    return true;
  }

  /** Gives the leases back. */
  void release() {
    all().forEach(ShardChain::release);
  }

  private List<ShardChain> all() {
    List<ShardChain> all = new ArrayList<>();
    all.add(chain);
    for (ShardChain one : before) {
      if (one != null) {
        all.add(one);
      }
    }
    return all;
  }

  /**
   * Looks; under the leases.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   */
  ShardFindings look() {
    KeyBatch batch = new KeyBatch(BATCH_KEYS);
    BatchLookup lookup = new BatchLookup(BATCH_KEYS);
    try (LookupResult result = new LookupResult(BATCH_KEYS)) {
      List<GoldenMiss> misses = new ArrayList<>();
      for (GoldenKey golden : goldenKeys) {
        miss(golden, batch, lookup, result).ifPresent(misses::add);
      }
      int[] counts = compare(batch, lookup, result);
      return new ShardFindings(counts[0], counts[1], misses);
    }
  }

  private Optional<GoldenMiss> miss(
      GoldenKey golden, KeyBatch batch, BatchLookup lookup, LookupResult result) {
    List<@Nullable ShardChain> chains = new ArrayList<>(Collections.nCopies(shardCount, null));
    chains.set(shard, chain);
    fill(batch, List.of(golden.key()));
    batch.route(shardCount);
    result.reset(1);
    lookup.lookup(batch, chains, readTimeSeconds, result);
    return switch (result.state(0)) {
      case LookupResult.FOUND -> golden.miss(shown(result));
      case LookupResult.ABSENT -> golden.miss((byte @Nullable []) null);
      default -> Optional.of(golden.miss("what cannot be read: " + result.failure(0)));
    };
  }

  /** What reads show of the value that was found. */
  private byte[] shown(LookupResult result) {
    if (schema == null) {
      return result.value(0).toArray(ValueLayout.JAVA_BYTE);
    }
    RowView row =
        new RowView(schema).wrap(NativeRowBytes.ALL, result.valueAddress(0), result.length(0));
    return RowJson.of(row).getBytes(StandardCharsets.UTF_8);
  }

  /** How many keys were looked up in the version before, and how many of them were found. */
  private int[] compare(KeyBatch batch, BatchLookup lookup, LookupResult result) {
    int[] counts = new int[2];
    List<byte[]> sample = before.isEmpty() ? List.of() : chain.sampleKeys(SAMPLED_KEYS);
    for (int from = 0; from < sample.size(); from += BATCH_KEYS) {
      fill(batch, sample.subList(from, Math.min(sample.size(), from + BATCH_KEYS)));
      batch.route(before.size());
      result.reset(batch.count());
      lookup.lookup(batch, before, readTimeSeconds, result);
      for (int key = 0; key < batch.count(); key++) {
        boolean isFound = result.state(key) == LookupResult.FOUND;
        counts[0] += isFound || result.state(key) == LookupResult.ABSENT ? 1 : 0;
        counts[1] += isFound ? 1 : 0;
      }
    }
    return counts;
  }

  private static void fill(KeyBatch batch, List<byte[]> keys) {
    int length = keys.stream().mapToInt(key -> key.length).sum();
    byte[] bytes = new byte[length];
    batch.reset(MemorySegment.ofArray(bytes));
    int offset = 0;
    for (byte[] key : keys) {
      System.arraycopy(key, 0, bytes, offset, key.length);
      batch.add(offset, key.length);
      offset += key.length;
    }
  }
}
