package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.PieceList;
import io.featurekv.model.ShardFileId;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.zip.CRC32C;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DamagedFileTest {
  private static final int VERSION_AT = ShardFileFormat.SEAL_OFFSET + 8;
  private static final int PAGE_CHECKSUM_AT = ShardFileFormat.SEAL_OFFSET + 28;
  private static final int PAGE_BYTES = 4096;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void verifyNamesThePieceOfAFlippedByte(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    for (int i = 0; i < 40; i++) {
      table.put(TestShards.random(random, 16), TestShards.random(random, 300_000));
    }
    SealedShardFile sealed = build(kind, table);
    byte[] good = Files.readAllBytes(sealed.path());
    assertThat(sealed.pieces().pieces().size()).isGreaterThan(2);
    for (int i = 0; i < 12; i++) {
      int at = i == 0 ? 0 : i == 1 ? good.length - 1 : random.nextInt(good.length);
      Path damaged = flipped(good, at, 1 << random.nextInt(8));
      int piece = at / PieceList.PIECE_BYTES;
      assertCorrupt(() -> ShardFiles.verify(damaged, sealed.manifest(), sealed.pieces()))
          .hasMessageContaining(damaged.toString())
          .hasMessageContaining("piece " + piece + " of " + sealed.pieces().pieces().size())
          .hasMessageContaining("expected SHA-256 " + sealed.pieces().pieces().get(piece))
          .hasMessageContaining("found " + ShardFiles.digestPieces(damaged).pieces().get(piece));
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void inspectFindsEveryFlippedByte(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    SealedShardFile sealed = build(kind, TestShards.randomTable(random, 2000));
    byte[] good = Files.readAllBytes(sealed.path());
    for (int i = 0; i < 300; i++) {
      int at = i < 100 ? i * PAGE_BYTES / 100 : random.nextInt(good.length);
      Path damaged = flipped(good, at, 1 << random.nextInt(8));
      boolean isVersion = at >= VERSION_AT && at < VERSION_AT + 4;
      assertThatThrownBy(() -> ShardFiles.inspect(damaged))
          .as("flipped at %d", at)
          .isInstanceOfSatisfying(
              FeatureKvException.class,
              e ->
                  assertThat(e.code())
                      .isEqualTo(isVersion ? ErrorCode.CONFLICT : ErrorCode.CORRUPT))
          .hasMessageContaining(damaged.toString());
      if (kind == TableKind.MEM && !isVersion) {
        assertCorrupt(() -> ShardFiles.open(damaged, sealed.spec()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IDX", "BLK"})
  void damageThatWasNotVerifiedNeverLeadsOutsideTheFile(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    SortedMap<byte[], byte[]> table = TestShards.randomTable(random, 3000);
    SealedShardFile sealed = build(kind, table);
    byte[] good = Files.readAllBytes(sealed.path());
    KeyBatch batch = TestShards.batchOf(List.copyOf(table.keySet()));
    int noticed = 0;
    for (int i = 0; i < 150; i++) {
      byte[] bytes = good.clone();
      for (int flips = 0; flips < 1 + i; flips++) {
        int page = 1 + random.nextInt(good.length / PAGE_BYTES - 1);
        // Mostly in page headers and node offsets, where damage leads astray.
        int at = page * PAGE_BYTES + random.nextInt(random.nextInt(4) == 0 ? PAGE_BYTES : 64);
        bytes[at] ^= (byte) random.nextInt(256);
      }
      noticed += readAll(write(bytes), sealed.spec(), batch);
    }
    assertThat(noticed).isPositive();
  }

  /** Reads everything in every way; only our own errors may come out. Returns how many did. */
  private static int readAll(Path file, ShardFileSpec spec, KeyBatch batch) {
    int errors = 0;
    try (OpenShardFile open = ShardFiles.open(file, spec);
        ShardChain chain = ShardChain.of(List.of(open));
        LookupResult result = new LookupResult(batch.count())) {
      TestShards.lookup(chain, batch, result);
      for (int key = 0; key < batch.count(); key++) {
        switch (result.state(key)) {
          case LookupResult.FOUND -> TestShards.value(result, key);
          case LookupResult.FAILED -> errors++;
          case LookupResult.ABSENT, LookupResult.DEFERRED -> {}
          default -> fail("state " + result.state(key));
        }
      }
      try {
        chain.scan(null, true, null, 10_000, 16 << 20, 0);
      } catch (FeatureKvException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
        errors++;
      }
      open.probe();
    } catch (FeatureKvException e) {
      // Damage in the info record can also make it another valid one.
      assertThat(e.code()).isIn(ErrorCode.CORRUPT, ErrorCode.CONFLICT);
      errors++;
    }
    return errors;
  }

  /** What readers trust without looking is proved when the file is opened. */
  @ParameterizedTest
  @EnumSource(TableKind.class)
  void openingFindsEveryFlippedByteOfWhatLiesInMemory(TableKind kind) throws IOException {
    Random random = TestShards.seeded();
    SealedShardFile sealed = build(kind, TestShards.randomTable(random, 3000));
    byte[] good = Files.readAllBytes(sealed.path());
    List<String> databases =
        kind == TableKind.MEM
            ? List.of(ShardFileFormat.INDEX, ShardFileFormat.HEAP)
            : List.of(ShardFileFormat.INDEX, ShardFileFormat.FILTER);
    for (String name : databases) {
      for (Blob.Chunk chunk : chunks(sealed.path(), name)) {
        for (int i = 0; i < 150; i++) {
          int at = i == 0 ? 0 : i == 1 ? chunk.length() - 1 : random.nextInt(chunk.length());
          Path damaged = flipped(good, (int) chunk.offset() + at, 1 << random.nextInt(8));
          assertCorrupt(() -> ShardFiles.open(damaged, sealed.spec()))
              .as("%s at %d", name, at)
              .hasMessageContaining(damaged.toString());
          Files.delete(damaged);
        }
      }
    }
  }

  private static List<Blob.Chunk> chunks(Path file, String database) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      LmdbImage image =
          LmdbImage.of(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      return Blob.of(image.namedTree(database)).chunks();
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void refusesATruncatedFile(TableKind kind) throws IOException {
    SealedShardFile sealed = build(kind, TestShards.randomTable(TestShards.seeded(), 1000));
    byte[] good = Files.readAllBytes(sealed.path());
    for (int length : new int[] {good.length - 1, good.length - PAGE_BYTES, PAGE_BYTES, 3000}) {
      Path damaged = write(Arrays.copyOf(good, length));
      String expected = "expected a length of " + good.length + " bytes, found " + length;
      for (ThrowingCallable call : readers(damaged, sealed)) {
        assertCorrupt(call).hasMessageContaining(expected);
      }
    }
  }

  @Test
  void refusesWhatIsNoShardFile() throws IOException {
    SealedShardFile sealed = build(TableKind.IDX, TestShards.emptyTable());
    Random random = TestShards.seeded();
    List<byte[]> others =
        List.of(
            new byte[0],
            TestShards.bytes("key,value\n1,2\n"),
            new byte[100_000],
            TestShards.random(random, 100_000));
    for (byte[] other : others) {
      Path file = write(other);
      assertCorrupt(() -> ShardFiles.inspect(file))
          .hasMessageContaining(file + " is not a FeatureKV shard file: expected 'FKVSHARD'");
      assertCorrupt(() -> ShardFiles.open(file, sealed.spec()))
          .hasMessageContaining("is not a FeatureKV shard file");
    }
    assertCorrupt(() -> ShardFiles.inspect(directory)).hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> ShardFiles.inspect(directory.resolve("missing")))
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void tellsTooOldFromTooNew() throws IOException {
    SealedShardFile sealed = build(TableKind.IDX, TestShards.emptyTable());
    byte[] good = Files.readAllBytes(sealed.path());
    Path old = write(withVersion(good, 0));
    Path young = write(withVersion(good, 3));
    assertConflict(() -> ShardFiles.open(old, sealed.spec()))
        .hasMessageContaining(
            old + " has a format that is too old: expected version 1 to 2, found 0");
    assertConflict(() -> ShardFiles.inspect(young))
        .hasMessageContaining(
            young
                + " has a format that is too new for this release: expected version 1 to 2, found"
                + " 3");
  }

  @Test
  void refusesAnotherFileThanTheExpectedOne() {
    SealedShardFile sealed = build(TableKind.IDX, TestShards.emptyTable());
    ShardFileSpec spec = sealed.spec();
    ShardFileId id = spec.id();
    List<ShardFileSpec> others =
        List.of(
            new ShardFileSpec(
                new ShardFileId("other", id.version(), id.shard()), 8, spec.kind(), spec.mode()),
            new ShardFileSpec(
                new ShardFileId(id.table(), 9, id.shard()), 8, spec.kind(), spec.mode()),
            new ShardFileSpec(
                new ShardFileId(id.table(), id.version(), 4), 8, spec.kind(), spec.mode()),
            new ShardFileSpec(id, 16, spec.kind(), spec.mode()),
            new ShardFileSpec(id, 8, TableKind.MEM, spec.mode()),
            new ShardFileSpec(id, 8, spec.kind(), UpdateMode.INCREMENTAL));
    for (ShardFileSpec other : others) {
      assertConflict(() -> ShardFiles.open(sealed.path(), other))
          .hasMessageContaining(
              sealed.path() + " is another file: expected " + other + ", found " + spec);
    }
  }

  @Test
  void refusesAListOfPiecesThatTheManifestDoesNotProve() {
    SealedShardFile sealed = build(TableKind.IDX, TestShards.emptyTable());
    PieceList other =
        new PieceList(sealed.pieces().lengthBytes(), List.of(sealed.manifest().digest()));
    assertCorrupt(() -> ShardFiles.verify(sealed.path(), sealed.manifest(), other))
        .hasMessageContaining("the list of pieces of " + sealed.path());
  }

  private SealedShardFile build(TableKind kind, SortedMap<byte[], byte[]> table) {
    return TestShards.build(
        directory.resolve("good.mdb"), TestShards.spec(kind, UpdateMode.FULL), table);
  }

  private static List<ThrowingCallable> readers(Path file, SealedShardFile sealed) {
    return List.of(
        () -> ShardFiles.verify(file, sealed.manifest(), sealed.pieces()),
        () -> ShardFiles.inspect(file),
        () -> ShardFiles.open(file, sealed.spec()));
  }

  private Path flipped(byte[] good, int at, int bit) throws IOException {
    byte[] bytes = good.clone();
    bytes[at] ^= (byte) bit;
    return write(bytes);
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(Files.createTempFile(directory, "damaged", ".mdb"), bytes);
  }

  private static byte[] withVersion(byte[] good, int version) {
    ByteBuffer bytes = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(VERSION_AT, version).putInt(PAGE_CHECKSUM_AT, 0);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.array(), 0, PAGE_BYTES);
    return bytes.putInt(PAGE_CHECKSUM_AT, (int) checksum.getValue()).array();
  }

  private static AbstractThrowableAssert<?, ?> assertCorrupt(ThrowingCallable call) {
    return assertFails(ErrorCode.CORRUPT, call);
  }

  private static AbstractThrowableAssert<?, ?> assertConflict(ThrowingCallable call) {
    return assertFails(ErrorCode.CONFLICT, call);
  }

  private static AbstractThrowableAssert<?, ?> assertFails(ErrorCode code, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
