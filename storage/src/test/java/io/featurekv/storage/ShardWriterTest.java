package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.PieceList;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardWriterTest {
  private static final byte[] VALUE = TestShards.bytes("value");

  @TempDir Path directory;

  @Test
  void refusesKeysThatDoNotAscend() {
    try (ShardWriter writer = writer(UpdateMode.FULL)) {
      put(writer, "b");
      assertRefused(ErrorCode.INVALID_ARGUMENT, "61 came after 62", () -> put(writer, "a"));
      assertRefused(ErrorCode.INVALID_ARGUMENT, "62 came after 62", () -> put(writer, "b"));
      put(writer, "ba");
      assertThat(writer.seal().manifest().entries()).isEqualTo(2);
    }
  }

  @Test
  void refusesKeysAndValuesBeyondTheLimits() {
    try (ShardWriter writer = writer(UpdateMode.FULL)) {
      assertRefused(ErrorCode.TOO_LARGE, "found 0", () -> put(writer, ""));
      assertRefused(ErrorCode.TOO_LARGE, "found 501", () -> put(writer, "k".repeat(501)));
      byte[] value = new byte[Limits.MAX_VALUE_BYTES + 1];
      assertRefused(
          ErrorCode.TOO_LARGE,
          "value of key 6b: expected 0 to 67108864 bytes, found 67108865",
          () -> writer.put(TestShards.bytes("k"), 0, 1, value, 0, value.length));
    }
  }

  @Test
  void refusesTombstonesInFullFiles() {
    try (ShardWriter writer = writer(UpdateMode.FULL)) {
      assertRefused(
          ErrorCode.INVALID_ARGUMENT,
          "nothing to delete",
          () -> writer.delete(TestShards.bytes("k"), 0, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void leavesNothingWhenClosedWithoutSeal(TableKind kind) {
    Path target = directory.resolve("shard.mdb");
    ShardWriter writer =
        ShardFiles.create(
            target, TestShards.spec(kind, UpdateMode.INCREMENTAL), ShardBuildOptions.DEFAULT);
    assertThat(directory.toFile().list())
        .singleElement()
        .asString()
        .startsWith("shard.mdb.")
        .endsWith(ShardFiles.TEMPORARY_SUFFIX);
    Random random = TestShards.seeded();
    List<byte[]> keys = IntStream.range(0, 100).mapToObj(i -> TestShards.bytes("k" + i)).toList();
    for (byte[] key : TestShards.ordered(kind, keys)) {
      writer.put(key, 0, key.length, TestShards.random(random, 400_000), 0, 400_000);
    }
    writer.close();
    writer.close();
    assertThat(directory).isEmptyDirectory();
    assertThatThrownBy(writer::seal).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> put(writer, "z")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesAShardBeyondTheShardCount() {
    ShardFileSpec spec = TestShards.spec(TableKind.IDX, UpdateMode.FULL);
    ShardFileSpec beyond = new ShardFileSpec(spec.id(), 3, spec.kind(), spec.mode());
    assertRefused(
        ErrorCode.INVALID_ARGUMENT,
        "expected 4 to 4096 shards",
        () -> ShardFiles.create(directory.resolve("shard.mdb"), beyond, ShardBuildOptions.DEFAULT));
  }

  @Test
  void saysThatADirectoryIsMissing() {
    Path target = directory.resolve("missing").resolve("shard.mdb");
    assertThatThrownBy(
            () ->
                ShardFiles.create(
                    target,
                    TestShards.spec(TableKind.IDX, UpdateMode.FULL),
                    ShardBuildOptions.DEFAULT))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining(target.toString());
  }

  @Test
  void writesPartsOfArrays() {
    Path target = directory.resolve("shard.mdb");
    ShardFileSpec spec = TestShards.spec(TableKind.IDX, UpdateMode.INCREMENTAL);
    byte[] line = TestShards.bytes("xxkey1valuexx");
    try (ShardWriter writer = ShardFiles.create(target, spec, ShardBuildOptions.DEFAULT)) {
      writer.put(line, 2, 4, line, 6, 5);
      writer.delete(line, 3, 3);
    } catch (FeatureKvException e) {
      // "ey1" sorts before "key1".
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    try (ShardWriter writer = ShardFiles.create(target, spec, ShardBuildOptions.DEFAULT)) {
      writer.delete(line, 3, 3);
      writer.put(line, 2, 4, line, 6, 5);
      SealedShardFile sealed = writer.seal();
      assertThat(sealed.manifest().entries()).isEqualTo(1);
      assertThat(sealed.manifest().tombstones()).isEqualTo(1);
    }
    try (OpenShardFile file = ShardFiles.open(target, spec);
        ShardChain chain = ShardChain.of(List.of(file))) {
      ScanPage page = chain.scan(null, true, null, 10, 100, 0);
      assertThat(page.entries()).hasSize(1);
      assertThat(page.entries().getFirst().value()).isEqualTo(VALUE);
    }
  }

  @Test
  void tellsTheChecksumOfEachPieceOfItsFile() throws IOException {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    Random random = new Random(5);
    for (int i = 0; i < 3; i++) {
      byte[] value = new byte[PieceList.PIECE_BYTES];
      random.nextBytes(value);
      table.put(new byte[] {(byte) i}, value);
    }
    SealedShardFile sealed =
        TestShards.build(
            directory.resolve("shard.mdb"), TestShards.spec(TableKind.MEM, UpdateMode.FULL), table);
    byte[] bytes = Files.readAllBytes(sealed.path());
    List<Integer> expected = new ArrayList<>();
    for (int piece = 0; piece < sealed.pieces().pieces().size(); piece++) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, (int) PieceList.offsetOf(piece), sealed.pieces().lengthOf(piece));
      expected.add((int) crc.getValue());
    }
    assertThat(expected).hasSizeGreaterThan(3);
    assertThat(sealed.pieceCrcs()).isEqualTo(expected);
    assertThat(sealed.at(directory).pieceCrcs()).isEqualTo(expected);
    assertThatThrownBy(
            () ->
                new SealedShardFile(
                    sealed.spec(), directory, sealed.manifest(), sealed.pieces(), List.of(1)))
        .hasMessageContaining("1 checksums of " + expected.size() + " pieces");
  }

  private ShardWriter writer(UpdateMode mode) {
    return ShardFiles.create(
        directory.resolve("shard.mdb"),
        TestShards.spec(TableKind.BLK, mode),
        ShardBuildOptions.DEFAULT);
  }

  private static void put(ShardWriter writer, String key) {
    byte[] bytes = TestShards.bytes(key);
    writer.put(bytes, 0, bytes.length, VALUE, 0, VALUE.length);
  }

  private static void assertRefused(ErrorCode code, String words, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(words);
  }
}
