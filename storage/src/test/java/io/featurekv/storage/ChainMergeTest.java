package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChainMergeTest {
  private static final int LAST_EXPIRY = 4000;
  private static final long[] READ_TIMES = {0, 1, 1000, 2500, LAST_EXPIRY, 0xFFFF_FFFEL};

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void mergedFileReadsAsTheChainAtAnyTime(TableKind kind) {
    Random random = TestShards.seeded();
    for (int depth = 1; depth <= 5; depth++) {
      try (ModelChain model =
          ModelChain.random(directory, kind, random, 2500, depth, LAST_EXPIRY)) {
        SortedMap<byte[], ModelChain.Item> latest = model.latest();
        latest.values().removeIf(item -> item.value() == null);
        SealedShardFile sealed = merge(model, kind, "merged.mdb", 0, ChainMergeTest::noPace);
        assertThat(sealed.manifest().entries()).isEqualTo(latest.size());
        assertThat(sealed.manifest().tombstones()).isZero();
        try (OpenShardFile merged = ShardFiles.open(sealed.path(), sealed.spec());
            ShardChain one = ShardChain.of(List.of(merged));
            ShardChain chain = model.chain()) {
          merged.probe();
          ShardFiles.verifyEntries(merged, sealed.manifest(), ChainMergeTest::noPace);
          assertThat(ShardFiles.entriesChecksum(merged, ChainMergeTest::noPace))
              .isEqualTo(ModelChain.totals(latest));
          for (long readTime : READ_TIMES) {
            assertReadsAlike(one, chain, model, readTime, random);
            if (kind != TableKind.MEM) {
              assertScansAlike(one, chain, model.at(readTime), readTime);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void dropsWhatExpiredBeforeATimeAndNothingElse(TableKind kind) {
    Random random = TestShards.seeded();
    try (ModelChain model = ModelChain.random(directory, kind, random, 2000, 3, LAST_EXPIRY)) {
      SortedMap<byte[], ModelChain.Item> expected = model.latest();
      expected
          .values()
          .removeIf(
              item ->
                  item.value() == null
                      || (item.expiry() != 0 && Integer.toUnsignedLong(item.expiry()) < 2000));
      SealedShardFile sealed = merge(model, kind, "merged.mdb", 2000, ChainMergeTest::noPace);
      assertThat(sealed.manifest().entries()).isEqualTo(expected.size());
      assertThat(expected.size()).isLessThan(model.at(0).size());
      try (OpenShardFile merged = ShardFiles.open(sealed.path(), sealed.spec());
          EntryCursor cursor = merged.reader().cursor()) {
        boolean has = cursor.first();
        for (byte[] key : TestShards.ordered(kind, expected.keySet())) {
          assertThat(has).isTrue();
          assertThat(
                  NativeMemory.segment(cursor.keyAddress(), cursor.keyLength())
                      .mismatch(MemorySegment.ofArray(key)))
              .isEqualTo(-1);
          assertThat(cursor.expirySeconds()).isEqualTo(expected.get(key).expiry());
          has = cursor.next();
        }
        assertThat(has).isFalse();
      }
    }
  }

  /** As a file that was built from the same entries at once. */
  @ParameterizedTest
  @EnumSource(TableKind.class)
  void mergedFileEqualsOneBuiltFromTheSameEntries(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    try (ModelChain model = ModelChain.random(directory, kind, random, 3000, 3, LAST_EXPIRY)) {
      SortedMap<byte[], ModelChain.Item> latest = model.latest();
      latest.values().removeIf(item -> item.value() == null);
      SealedShardFile first = merge(model, kind, "first.mdb", 0, ChainMergeTest::noPace);
      SealedShardFile second = merge(model, kind, "second.mdb", 0, ChainMergeTest::noPace);
      Path built = directory.resolve("built.mdb");
      ModelChain.write(built, first.spec(), latest, ShardBuildOptions.forEntries(1000));
      assertThat(Files.mismatch(first.path(), second.path())).isEqualTo(-1);
      assertThat(Files.mismatch(first.path(), built)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void paceHearsOfTheBytesThatAreRead(TableKind kind) {
    try (ModelChain model = largeChain(kind)) {
      List<Integer> told = new ArrayList<>();
      merge(model, kind, "merged.mdb", 0, told::add);
      long bytes =
          model.latest().entrySet().stream()
              .mapToLong(
                  entry ->
                      entry.getKey().length
                          + (entry.getValue().value() == null
                              ? 0
                              : entry.getValue().value().length))
              .sum();
      assertThat(told).hasSizeGreaterThan(3).allMatch(part -> part > 0);
      assertThat(told.stream().mapToLong(Integer::longValue).sum())
          .isBetween(bytes - (256 << 10), bytes);
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void mergeThatThePaceEndsLeavesNothingBehind(TableKind kind) throws IOException {
    try (ModelChain model = largeChain(kind)) {
      long before = VirtualMemory.allocatedBytes();
      List<Path> files = list();
      RuntimeException end = new IllegalStateException("enough");
      assertThatThrownBy(
              () ->
                  merge(
                      model,
                      kind,
                      "merged.mdb",
                      0,
                      bytes -> {
                        throw end;
                      }))
          .isSameAs(end);
      assertThat(list()).containsExactlyInAnyOrderElementsOf(files);
      assertThat(VirtualMemory.allocatedBytes()).isEqualTo(before);
      // The chain is as good as before.
      try (ShardChain chain = model.chain()) {
        TestShards.assertReads(chain, model.at(0), model.at(0).keySet());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void mergesAChainOfWhichNothingIsLeft(TableKind kind) {
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    SortedMap<byte[], ModelChain.Item> none = ModelChain.noItems();
    for (int i = 0; i < 50; i++) {
      items.put(TestShards.bytes("key" + i), ModelChain.Item.of(new byte[i]));
      none.put(TestShards.bytes("key" + i), ModelChain.Item.TOMBSTONE);
    }
    try (ModelChain model = new ModelChain(directory, kind).add(items).add(none)) {
      SealedShardFile sealed = merge(model, kind, "merged.mdb", 0, ChainMergeTest::noPace);
      assertThat(sealed.manifest().entries()).isZero();
      try (OpenShardFile merged = ShardFiles.open(sealed.path(), sealed.spec());
          ShardChain chain = ShardChain.of(List.of(merged))) {
        TestShards.assertReads(chain, TestShards.emptyTable(), items.keySet());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "BLK")
  void mergedFileKeepsTheDictionaryOfTheFullFile(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.randomTable(random, 4000);
    ShardBuildOptions options = TestShards.options(kind, table);
    assertThat(options.dictionary()).isNotNull();
    try (ModelChain model = new ModelChain(directory, kind).add(ModelChain.items(table), options)) {
      model.add(model.increment(random, 100, LAST_EXPIRY));
      SealedShardFile sealed = merge(model, kind, "merged.mdb", 0, ChainMergeTest::noPace);
      try (OpenShardFile merged = ShardFiles.open(sealed.path(), sealed.spec());
          ShardChain chain = ShardChain.of(List.of(merged))) {
        assertThat(merged.reader().builtWith(0).dictionary()).isEqualTo(options.dictionary());
        assertThat(merged.reader().builtWith(0).blockEntries()).isEqualTo(options.blockEntries());
        TestShards.assertReads(chain, model.at(0), random);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDX", "BLK"})
  void damagedChainGivesCorruptAndLeavesNothingBehind(TableKind kind) throws IOException {
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    Random random = TestShards.seeded();
    for (int i = 0; i < 2000; i++) {
      items.put(
          TestShards.bytes("key%05d".formatted(i)),
          ModelChain.Item.of(TestShards.random(random, 100)));
    }
    Path path = directory.resolve("good.mdb");
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL, 1);
    ModelChain.write(path, spec, items, ShardBuildOptions.DEFAULT);
    byte[] bytes = Files.readAllBytes(path);
    // Headers of leaf pages, and of blocks: both lie behind the two meta pages.
    Arrays.fill(bytes, 20 * 4096, 21 * 4096, (byte) 0xA5);
    Path damaged = Files.write(directory.resolve("damaged.mdb"), bytes);
    try (OpenShardFile file = ShardFiles.open(damaged, spec)) {
      long before = VirtualMemory.allocatedBytes();
      List<Path> files = list();
      assertThatThrownBy(
              () ->
                  ShardFiles.merge(
                      List.of(file),
                      directory.resolve("merged.mdb"),
                      spec,
                      ShardBuildOptions.DEFAULT,
                      0,
                      ChainMergeTest::noPace))
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
      assertThat(list()).containsExactlyInAnyOrderElementsOf(files);
      assertThat(VirtualMemory.allocatedBytes()).isEqualTo(before);
    }
  }

  private static void noPace(int bytes) {}

  private ModelChain largeChain(TableKind kind) {
    SortedMap<byte[], ModelChain.Item> items = ModelChain.noItems();
    SortedMap<byte[], ModelChain.Item> newer = ModelChain.noItems();
    for (int i = 0; i < 3000; i++) {
      byte[] key = TestShards.bytes("key%05d".formatted(i));
      items.put(key, ModelChain.Item.of(new byte[700]));
      if (i % 3 == 0) {
        newer.put(key, i % 2 == 0 ? ModelChain.Item.TOMBSTONE : ModelChain.Item.of(new byte[900]));
      }
    }
    return new ModelChain(directory, kind).add(items).add(newer);
  }

  private SealedShardFile merge(
      ModelChain model, TableKind kind, String name, long dropBefore, IntConsumer pace) {
    return ShardFiles.merge(
        model.newestFirst(),
        directory.resolve(name),
        TestShards.spec(kind, UpdateMode.FULL, model.newestFirst().size()),
        ShardBuildOptions.forEntries(1000),
        dropBefore,
        pace);
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static void assertReadsAlike(
      ShardChain merged, ShardChain chain, ModelChain model, long readTime, Random random) {
    List<byte[]> keys = new ArrayList<>(model.latest().keySet());
    random.ints(200, 1, 30).forEach(length -> keys.add(TestShards.random(random, length)));
    SortedMap<byte[], byte[]> expected = model.at(readTime);
    KeyBatch batch = TestShards.batchOf(keys);
    try (LookupResult left = new LookupResult(keys.size());
        LookupResult right = new LookupResult(keys.size())) {
      TestShards.lookup(merged, batch, readTime, left);
      TestShards.lookup(chain, batch, readTime, right);
      for (int key = 0; key < keys.size(); key++) {
        byte[] value = expected.get(keys.get(key));
        assertThat(left.state(key))
            .isEqualTo(value == null ? LookupResult.ABSENT : LookupResult.FOUND)
            .isEqualTo(right.state(key));
        if (value != null) {
          assertThat(TestShards.value(left, key)).isEqualTo(value);
          assertThat(left.value(key).mismatch(right.value(key))).isEqualTo(-1);
        }
      }
    }
  }

  private static void assertScansAlike(
      ShardChain merged, ShardChain chain, SortedMap<byte[], byte[]> expected, long readTime) {
    ModelChain.assertSame(
        ModelChain.scanAll(merged, null, true, null, 100, 1 << 20, readTime), expected);
    ModelChain.assertSame(
        ModelChain.scanAll(chain, null, true, null, 170, 9000, readTime), expected);
  }
}
