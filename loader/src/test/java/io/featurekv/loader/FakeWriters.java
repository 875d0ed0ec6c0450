package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.FileManifest;
import io.featurekv.model.KeyHash;
import io.featurekv.model.PieceList;
import io.featurekv.model.UpdateMode;
import io.featurekv.storage.EntryChecksum;
import io.featurekv.storage.EntryOrder;
import io.featurekv.storage.EntryTotals;
import io.featurekv.storage.NativeMemory;
import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardBuildOptions;
import io.featurekv.storage.ShardFileSpec;
import io.featurekv.storage.ShardWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Writers that keep what they are given, and hold it to the contract of {@link ShardWriter}. */
final class FakeWriters implements WriterFactory {
  static final Comparator<byte[]> KEY_ORDER = Arrays::compareUnsigned;
  private static final Comparator<byte[]> HASH_ORDER =
      Comparator.<byte[], Long>comparing(KeyHash::of, Long::compareUnsigned)
          .thenComparing(KEY_ORDER);

  private final Comparator<byte[]> order;

  private final Map<byte[], byte[]> entries = new ConcurrentSkipListMap<>(KEY_ORDER);
  private final Map<byte[], Integer> expiries = new ConcurrentSkipListMap<>(KEY_ORDER);
  private final Set<byte[]> tombstones = new ConcurrentSkipListSet<>(KEY_ORDER);
  final Set<Integer> sealedShards = new ConcurrentSkipListSet<>();
  final AtomicInteger open = new AtomicInteger();
  final Map<Integer, ShardBuildOptions> options = new ConcurrentHashMap<>();
  int failAtShard = -1;
  private final Map<Path, EntryTotals> totals = new ConcurrentHashMap<>();

  /** Makes something else of what is read back. */
  UnaryOperator<EntryTotals> readBack = UnaryOperator.identity();

  FakeWriters(EntryOrder order) {
    this.order =
        switch (order) {
          case BY_KEY -> KEY_ORDER;
          case BY_HASH -> HASH_ORDER;
        };
  }

  @Override
  public ShardWriter create(Path target, ShardFileSpec spec, ShardBuildOptions given) {
    options.put(spec.id().shard(), given);
    assertThat(target.getFileName()).hasToString(spec.id().shard() + ".mdb");
    open.incrementAndGet();
    return new FakeWriter(target, spec);
  }

  @Override
  public EntryTotals readBack(SealedShardFile file, IntConsumer readBytes) {
    return readBack.apply(totals.getOrDefault(file.path(), new EntryTotals(0, 0, 0)));
  }

  Map<byte[], byte[]> entries() {
    return entries;
  }

  Set<byte[]> tombstones() {
    return tombstones;
  }

  /** All entries as text, by key. */
  Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    entries.forEach((key, value) -> texts.put(text(key), text(value)));
    return texts;
  }

  /** When entries expire, in seconds since 1970, by key; those that never do are not there. */
  Map<String, Long> expiries() {
    Map<String, Long> texts = new TreeMap<>();
    expiries.forEach((key, seconds) -> texts.put(text(key), Integer.toUnsignedLong(seconds)));
    return texts;
  }

  Set<String> tombstoneTexts() {
    Set<String> texts = new TreeSet<>();
    tombstones.forEach(key -> texts.add(text(key)));
    return texts;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private final class FakeWriter implements ShardWriter {
    private final Path target;
    private final ShardFileSpec spec;
    private byte @Nullable [] last;
    private long entryCount;
    private long tombstoneCount;
    private long checksum;

    FakeWriter(Path target, ShardFileSpec spec) {
      this.target = target;
      this.spec = spec;
    }

    @Override
    public void put(
        byte[] key,
        int keyOffset,
        int keyLength,
        byte[] value,
        int valueOffset,
        int valueLength,
        int expirySeconds) {
      byte[] copy = checkedKey(key, keyOffset, keyLength);
      entries.put(copy, Arrays.copyOfRange(value, valueOffset, valueOffset + valueLength));
      if (expirySeconds != NO_EXPIRY) {
        expiries.put(copy, expirySeconds);
      }
      entryCount++;
      checksum +=
          EntryChecksum.of(
              KeyHash.of(copy),
              copy,
              0,
              copy.length,
              value,
              valueOffset,
              valueLength,
              expirySeconds,
              false);
    }

    @Override
    public void put(
        long hash,
        byte[] key,
        int keyOffset,
        int keyLength,
        byte[] value,
        int valueOffset,
        int valueLength,
        int expirySeconds) {
      checkHash(hash, key, keyOffset, keyLength);
      put(key, keyOffset, keyLength, value, valueOffset, valueLength, expirySeconds);
    }

    @Override
    public void putNative(
        long hash,
        long keyAddress,
        int keyLength,
        long valueAddress,
        int valueLength,
        int expirySeconds) {
      byte[] key = bytes(keyAddress, keyLength);
      byte[] value = bytes(valueAddress, valueLength);
      put(hash, key, 0, keyLength, value, 0, valueLength, expirySeconds);
    }

    @Override
    public void delete(long hash, byte[] key, int keyOffset, int keyLength) {
      checkHash(hash, key, keyOffset, keyLength);
      delete(key, keyOffset, keyLength);
    }

    @Override
    public void deleteNative(long hash, long keyAddress, int keyLength) {
      delete(hash, bytes(keyAddress, keyLength), 0, keyLength);
    }

    private static byte[] bytes(long address, int length) {
      byte[] bytes = new byte[length];
      NativeMemory.copy(address, bytes, 0, length);
      return bytes;
    }

    private static void checkHash(long hash, byte[] key, int offset, int length) {
      assertThat(hash).isEqualTo(KeyHash.of(key, offset, length));
    }

    @Override
    public void delete(byte[] key, int keyOffset, int keyLength) {
      assertThat(spec.mode()).isEqualTo(UpdateMode.INCREMENTAL);
      byte[] copy = checkedKey(key, keyOffset, keyLength);
      tombstones.add(copy);
      checksum +=
          EntryChecksum.of(KeyHash.of(copy), copy, 0, copy.length, new byte[0], 0, 0, 0, true);
      tombstoneCount++;
    }

    private byte[] checkedKey(byte[] key, int offset, int length) {
      if (spec.id().shard() == failAtShard) {
        throw new IllegalStateException("the writer fails, as the test wants");
      }
      byte[] copy = Arrays.copyOfRange(key, offset, offset + length);
      if (last != null && order.compare(last, copy) >= 0) {
        throw new AssertionError("keys do not ascend in shard " + spec.id());
      }
      if (KeyHash.shardOf(KeyHash.of(copy), spec.shards()) != spec.id().shard()) {
        throw new AssertionError("a key of another shard in " + spec.id());
      }
      last = copy;
      return copy;
    }

    @Override
    public SealedShardFile seal() {
      sealedShards.add(spec.id().shard());
      totals.put(target, new EntryTotals(entryCount, tombstoneCount, checksum));
      PieceList pieces = new PieceList(0, List.of());
      return new SealedShardFile(
          spec, target, new FileManifest(0, pieces.digest(), entryCount, tombstoneCount), pieces);
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }
}
