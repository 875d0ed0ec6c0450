package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsWhatWasWritten(TableKind kind) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 20_000; i++) {
      table.put(
          TestShards.random(random, 1 + random.nextInt(i % 10 == 0 ? 500 : 24)),
          TestShards.record(random, i % 50 == 0 ? random.nextInt(6000) : random.nextInt(200)));
    }
    assertRoundTrip(kind, table, random);
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsAnEmptyShard(TableKind kind) {
    assertRoundTrip(kind, TestShards.emptyTable(), new Random(1));
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsASingleEntry(TableKind kind) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(new byte[] {0}, new byte[0]);
    assertRoundTrip(kind, table, new Random(1));
  }

  private void assertRoundTrip(TableKind kind, SortedMap<byte[], byte[]> table, Random random) {
    Path target = directory.resolve("shard.mdb");
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL);
    SealedShardFile sealed = TestShards.build(target, spec, table);
    assertThat(sealed.manifest().entries()).isEqualTo(table.size());
    ShardFiles.verify(target, sealed.manifest(), sealed.pieces());
    assertThat(ShardFiles.inspect(target).entries()).isEqualTo(table.size());
    assertThat(Files.isWritable(target) && !"root".equals(System.getProperty("user.name")))
        .isFalse();
    try (OpenShardFile file = ShardFiles.open(target, spec);
        ShardChain chain = ShardChain.of(List.of(file))) {
      file.probe();
      assertThat(file.info().valueBytes())
          .isEqualTo(table.values().stream().mapToLong(value -> value.length).sum());
      TestShards.assertReads(chain, table, random);
    }
  }
}
