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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads files of format version 1 as they were written once. They are never written again: a new
 * format version gets files beside them, written by {@link #main}.
 */
class GoldenFileTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void stillReadsFormatVersion1(TableKind kind) throws IOException {
    Path file = directory.resolve("golden.mdb");
    String name = nameOf(kind, 1);
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

  private static String nameOf(TableKind kind, int formatVersion) {
    return "shard-" + kind.word() + "-v" + formatVersion + ".mdb";
  }

  /** Writes one file of each kind, in the present format version, into the directory given. */
  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    Arrays.stream(TableKind.values())
        .forEach(
            kind ->
                TestShards.build(
                    directory.resolve(nameOf(kind, ShardFileFormat.CURRENT_VERSION)),
                    TestShards.spec(kind, UpdateMode.INCREMENTAL, 7),
                    table()));
  }
}
