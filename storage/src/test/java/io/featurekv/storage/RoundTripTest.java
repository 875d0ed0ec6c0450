package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

class RoundTripTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsWhatWasWritten(TableKind kind) {
    Random random = TestShards.seeded();
    assertRoundTrip(kind, TestShards.randomTable(random, 20_000), random);
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsAnEmptyShard(TableKind kind) {
    assertRoundTrip(kind, TestShards.emptyTable(), new Random(1));
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsASingleEntryWithoutAValue(TableKind kind) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(new byte[] {0}, new byte[0]);
    assertRoundTrip(kind, table, new Random(1));
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsKeysOfEveryLengthWithEqualPrefixes(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int length = 1; length <= Limits.MAX_KEY_BYTES; length++) {
      table.put(TestShards.bytes("x".repeat(length)), TestShards.record(random, length));
      table.put(TestShards.bytes("x".repeat(length - 1) + "\u0000"), TestShards.random(random, 3));
      byte[] high = TestShards.bytes("x".repeat(length));
      high[length - 1] = (byte) 0xFF;
      table.put(high, new byte[0]);
    }
    for (int i = 0; i < 5000; i++) {
      table.put(TestShards.bytes("user:1234567890:%08d".formatted(i)), TestShards.bytes("v" + i));
    }
    assertRoundTrip(kind, table, random);
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void readsValuesUpToTheLargest(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    table.put(TestShards.bytes("a"), TestShards.bytes("small"));
    table.put(TestShards.bytes("b"), new byte[Limits.MAX_VALUE_BYTES]);
    table.put(TestShards.bytes("c"), TestShards.random(random, Limits.MAX_VALUE_BYTES));
    table.put(TestShards.bytes("d"), TestShards.bytes("small again"));
    for (int i = 0; i < 12; i++) {
      table.put(TestShards.bytes("e" + i), TestShards.record(random, 3 << 20));
    }
    // Around the sizes where LMDB begins to give a value pages of its own.
    for (int length = 1980; length < 2060; length++) {
      table.put(TestShards.bytes("f" + length), TestShards.random(random, length));
    }
    assertRoundTrip(kind, table, random);
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void equalEntriesGiveEqualFiles(TableKind kind) {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.randomTable(random, 60_000);
    table.put(TestShards.bytes("huge"), TestShards.random(random, 20 << 20));
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL);
    SealedShardFile first = TestShards.build(directory.resolve("first.mdb"), spec, table);
    SealedShardFile second = TestShards.build(directory.resolve("second.mdb"), spec, table);
    assertThat(second.pieces()).isEqualTo(first.pieces());
    assertThat(second.manifest()).isEqualTo(first.manifest());
  }

  @Test
  void lmdbItselfReadsTheSameEntries() {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.randomTable(random, 20_000);
    Path target = directory.resolve("shard.mdb");
    TestShards.build(target, TestShards.spec(TableKind.IDX, UpdateMode.FULL), table);
    try (Env<ByteBuffer> env =
            Env.create()
                .setMaxDbs(2)
                .open(
                    target.toFile(),
                    EnvFlags.MDB_RDONLY_ENV,
                    EnvFlags.MDB_NOSUBDIR,
                    EnvFlags.MDB_NOLOCK);
        Txn<ByteBuffer> txn = env.txnRead()) {
      Dbi<ByteBuffer> data = env.openDbi(txn, TestShards.bytes("data"), null, false);
      SortedMap<byte[], byte[]> found = TestShards.emptyTable();
      try (CursorIterable<ByteBuffer> entries = data.iterate(txn)) {
        for (CursorIterable.KeyVal<ByteBuffer> entry : entries) {
          assertThat(entry.val().get()).isZero();
          found.put(bytesOf(entry.key()), bytesOf(entry.val()));
        }
      }
      assertThat(found.size()).isEqualTo(table.size());
      table.forEach((key, value) -> assertThat(found.get(key)).isEqualTo(value));
      Dbi<ByteBuffer> info = env.openDbi(txn, TestShards.bytes("info"), null, false);
      ByteBuffer key = ByteBuffer.allocateDirect(5).put(TestShards.bytes("table")).flip();
      assertThat(bytesOf(info.get(txn, key))).isEqualTo(TestShards.bytes("items"));
    }
  }

  @Test
  void blocksOfRecordsTakeFarLessRoomThanTheirEntries() throws Exception {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 50_000; i++) {
      table.put(TestShards.bytes("item:" + i), TestShards.record(random, 200));
    }
    Path blocks = directory.resolve("blocks.mdb");
    Path ordered = directory.resolve("ordered.mdb");
    TestShards.build(blocks, TestShards.spec(TableKind.BLK, UpdateMode.FULL), table);
    TestShards.build(ordered, TestShards.spec(TableKind.IDX, UpdateMode.FULL), table);
    assertThat(Files.size(blocks)).isLessThan(Files.size(ordered) / 3);
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private void assertRoundTrip(TableKind kind, SortedMap<byte[], byte[]> table, Random random) {
    Path target = directory.resolve("shard.mdb");
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.FULL);
    SealedShardFile sealed = TestShards.build(target, spec, table);
    ShardFiles.verify(target, sealed.manifest(), sealed.pieces());
    assertThat(ShardFiles.digestPieces(target)).isEqualTo(sealed.pieces());
    assertThat(sealed.manifest().entries()).isEqualTo(table.size());
    assertIsSealed(target);
    ShardFileInfo info = ShardFiles.inspect(target).info();
    assertThat(info)
        .isEqualTo(
            new ShardFileInfo(
                ShardFileFormat.CURRENT_VERSION,
                spec,
                table.size(),
                0,
                table.keySet().stream().mapToLong(key -> key.length).sum(),
                table.values().stream().mapToLong(value -> value.length).sum(),
                sealed.manifest().entriesChecksum()));
    try (OpenShardFile file = ShardFiles.open(target, spec);
        ShardChain chain = ShardChain.of(List.of(file))) {
      file.probe();
      assertThat(file.info()).isEqualTo(info);
      assertThat(file.residentBytes()).isLessThan(sealed.manifest().lengthBytes());
      TestShards.assertReads(chain, table, random);
    }
  }

  private void assertIsSealed(Path target) {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(target);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
          .isEqualTo("r--r--r--");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
