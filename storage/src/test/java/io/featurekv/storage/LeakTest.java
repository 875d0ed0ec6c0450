package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeakTest {
  @TempDir Path directory;

  private final long allocatedBefore = VirtualMemory.allocatedBytes();

  @Test
  void closingGivesEveryMapAndHandleBack() throws IOException {
    SortedMap<byte[], byte[]> table = TestShards.randomTable(TestShards.seeded(), 500);
    TableKind[] kinds = TableKind.values();
    for (TableKind kind : kinds) {
      TestShards.build(pathOf(kind), TestShards.spec(kind, UpdateMode.FULL), table);
    }
    List<byte[]> keys = table.keySet().stream().limit(10).toList();
    for (int i = 0; i < 1000; i++) {
      TableKind kind = kinds[i % kinds.length];
      Path target = pathOf(kind);
      try (OpenShardFile file = ShardFiles.open(target, TestShards.spec(kind, UpdateMode.FULL));
          ShardChain chain = ShardChain.of(List.of(file))) {
        TestShards.assertReads(chain, table, keys);
        if (i % 50 == 0) {
          file.probe();
          assertThat(mapsOf(directory).isEmpty()).isEqualTo(kind == TableKind.MEM);
          assertThat(VirtualMemory.allocatedBytes()).isGreaterThan(allocatedBefore);
        }
      }
      ShardFiles.inspect(target);
    }
    assertNothingLeft();
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void failedOpeningsAndBuildsLeaveNothing(TableKind kind) throws IOException {
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL);
    ShardFileSpec other = TestShards.spec(kind, UpdateMode.FULL, 2);
    Path target = directory.resolve("shard.mdb");
    SortedMap<byte[], byte[]> table = TestShards.randomTable(TestShards.seeded(), 100);
    for (int i = 0; i < 50; i++) {
      TestShards.build(target, spec, table);
      assertThatThrownBy(() -> ShardFiles.open(target, other))
          .isInstanceOf(FeatureKvException.class);
      ShardFiles.create(directory.resolve("abandoned.mdb"), spec, ShardBuildOptions.DEFAULT)
          .close();
    }
    assertNothingLeft();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(target);
    }
  }

  private Path pathOf(TableKind kind) {
    return directory.resolve(kind.word() + ".mdb");
  }

  private void assertNothingLeft() throws IOException {
    assertThat(mapsOf(directory)).isEmpty();
    assertThat(handlesOf(directory)).isEmpty();
    assertThat(VirtualMemory.allocatedBytes()).isEqualTo(allocatedBefore);
  }

  private static List<String> mapsOf(Path directory) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains(directory.toString())).toList();
    }
  }

  private static List<String> handlesOf(Path directory) throws IOException {
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      return handles
          .map(LeakTest::targetOf)
          .filter(name -> name.startsWith(directory.toString()))
          .toList();
    }
  }

  private static String targetOf(Path handle) {
    try {
      return Files.readSymbolicLink(handle).toString();
    } catch (IOException e) {
      // The handle of the listing itself is gone by now.
      return "";
    }
  }
}
