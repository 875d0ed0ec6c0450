package io.featurekv.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.KeyHash;
import io.featurekv.model.TableKind;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadBackTest {
  private static final int PAGE_BYTES = ShardFileFormat.PAGE_BYTES;

  @TempDir Path directory;

  private final Random random = TestShards.seeded();

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void givesWhatWasWritten(TableKind kind) {
    try (ModelChain model = ModelChain.random(directory, kind, random, 3000, 3, 1000)) {
      for (int i = 0; i < 3; i++) {
        OpenShardFile file = model.newestFirst().get(2 - i);
        EntryTotals expected = ModelChain.totals(model.items(i));
        assertThat(ShardFiles.entriesChecksum(file, bytes -> {})).isEqualTo(expected);
        assertThat(file.info().entriesChecksum()).hasValue(expected.checksum());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void givesWhatWasWrittenInOneShape(TableKind kind) {
    SortedMap<byte[], byte[]> table = uniform(20_000, 40);
    SealedShardFile sealed = build(kind, table);
    AtomicLong paced = new AtomicLong();
    EntryTotals totals = ShardFiles.entriesChecksum(sealed.path(), sealed.spec(), paced::addAndGet);
    assertThat(totals).isEqualTo(ModelChain.totals(ModelChain.items(table)));
    assertThat(sealed.manifest().entriesChecksum()).hasValue(totals.checksum());
    assertThat(paced.get()).isGreaterThan(20_000 * 48);
  }

  @Test
  void givesNothingOfAnEmptyFile() {
    for (TableKind kind : TableKind.values()) {
      SealedShardFile sealed = build(kind, TestShards.emptyTable());
      assertThat(ShardFiles.entriesChecksum(sealed.path(), sealed.spec(), bytes -> {}))
          .isEqualTo(new EntryTotals(0, 0, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void isTheSameForEntriesOutsideTheHeap(TableKind kind) {
    SortedMap<byte[], ModelChain.Item> items =
        ModelChain.withExpiries(
            ModelChain.items(TestShards.randomTable(random, 2000)), random, 1000);
    items.put(TestShards.bytes("gone"), ModelChain.Item.TOMBSTONE);
    ShardFileSpec spec = TestShards.spec(kind, UpdateMode.INCREMENTAL);
    ShardBuildOptions options = ShardBuildOptions.forEntries(items.size());
    SealedShardFile expected =
        ModelChain.write(directory.resolve("heap.mdb"), spec, items, options);
    try (VirtualMemory memory = VirtualMemory.allocate(1 << 20);
        ShardWriter writer = ShardFiles.create(directory.resolve("native.mdb"), spec, options)) {
      long at = memory.address();
      for (byte[] key : TestShards.ordered(kind, items.keySet())) {
        ModelChain.Item item = items.get(key);
        long hash = KeyHash.of(key);
        NativeMemory.copy(key, 0, at, key.length);
        if (item.value() == null) {
          writer.deleteNative(hash, at, key.length);
        } else {
          long value = at + key.length;
          NativeMemory.copy(item.value(), 0, value, item.value().length);
          writer.putNative(hash, at, key.length, value, item.value().length, item.expiry());
        }
      }
      assertThat(writer.seal().manifest()).isEqualTo(expected.manifest());
    }
  }

  @ParameterizedTest
  @EnumSource(TableKind.class)
  void noticesAFlippedBitOfAKeyOrAValue(TableKind kind) throws IOException {
    SortedMap<byte[], byte[]> table = uniform(3000, 40);
    SealedShardFile sealed = build(kind, table);
    byte[] good = Files.readAllBytes(sealed.path());
    List<byte[]> keys = List.copyOf(table.keySet());
    for (int i = 0; i < 60; i++) {
      byte[] bytes = good.clone();
      byte[] key = keys.get(random.nextInt(keys.size()));
      byte[] wanted = i % 2 == 0 ? key : table.get(key);
      // Where keys of a block begin alike, only their ends stand there.
      byte[] end = Arrays.copyOfRange(wanted, wanted.length - 6, wanted.length);
      if (kind == TableKind.MEM) {
        // A free slot has the key of another one, but no value.
        System.arraycopy(key, key.length - 3, end, 0, 3);
        System.arraycopy(table.get(key), 0, end, 3, 3);
      }
      int at = indexOf(bytes, end);
      bytes[at + random.nextInt(6)] ^= (byte) (1 << random.nextInt(8));
      assertNoticed(sealed, resealed(bytes));
    }
  }

  @Test
  void noticesASlotThatNoLookupFinds() throws IOException {
    SortedMap<byte[], byte[]> table = uniform(3000, 40);
    SealedShardFile sealed = build(TableKind.MEM, table);
    byte[] bytes = Files.readAllBytes(sealed.path());
    List<byte[]> keys = List.copyOf(table.keySet());
    int one = indexOf(bytes, entry(table, keys.get(10)));
    int other = indexOf(bytes, entry(table, keys.get(2000)));
    byte[] kept = Arrays.copyOfRange(bytes, one, one + 48);
    System.arraycopy(bytes, other, bytes, one, 48);
    System.arraycopy(kept, 0, bytes, other, 48);
    Path damaged = resealed(bytes);
    assertThatThrownBy(() -> ShardFiles.entriesChecksum(damaged, sealed.spec(), read -> {}))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("expected 3000 entries in slots, found 2998 in place");
  }

  @Test
  void noticesAnEntryInTheWrongBucket() throws IOException {
    SealedShardFile sealed = build(TableKind.MEM, TestShards.randomTable(random, 2000));
    byte[] bytes = Files.readAllBytes(sealed.path());
    int noticed = 0;
    for (int page = 2; page < bytes.length / PAGE_BYTES; page++) {
      byte[] damaged = bytes.clone();
      damaged[page * PAGE_BYTES + 100] ^= 1;
      noticed += isNoticed(sealed, resealed(damaged)) ? 1 : 0;
    }
    // Only what fills pages up can be flipped unnoticed.
    assertThat(noticed).isGreaterThan(bytes.length / PAGE_BYTES / 2);
  }

  @Test
  void noticesKeysOutOfOrder() throws IOException {
    SealedShardFile sealed = build(TableKind.IDX, uniform(3000, 40));
    byte[] bytes = Files.readAllBytes(sealed.path());
    ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int nodes = 2 * PAGE_BYTES + LmdbImage.PAGE_HEADER_BYTES;
    short first = page.getShort(nodes);
    page.putShort(nodes, page.getShort(nodes + 2)).putShort(nodes + 2, first);
    Path damaged = resealed(bytes);
    assertThatThrownBy(() -> ShardFiles.entriesChecksum(damaged, sealed.spec(), read -> {}))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("do not ascend");
  }

  @Test
  void verifiesCountsWhereTheManifestHasNoChecksum() {
    SealedShardFile sealed = build(TableKind.IDX, uniform(100, 10));
    FileManifest manifest = sealed.manifest();
    try (OpenShardFile file = ShardFiles.open(sealed.path(), sealed.spec())) {
      ShardFiles.verifyEntries(file, manifest, read -> {});
      ShardFiles.verifyEntries(file, with(manifest, 100, OptionalLong.empty()), read -> {});
      assertCorrupt(
          () ->
              ShardFiles.verifyEntries(
                  file, with(manifest, 101, OptionalLong.empty()), read -> {}));
      assertCorrupt(
          () ->
              ShardFiles.verifyEntries(file, with(manifest, 100, OptionalLong.of(1)), read -> {}));
    }
  }

  private static FileManifest with(FileManifest manifest, long entries, OptionalLong checksum) {
    return new FileManifest(manifest.lengthBytes(), manifest.digest(), entries, 0, checksum);
  }

  private void assertNoticed(SealedShardFile sealed, Path damaged) {
    assertThat(isNoticed(sealed, damaged)).isTrue();
  }

  private static boolean isNoticed(SealedShardFile sealed, Path damaged) {
    try (OpenShardFile file = ShardFiles.open(damaged, sealed.spec())) {
      ShardFiles.verifyEntries(file, sealed.manifest(), read -> {});
      return false;
    } catch (FeatureKvException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
      return true;
    }
  }

  private static void assertCorrupt(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("read back: expected EntryTotals");
  }

  private SealedShardFile build(TableKind kind, SortedMap<byte[], byte[]> table) {
    return TestShards.build(
        directory.resolve("shard.mdb"), TestShards.spec(kind, UpdateMode.FULL), table);
  }

  private SortedMap<byte[], byte[]> uniform(int entries, int valueLength) {
    SortedMap<byte[], byte[]> table = TestShards.emptyTable();
    while (table.size() < entries) {
      table.put(TestShards.random(random, 8), TestShards.random(random, valueLength));
    }
    return table;
  }

  private static byte[] entry(SortedMap<byte[], byte[]> table, byte[] key) {
    return ByteBuffer.allocate(48).put(key).put(table.get(key)).array();
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError("the bytes are not there");
  }

  /** A file of one piece whose seal fits its bytes. */
  private Path resealed(byte[] bytes) throws IOException {
    int body = crc(bytes, PAGE_BYTES, bytes.length - PAGE_BYTES);
    byte[] word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(body).array();
    byte[] pageZero = Arrays.copyOf(bytes, PAGE_BYTES);
    new SealRecord(ShardFileFormat.CURRENT_VERSION, PAGE_BYTES, bytes.length, crc(word, 0, 4))
        .writeTo(pageZero);
    System.arraycopy(pageZero, 0, bytes, 0, PAGE_BYTES);
    Path file = directory.resolve("damaged.mdb");
    Files.write(file, bytes);
    return file;
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
