package io.featurekv.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.KeyHash;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds shard files from maps and reads them back; a null value is a tombstone. */
final class TestShards {
  private TestShards() {}

  static SortedMap<byte[], byte[]> emptyTable() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  static ShardFileSpec spec(TableKind kind, UpdateMode mode) {
    return spec(kind, mode, 1);
  }

  static ShardFileSpec spec(TableKind kind, UpdateMode mode, long version) {
    return new ShardFileSpec(new ShardFileId("items", version, 3), 8, kind, mode);
  }

  static SealedShardFile build(Path target, ShardFileSpec spec, Map<byte[], byte[]> table) {
    return build(target, spec, table, options(spec.kind(), table));
  }

  static SealedShardFile build(
      Path target, ShardFileSpec spec, Map<byte[], byte[]> table, ShardBuildOptions options) {
    try (ShardWriter writer = ShardFiles.create(target, spec, options)) {
      for (byte[] key : ordered(spec.kind(), table.keySet())) {
        byte[] value = table.get(key);
        if (value == null) {
          writer.delete(key, 0, key.length);
        } else {
          writer.put(key, 0, key.length, value, 0, value.length);
        }
      }
      return writer.seal();
    }
  }

  /** As a loader would choose them. */
  static ShardBuildOptions options(TableKind kind, Map<byte[], byte[]> table) {
    byte[] dictionary = null;
    if (kind == TableKind.BLK) {
      dictionary =
          BlockDictionary.train(
              table.values().stream()
                  .filter(value -> value != null && value.length < 10_000)
                  .limit(20_000)
                  .toList());
    }
    return new ShardBuildOptions(table.size(), ShardBuildOptions.DEFAULT_BLOCK_ENTRIES, dictionary);
  }

  /** Keys in the order that the writer of a kind takes. */
  static List<byte[]> ordered(TableKind kind, Collection<byte[]> keys) {
    Comparator<byte[]> order = Arrays::compareUnsigned;
    if (EntryOrder.of(kind) == EntryOrder.BY_HASH) {
      Comparator<byte[]> byHash = (a, b) -> Long.compareUnsigned(KeyHash.of(a), KeyHash.of(b));
      order = byHash.thenComparing(order);
    }
    return keys.stream().sorted(order).toList();
  }

  /** Looks a batch up in one chain. */
  static void lookup(ShardChain chain, KeyBatch batch, LookupResult result) {
    lookup(chain, batch, 0, result);
  }

  static void lookup(ShardChain chain, KeyBatch batch, long readTime, LookupResult result) {
    batch.route(1);
    result.reset(batch.count());
    new BatchLookup(batch.count()).lookup(batch, List.of(chain), readTime, result);
  }

  /** A source of chance whose seed stands in the test's output. */
  static Random seeded() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("seed " + seed + " (repeat with -Dtest.seed=" + seed + ")");
    return new Random(seed);
  }

  /** Keys of all lengths, values of up to some pages. */
  static SortedMap<byte[], byte[]> randomTable(Random random, int puts) {
    SortedMap<byte[], byte[]> table = emptyTable();
    for (int i = 0; i < puts; i++) {
      table.put(
          random(random, 1 + random.nextInt(i % 10 == 0 ? 500 : 24)),
          record(random, i % 50 == 0 ? random.nextInt(6000) : random.nextInt(200)));
    }
    return table;
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A value that compresses about as well as records do. */
  static byte[] record(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append("{\"price\":").append(random.nextInt(1000)).append(",\"name\":\"item\"}");
    }
    return bytes(text.substring(0, length));
  }

  /** Holds the answers for every key of a table and for some others against the table. */
  static void assertReads(ShardChain chain, SortedMap<byte[], byte[]> table, Random random) {
    assertReads(chain, table, table.keySet());
    assertReads(
        chain, table, random.ints(300, 1, 60).mapToObj(length -> random(random, length)).toList());
    assertReads(
        chain,
        table,
        table.keySet().stream()
            .limit(500)
            .map(key -> Arrays.copyOf(key, key.length + 1))
            .filter(key -> key.length <= 500)
            .toList());
  }

  static void assertReads(
      ShardChain chain, SortedMap<byte[], byte[]> table, Collection<byte[]> keys) {
    List<byte[]> all = List.copyOf(keys);
    try (LookupResult result = new LookupResult(1000)) {
      for (int from = 0; from < all.size(); from += 1000) {
        assertBatch(chain, table, all.subList(from, Math.min(all.size(), from + 1000)), result);
      }
    }
  }

  private static void assertBatch(
      ShardChain chain, SortedMap<byte[], byte[]> table, List<byte[]> keys, LookupResult result) {
    List<byte[]> open = keys;
    while (!open.isEmpty()) {
      KeyBatch batch = batchOf(open);
      assertThat(chain.tryAcquire()).isTrue();
      lookup(chain, batch, result);
      List<byte[]> deferred = new ArrayList<>();
      for (int key = 0; key < open.size(); key++) {
        assertAnswer(table.get(open.get(key)), result, key);
        if (result.state(key) == LookupResult.DEFERRED) {
          deferred.add(open.get(key));
        }
      }
      chain.release();
      assertThat(deferred.size()).isLessThan(open.size());
      open = deferred;
    }
  }

  private static void assertAnswer(byte[] expected, LookupResult result, int key) {
    if (result.state(key) == LookupResult.DEFERRED) {
      return;
    }
    assertThat(result.failure(key)).isNull();
    if (expected == null) {
      assertThat(result.state(key)).isEqualTo(LookupResult.ABSENT);
    } else {
      assertThat(result.state(key)).isEqualTo(LookupResult.FOUND);
      assertThat(value(result, key)).isEqualTo(expected);
    }
  }

  static byte[] value(LookupResult result, int key) {
    return result.value(key).toArray(ValueLayout.JAVA_BYTE);
  }

  static KeyBatch batchOf(List<byte[]> keys) {
    byte[] all = new byte[keys.stream().mapToInt(key -> key.length).sum()];
    KeyBatch batch = new KeyBatch(keys.size());
    batch.reset(MemorySegment.ofArray(all));
    int at = 0;
    for (byte[] key : keys) {
      System.arraycopy(key, 0, all, at, key.length);
      batch.add(at, key.length);
      at += key.length;
    }
    return batch;
  }
}
