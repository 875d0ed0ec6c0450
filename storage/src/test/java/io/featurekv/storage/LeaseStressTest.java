package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

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
