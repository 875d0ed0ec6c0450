package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

  @Test
  void whatOpenTablesKeepIsToldApartFromOtherMemory() throws IOException {
    long tablesBefore = VirtualMemory.tableBytes();
    SortedMap<byte[], byte[]> table = TestShards.randomTable(TestShards.seeded(), 500);
    for (TableKind kind : TableKind.values()) {
      TestShards.build(pathOf(kind), TestShards.spec(kind, UpdateMode.FULL), table);
      assertThat(VirtualMemory.tableBytes())
          .as("building counts for no table")
          .isEqualTo(tablesBefore);
      try (VirtualMemory other = VirtualMemory.allocate(1 << 20);
          OpenShardFile file =
              ShardFiles.open(pathOf(kind), TestShards.spec(kind, UpdateMode.FULL))) {
        assertThat(other.sizeBytes()).isEqualTo(1 << 20);
        assertThat(VirtualMemory.tableBytes() - tablesBefore)
            .isEqualTo(file.residentBytes())
            .isPositive();
      }
      assertThat(VirtualMemory.tableBytes()).isEqualTo(tablesBefore);
    }
  }

  /** A node's life: an increment comes, the chain is read, scanned, merged and swapped. */
  @ParameterizedTest
  @EnumSource(TableKind.class)
  void swappingAndMergingChainsGivesEverythingBack(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    ModelChain files = ModelChain.random(directory, kind, random, 300, 3, 4000);
    List<byte[]> keys = files.latest().keySet().stream().limit(20).toList();
    SortedMap<byte[], byte[]> table = files.at(0);
    files.close();
    List<Path> paths = files.paths();
    long afterOpening = -1;
    for (int i = 0; i < 100; i++) {
      List<OpenShardFile> newestFirst = new ArrayList<>();
      for (int version = 1; version <= paths.size(); version++) {
        newestFirst.addFirst(ShardFiles.open(paths.get(version - 1), files.spec(version)));
      }
      ShardChain old = ShardChain.of(newestFirst.subList(2, 3));
      ShardChain chain = ShardChain.of(newestFirst);
      assertThat(old.tryAcquire()).isTrue();
      old.close();
      TestShards.assertReads(chain, table, keys);
      if (kind != TableKind.MEM) {
        assertThat(chain.scan(null, true, null, 5, 1 << 20, 0).entries()).hasSize(5);
      }
      try (EntryCursor cursor = newestFirst.getFirst().reader().cursor()) {
        assertThat(cursor.first()).isTrue();
        assertThat(cursor.next()).isTrue();
      }
      long open = VirtualMemory.allocatedBytes();
      assertThat(afterOpening < 0 || afterOpening == open).isTrue();
      afterOpening = open;
      mergeAndRead(newestFirst, kind, table, keys, i);
      old.release();
      chain.close();
      newestFirst.forEach(OpenShardFile::close);
      assertThat(VirtualMemory.allocatedBytes()).isEqualTo(allocatedBefore);
    }
    assertNothingLeft();
  }

  private void mergeAndRead(
      List<OpenShardFile> newestFirst,
      TableKind kind,
      SortedMap<byte[], byte[]> table,
      List<byte[]> keys,
      int round) {
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL, newestFirst.size());
    Path target = directory.resolve("merged.mdb");
    if (round % 2 == 0) {
      ShardFiles.merge(newestFirst, target, spec, ShardBuildOptions.DEFAULT, 0, bytes -> {});
    }
    try (OpenShardFile merged = ShardFiles.open(target, spec);
        ShardChain chain = ShardChain.of(List.of(merged))) {
      TestShards.assertReads(chain, table, keys);
    }
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
