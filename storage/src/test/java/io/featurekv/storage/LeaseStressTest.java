package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseStressTest {
  private static final int SWAPS = 400;
  private static final int READERS = 4;
  private static final int KEYS = 200;
  private static final int VERSIONS = 3;

  @TempDir Path directory;

  /** Every value names its version, so that a batch that saw two of them shows. */
  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readersNeverSeeAClosedOrAMixedChainWhileOwnersSwap(TableKind kind) throws Exception {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(TestShards.bytes("key-%05d".formatted(i)));
    }
    for (int version = 1; version <= VERSIONS; version++) {
      SortedMap<byte[], byte[]> table = TestShards.emptyTable();
      byte[] value = TestShards.bytes(("version " + version + " ").repeat(20));
      keys.forEach(key -> table.put(key, value));
      TestShards.build(pathOf(version), spec(kind, version), table);
    }
    AtomicReference<ShardChain> current = new AtomicReference<>(open(kind, 1, true));
    AtomicBoolean isDone = new AtomicBoolean();
    AtomicLong batches = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      List<Future<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(reader(keys, current, isDone, batches)));
      }
      try {
        for (int swap = 0; swap < SWAPS; swap++) {
          current.getAndSet(open(kind, 1 + swap % VERSIONS, swap % 10 == 0)).close();
        }
      } finally {
        isDone.set(true);
      }
      for (Future<Void> reader : readers) {
        reader.get();
      }
    }
    current.get().close();
    assertThat(batches.get()).isGreaterThan(SWAPS / 10);
    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(directory.toString());
  }

  /**
   * Two shards, each a chain whose full file lives on from swap to swap; one lookup over both sees
   * one version of each and never a file that is closed.
   */
  @ParameterizedTest
  @EnumSource(TableKind.class)
  void batchesOverSeveralShardsSeeWholeChainsThatShareFiles(TableKind kind) throws Exception {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(TestShards.bytes("key-%05d".formatted(i)));
    }
    for (int version = 1; version <= VERSIONS; version++) {
      SortedMap<byte[], byte[]> table = TestShards.emptyTable();
      byte[] value = TestShards.bytes(("version " + version + " ").repeat(20));
      keys.forEach(key -> table.put(key, value));
      // Of the full file only a part shows through the increments.
      keys.subList(0, version == 1 ? 0 : KEYS / 2).forEach(table::remove);
      TestShards.build(pathOf(version), chainSpec(kind, version), table);
    }
    List<AtomicReference<ShardChain>> current = new ArrayList<>();
    OpenShardFile full = ShardFiles.open(pathOf(1), chainSpec(kind, 1));
    current.add(new AtomicReference<>(withIncrement(kind, full, 2)));
    current.add(new AtomicReference<>(withIncrement(kind, full, 2)));
    AtomicBoolean isDone = new AtomicBoolean();
    AtomicLong batches = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      List<Future<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(shardsReader(keys, current, isDone, batches)));
      }
      try {
        for (int swap = 0; swap < SWAPS; swap++) {
          current
              .get(swap % 2)
              .getAndSet(withIncrement(kind, full, 2 + swap / 2 % (VERSIONS - 1)))
              .close();
        }
      } finally {
        isDone.set(true);
      }
      for (Future<Void> reader : readers) {
        reader.get();
      }
    }
    full.close();
    current.forEach(chain -> chain.get().close());
    assertThat(batches.get()).isPositive();
    assertThatThrownBy(full::retain).isInstanceOf(IllegalStateException.class);
    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(directory.toString());
  }

  private ShardChain withIncrement(TableKind kind, OpenShardFile full, int version) {
    try (OpenShardFile newer = ShardFiles.open(pathOf(version), chainSpec(kind, version))) {
      return ShardChain.of(List.of(newer, full));
    }
  }

  private static ShardFileSpec chainSpec(TableKind kind, int version) {
    return TestShards.spec(kind, version == 1 ? UpdateMode.FULL : UpdateMode.INCREMENTAL, version);
  }

  private static Callable<Void> shardsReader(
      List<byte[]> keys,
      List<AtomicReference<ShardChain>> current,
      AtomicBoolean isDone,
      AtomicLong batches) {
    KeyBatch batch = TestShards.batchOf(keys);
    batch.route(2);
    BatchLookup lookup = new BatchLookup(KEYS);
    return () -> {
      try (LookupResult result = new LookupResult(KEYS)) {
        while (!isDone.get()) {
          List<ShardChain> chains = current.stream().map(AtomicReference::get).toList();
          if (!chains.get(0).tryAcquire()) {
            continue;
          }
          if (!chains.get(1).tryAcquire()) {
            chains.get(0).release();
            continue;
          }
          try {
            result.reset(KEYS);
            lookup.lookup(batch, chains, 0, result);
            assertOneVersionPerShard(batch, result);
          } finally {
            chains.forEach(ShardChain::release);
          }
          batches.incrementAndGet();
        }
      }
      return null;
    };
  }

  private static void assertOneVersionPerShard(KeyBatch batch, LookupResult result) {
    byte[][] newest = new byte[2][];
    for (int key = 0; key < KEYS; key++) {
      byte[] value = TestShards.value(result, key);
      if (key < KEYS / 2) {
        assertThat(value).startsWith(TestShards.bytes("version 1 "));
      } else {
        int shard = batch.shard(key);
        newest[shard] = newest[shard] == null ? value : newest[shard];
        assertThat(value).isEqualTo(newest[shard]);
        assertThat(value).isNotEqualTo(TestShards.bytes("version 1 ".repeat(20)));
      }
    }
  }

  private static Callable<Void> reader(
      List<byte[]> keys,
      AtomicReference<ShardChain> current,
      AtomicBoolean isDone,
      AtomicLong batches) {
    KeyBatch batch = TestShards.batchOf(keys);
    return () -> {
      try (LookupResult result = new LookupResult(KEYS)) {
        while (!isDone.get()) {
          ShardChain chain = current.get();
          if (!chain.tryAcquire()) {
            continue;
          }
          try {
            TestShards.lookup(chain, batch, result);
            byte[] first = TestShards.value(result, 0);
            for (int key = 0; key < KEYS; key++) {
              assertThat(TestShards.value(result, key)).isEqualTo(first);
            }
          } finally {
            chain.release();
          }
          batches.incrementAndGet();
        }
      }
      return null;
    };
  }

  /** Probing lets LMDB itself onto the file that others read at the same time. */
  private ShardChain open(TableKind kind, int version, boolean isProbed) {
    try (OpenShardFile file = ShardFiles.open(pathOf(version), spec(kind, version))) {
      if (isProbed) {
        file.probe();
      }
      return ShardChain.of(List.of(file));
    }
  }

  private static ShardFileSpec spec(TableKind kind, int version) {
    return TestShards.spec(kind, UpdateMode.FULL, version);
  }

  private Path pathOf(int version) {
    return directory.resolve(version + ".mdb");
  }
}
