package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Reads files of every format version as they were written once. They are never written again: a
 * new format version gets files beside them, written by {@link #main}.
 */
class GoldenFileTest {
  private static final int EXPIRY = 1_800_000_000;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void stillReadsFormatVersion1(TableKind kind) throws IOException {
    Path file = directory.resolve("golden.mdb");
    String name = nameOf(kind);
    try (InputStream golden = GoldenFileTest.class.getResourceAsStream("/" + name)) {
      assertThat(golden).as(name).isNotNull();
      Files.copy(golden, file);
    }
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.INCREMENTAL, 7);
    SortedMap<byte[], byte[]> table = table();
    assertThat(ShardFiles.inspect(file).info().entries()).isEqualTo(180);
    assertThat(ShardFiles.inspect(file).info().tombstones()).isEqualTo(20);
    try (OpenShardFile open = ShardFiles.open(file, spec);
        ShardChain chain = ShardChain.of(List.of(open))) {
      open.probe();
      TestShards.assertReads(chain, table, table.keySet());
    }
  }

  static Stream<Golden> filesOfFormatVersion2() {
    return golden().stream();
  }

  @ParameterizedTest
  @MethodSource("filesOfFormatVersion2")
  void stillReadsFormatVersion2(Golden golden) throws IOException {
    Path file = copied(golden.name());
    assertReads(golden, file);
    assertThat(ShardFiles.inspect(file).info().entriesChecksum()).isPresent();
  }

  /** The first files of format 2 did not say the checksum of their entries. */
  @ParameterizedTest
  @MethodSource("filesOfFormatVersion2")
  void stillReadsFormatVersion2WithoutAChecksumOfEntries(Golden golden) throws IOException {
    Path file = copied(golden.nameWithoutSum());
    assertReads(golden, file);
    assertThat(ShardFiles.inspect(file).info().entriesChecksum()).isEmpty();
  }

  private Path copied(String name) throws IOException {
    Path file = directory.resolve("golden.mdb");
    try (InputStream bytes = GoldenFileTest.class.getResourceAsStream("/" + name)) {
      assertThat(bytes).as(name).isNotNull();
      Files.copy(bytes, file);
    }
    return file;
  }

  private static void assertReads(Golden golden, Path file) throws IOException {
    SortedMap<byte[], ModelChain.Item> items = golden.items();
    ShardFileInspection inspection = ShardFiles.inspect(file);
    assertThat(inspection.info().formatVersion()).isEqualTo(2);
    assertThat(inspection.info().tombstones()).isPositive();
    assertThat(inspection.parts().layout()).isEqualTo(golden.layout());
    LmdbAgreement.assertAgrees(file, inspection.info(), items);
    assertThat(ShardFiles.entriesChecksum(file, golden.spec(), bytes -> {}))
        .isEqualTo(ModelChain.totals(items));
    try (OpenShardFile open = ShardFiles.open(file, golden.spec());
        ShardChain chain = ShardChain.of(List.of(open));
        LookupResult result = new LookupResult(items.size())) {
      open.probe();
      List<byte[]> keys = List.copyOf(items.keySet());
      for (long readTime : new long[] {0, EXPIRY - 1, EXPIRY}) {
        TestShards.lookup(chain, TestShards.batchOf(keys), readTime, result);
        for (int key = 0; key < keys.size(); key++) {
          ModelChain.Item item = items.get(keys.get(key));
          if (item.isThere(readTime)) {
            assertThat(TestShards.value(result, key)).isEqualTo(item.value());
          } else {
            assertThat(result.state(key)).isEqualTo(LookupResult.ABSENT);
          }
        }
      }
    }
  }

  /** Other bytes need a new format version, or a reason: a new zstd may compress otherwise. */
  @ParameterizedTest
  @MethodSource("filesOfFormatVersion2")
  void stillWritesTheSameBytes(Golden golden) throws IOException {
    Path file = directory.resolve(golden.name());
    golden.write(file);
    try (InputStream bytes = GoldenFileTest.class.getResourceAsStream("/" + golden.name())) {
      assertThat(bytes).as(golden.name()).isNotNull();
      assertThat(Arrays.equals(Files.readAllBytes(file), bytes.readAllBytes())).isTrue();
    }
  }

  /** A file of format version 2, and what is in it. */
  record Golden(TableKind kind, String what, String layout) {
    String name() {
      return "shard-" + kind.word() + what + "-v2-summed.mdb";
    }

    String nameWithoutSum() {
      return "shard-" + kind.word() + what + "-v2.mdb";
    }

    ShardFileSpec spec() {
      return TestShards.spec(kind, UpdateMode.INCREMENTAL, 7);
    }

    SortedMap<byte[], ModelChain.Item> items() {
      SortedMap<byte[], ModelChain.Item> items = ModelChain.items(table());
      if (what.equals("-fixed")) {
        Random random = new Random(43);
        for (int i = 0; i < 3000; i++) {
          items.put(TestShards.random(random, 8), ModelChain.Item.of(new byte[] {(byte) i, 1}));
        }
      }
      items.put(
          TestShards.bytes("golden:expires"),
          new ModelChain.Item(TestShards.bytes("until then"), EXPIRY));
      return items;
    }

    void write(Path file) {
      SortedMap<byte[], ModelChain.Item> items = items();
      ModelChain.write(file, spec(), items, ShardBuildOptions.forEntries(items.size()));
    }
  }

  private static List<Golden> golden() {
    return List.of(
        new Golden(TableKind.MEM, "-any", "buckets"),
        new Golden(TableKind.MEM, "-fixed", "perfect hash and buckets"),
        new Golden(TableKind.IDX, "", "ordered leaf pages"),
        new Golden(TableKind.BLK, "", "ordered blocks"));
  }

  /**
   * Two hundred records, each tenth a tombstone; java.util.Random is specified, so they never
   * change.
   */
  private static SortedMap<byte[], byte[]> table() {
    Random random = new Random(42);
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 200; i++) {
      table.put(
          TestShards.bytes("golden:" + i),
          i % 10 == 3 ? null : TestShards.record(random, 20 + i % 60));
    }
    return table;
  }

  private static String nameOf(TableKind kind) {
    return "shard-" + kind.word() + "-v1.mdb";
  }

  /** Writes the files of the present format version into the directory given. */
  public static void main(String[] arguments) {
    golden().forEach(golden -> golden.write(Path.of(arguments[0]).resolve(golden.name())));
  }
}
