package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardChainTest {
  private static final int INCREMENTS = 5;

  @TempDir Path directory;

  private final List<OpenShardFile> newestFirst = new ArrayList<>();

  @AfterEach
  void closeFiles() {
    newestFirst.forEach(OpenShardFile::close);
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void newestFileDecidesAboutEveryKey(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = openRandomChain(kind, random);
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      TestShards.assertReads(chain, table, random);
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void samplesKeysFromAllOverTheNewestFile(TableKind kind) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 5_000; i++) {
      table.put(TestShards.bytes("key-%05d".formatted(i)), TestShards.bytes("v" + i));
    }
    table.put(TestShards.bytes("key-0"), null);
    open(TestShards.spec(kind, UpdateMode.INCREMENTAL), table);
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      assertThat(chain.sampleKeys(10_000)).hasSize(5_000).doesNotHaveDuplicates();
      List<byte[]> some = chain.sampleKeys(200);
      assertThat(some).hasSizeBetween(100, 200).doesNotHaveDuplicates();
      int[] perThousand = new int[5];
      for (byte[] key : some) {
        assertThat(table.get(key)).isNotNull();
        perThousand[key[5] - '0']++;
      }
      assertThat(perThousand).as("keys of each thousand").doesNotContain(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDX", "BLK"})
  void scansTheChainInKeyOrder(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = openRandomChain(kind, random);
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      assertSameEntries(scanAll(chain, null, true, null, 7, 1 << 20), table);
      assertSameEntries(scanAll(chain, null, true, null, 1000, 500), table);
      List<byte[]> keys = List.copyOf(table.keySet());
      for (int i = 0; i < 50; i++) {
        byte[] from =
            i % 2 == 0
                ? keys.get(random.nextInt(keys.size()))
                : TestShards.random(random, 1 + random.nextInt(4));
        byte[] to = TestShards.random(random, 1 + random.nextInt(4));
        boolean inclusive = random.nextBoolean();
        assertSameEntries(
            scanAll(chain, from, inclusive, to, 1 + random.nextInt(50), 1 << 20),
            range(table, from, inclusive, to));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDX", "BLK"})
  void scansAPrefix(TableKind kind) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 300; i++) {
      table.put(TestShards.bytes("user:" + i), TestShards.bytes("u" + i));
      table.put(TestShards.bytes("usher:" + i), TestShards.bytes("s" + i));
    }
    open(TestShards.spec(kind, UpdateMode.FULL), table);
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      List<ScanPage.Entry> users =
          scanAll(chain, TestShards.bytes("user:"), true, TestShards.bytes("user;"), 64, 1 << 20);
      assertThat(users)
          .hasSize(300)
          .allSatisfy(
              e -> assertThat(new String(e.key(), StandardCharsets.UTF_8)).startsWith("user:"));
      assertThat(scanAll(chain, TestShards.bytes("v"), true, null, 64, 1 << 20)).isEmpty();
      assertThat(scanAll(chain, null, true, TestShards.bytes("a"), 64, 1 << 20)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDX", "BLK"})
  void saysMoreOnlyWhenAnEntryFollows(TableKind kind) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(TestShards.bytes("a"), TestShards.bytes("1"));
    table.put(TestShards.bytes("b"), TestShards.bytes("2"));
    SortedMap<byte[], byte[]> increment = TestShards.emptyTable();
    increment.put(TestShards.bytes("b"), null);
    increment.put(TestShards.bytes("c"), null);
    open(TestShards.spec(kind, UpdateMode.FULL, 1), table);
    open(TestShards.spec(kind, UpdateMode.INCREMENTAL, 2), increment);
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      ScanPage page = chain.scan(null, true, null, 1, 1 << 20, 0);
      assertThat(page.entries()).hasSize(1);
      assertThat(page.more()).isFalse();
    }
  }

  @Test
  void refusesToScanMem() {
    open(TestShards.spec(TableKind.MEM, UpdateMode.FULL), TestShards.emptyTable());
    try (ShardChain chain = ShardChain.of(newestFirst)) {
      assertThatThrownBy(() -> chain.scan(null, true, null, 10, 1000, 0))
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("'items' is of kind mem");
    }
  }

  @Test
  void leavesTheKeysOfShardsThatAreNotHereAlone() {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      keys.add(TestShards.bytes("key" + i));
      table.put(keys.get(i), keys.get(i));
    }
    open(TestShards.spec(TableKind.IDX, UpdateMode.FULL), table);
    KeyBatch batch = TestShards.batchOf(keys);
    batch.route(2);
    try (ShardChain chain = ShardChain.of(newestFirst);
        LookupResult result = new LookupResult(100)) {
      result.reset(100);
      new BatchLookup(100).lookup(batch, Arrays.asList(null, chain), 0, result);
      for (int key = 0; key < 100; key++) {
        assertThat(result.state(key))
            .isEqualTo(batch.shard(key) == 0 ? LookupResult.UNRESOLVED : LookupResult.FOUND);
      }
    }
  }

  @Test
  void defersKeysOnceTheScratchMemoryIsFull() {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      keys.add(TestShards.bytes("key" + i));
      table.put(keys.get(i), new byte[2 << 20]);
    }
    open(TestShards.spec(TableKind.BLK, UpdateMode.FULL), table);
    try (ShardChain chain = ShardChain.of(newestFirst);
        LookupResult result = new LookupResult(20)) {
      TestShards.lookup(chain, TestShards.batchOf(keys), result);
      assertThat(result.state(0)).isEqualTo(LookupResult.FOUND);
      assertThat(result.state(19)).isEqualTo(LookupResult.DEFERRED);
      TestShards.assertReads(chain, table, keys);
    }
  }

  @Test
  void closedChainGivesNoLeaseAndItsFilesLiveOnInOthers() {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(TestShards.bytes("a"), TestShards.bytes("1"));
    open(TestShards.spec(TableKind.IDX, UpdateMode.FULL), table);
    OpenShardFile file = newestFirst.getFirst();
    ShardChain first = ShardChain.of(newestFirst);
    ShardChain second = ShardChain.of(newestFirst);
    file.close();
    file.close();
    assertThat(first.tryAcquire()).isTrue();
    first.close();
    first.close();
    assertThat(first.tryAcquire()).isFalse();
    TestShards.assertReads(second, table, table.keySet());
    second.close();
    // The lease that was taken before still holds the map.
    assertThat(first.scan(null, true, null, 10, 1000, 0).entries()).hasSize(1);
    first.release();
    assertThatThrownBy(() -> ShardChain.of(newestFirst)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(first::release).isInstanceOf(IllegalStateException.class);
  }

  private SortedMap<byte[], byte[]> openRandomChain(TableKind kind, Random random) {
    SortedMap<byte[], byte[]> table = TestShards.randomTable(random, 4000);
    open(TestShards.spec(kind, UpdateMode.FULL, 1), table);
    for (int i = 1; i <= INCREMENTS; i++) {
      SortedMap<byte[], byte[]> increment = TestShards.randomTable(random, 300);
      for (byte[] key : List.copyOf(table.keySet())) {
        int chance = random.nextInt(10);
        if (chance == 0) {
          increment.put(key, null);
        } else if (chance == 1) {
          increment.put(key, TestShards.record(random, random.nextInt(300)));
        }
      }
      increment.put(TestShards.random(random, 40), null);
      open(TestShards.spec(kind, UpdateMode.INCREMENTAL, 1 + i), increment);
      increment.forEach(
          (key, value) -> {
            if (value == null) {
              table.remove(key);
            } else {
              table.put(key, value);
            }
          });
    }
    return table;
  }

  private void open(ShardFileSpec spec, SortedMap<byte[], byte[]> table) {
    Path target = directory.resolve(spec.id().version() + ".mdb");
    TestShards.build(target, spec, table);
    newestFirst.addFirst(ShardFiles.open(target, spec));
    newestFirst.getFirst().probe();
  }

  private static List<ScanPage.Entry> scanAll(
      ShardChain chain, byte[] from, boolean inclusive, byte[] to, int maxEntries, int maxBytes) {
    List<ScanPage.Entry> all = new ArrayList<>();
    ScanPage page = chain.scan(from, inclusive, to, maxEntries, maxBytes, 0);
    all.addAll(page.entries());
    while (page.more()) {
      assertThat(page.entries()).isNotEmpty().hasSizeLessThanOrEqualTo(maxEntries);
      page = chain.scan(all.getLast().key(), false, to, maxEntries, maxBytes, 0);
      all.addAll(page.entries());
    }
    return all;
  }

  private static SortedMap<byte[], byte[]> range(
      SortedMap<byte[], byte[]> table, byte[] from, boolean inclusive, byte[] to) {
    SortedMap<byte[], byte[]> range = TestShards.emptyTable();
    table.forEach(
        (key, value) -> {
          int order = Arrays.compareUnsigned(key, from);
          if ((order > 0 || (inclusive && order == 0)) && Arrays.compareUnsigned(key, to) < 0) {
            range.put(key, value);
          }
        });
    return range;
  }

  private static void assertSameEntries(
      List<ScanPage.Entry> found, SortedMap<byte[], byte[]> expected) {
    assertThat(found.stream().map(ScanPage.Entry::key).toList())
        .usingElementComparator(Arrays::compareUnsigned)
        .containsExactlyElementsOf(expected.keySet());
    assertThat(found.stream().map(ScanPage.Entry::value).toList())
        .usingElementComparator(Arrays::compareUnsigned)
        .containsExactlyElementsOf(expected.values());
  }
}
