package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ShardFileSizeTest {
  private static final int KEY_BYTES = 16;

  /** What a file takes however few entries it has, and how much more than it takes may be said. */
  private static final int FEW_PAGES = 16 * 4096;

  private static final double AT_MOST = 1.1;

  @TempDir Path directory;

  static Stream<Arguments> shapes() {
    return Stream.of(TableKind.values())
        .flatMap(
            kind -> Stream.of(8, 100, 400, 2500, 9000).map(bytes -> Arguments.of(kind, bytes)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void holdsForFilesOfRandomValuesAndIsNotFarAbove(TableKind kind, int valueBytes)
      throws IOException {
    Random random = TestShards.seeded();
    int entries = 8_000_000 / (KEY_BYTES + valueBytes + 300);
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < entries; i++) {
      table.put(TestShards.random(random, KEY_BYTES), TestShards.random(random, valueBytes));
    }
    Path target = directory.resolve("shard.mdb");
    TestShards.build(
        target,
        TestShards.spec(kind, UpdateMode.FULL),
        table,
        ShardBuildOptions.forEntries(table.size()));
    long most = ShardFileSize.mostBytes(kind, entries, KEY_BYTES, valueBytes);
    assertThat(Files.size(target)).isLessThanOrEqualTo(most + FEW_PAGES);
    assertThat((double) most).isLessThan(AT_MOST * Files.size(target));
  }
}
