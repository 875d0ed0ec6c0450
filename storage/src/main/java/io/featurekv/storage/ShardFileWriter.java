package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.KeyHash;
import io.featurekv.model.Limits;
import io.featurekv.model.PieceList;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one shard file: checks the entries, counts and sums them up, lays them out, seals. Entries
 * of the heap are copied out of it first: everything behind this class reads them by address.
 */
final class ShardFileWriter implements ShardWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ShardFileWriter.class);
  private static final int FIRST_STAGE_BYTES = 64 << 10;

  private final Path target;
  private final Path file;
  private final ShardFileSpec spec;
  private final LmdbFileWriter lmdb;
  private final DataWriter data;
  private final IncomingEntry entry = new IncomingEntry();
  private final boolean isByHash;

  /** The first key, and behind it the last one. */
  private final VirtualMemory ends = VirtualMemory.allocate(2L * Limits.MAX_KEY_BYTES);

  private final long lastKey = ends.address() + Limits.MAX_KEY_BYTES;

  /** Where an entry of the heap is copied to. */
  private VirtualMemory stage = VirtualMemory.allocate(FIRST_STAGE_BYTES);

  private int firstKeyLength;
  private int lastKeyLength;
  private long lastHash;
  private long entries;
  private long tombstones;
  private long keyBytes;
  private long valueBytes;
  private long entriesChecksum;
  private boolean isFinished;

  private ShardFileWriter(
      Path target, Path file, ShardFileSpec spec, ShardBuildOptions options, LmdbFileWriter lmdb) {
    this.target = target;
    this.file = file;
    this.spec = spec;
    this.lmdb = lmdb;
    this.isByHash = EntryOrder.of(spec.kind()) == EntryOrder.BY_HASH;
    this.data =
        switch (spec.kind()) {
          case MEM -> new MemDataWriter(lmdb, options.expectedEntries());
          case IDX -> new IdxDataWriter(lmdb, options.expectedEntries());
          case BLK -> new BlkDataWriter(lmdb, options);
        };
  }

  static ShardFileWriter create(Path target, ShardFileSpec spec, ShardBuildOptions options) {
    if (spec.id().shard() >= spec.shards() || spec.shards() > Limits.MAX_SHARDS) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "shard file "
              + spec
              + ": expected "
              + (spec.id().shard() + 1)
              + " to "
              + Limits.MAX_SHARDS
              + " shards");
    }
    Path file =
        target.resolveSibling(
            target.getFileName() + "." + UUID.randomUUID() + ShardFiles.TEMPORARY_SUFFIX);
    LmdbFileWriter lmdb = LmdbFileWriter.create(file);
    try {
      return new ShardFileWriter(target, file, spec, options, lmdb);
    } catch (RuntimeException | Error e) {
      lmdb.close();
      delete(file);
      throw e;
    }
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
    checkKeyLength(keyLength);
    long hash = KeyHash.of(key, keyOffset, keyLength);
    put(hash, key, keyOffset, keyLength, value, valueOffset, valueLength, expirySeconds);
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
    long staged = stageKey(key, keyOffset, keyLength, Math.max(0, valueLength));
    if (valueLength > 0 && valueLength <= Limits.MAX_VALUE_BYTES) {
      NativeMemory.copy(value, valueOffset, staged + keyLength, valueLength);
    }
    putNative(hash, staged, keyLength, staged + keyLength, valueLength, expirySeconds);
  }

  @Override
  public void putNative(
      long hash,
      long keyAddress,
      int keyLength,
      long valueAddress,
      int valueLength,
      int expirySeconds) {
    checkKeyLength(keyLength);
    if (valueLength < 0 || valueLength > Limits.MAX_VALUE_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "value of key "
              + hex(keyAddress, keyLength)
              + ": expected 0 to "
              + Limits.MAX_VALUE_BYTES
              + " bytes, found "
              + valueLength);
    }
    entry.value = valueAddress;
    entry.valueLength = valueLength;
    entry.isTombstone = false;
    entry.expirySeconds = expirySeconds;
    add(hash, keyAddress, keyLength);
    entries++;
    valueBytes += valueLength;
  }

  @Override
  public void delete(byte[] key, int keyOffset, int keyLength) {
    checkKeyLength(keyLength);
    delete(KeyHash.of(key, keyOffset, keyLength), key, keyOffset, keyLength);
  }

  @Override
  public void delete(long hash, byte[] key, int keyOffset, int keyLength) {
    deleteNative(hash, stageKey(key, keyOffset, keyLength, 0), keyLength);
  }

  @Override
  public void deleteNative(long hash, long keyAddress, int keyLength) {
    checkKeyLength(keyLength);
    if (spec.mode() != UpdateMode.INCREMENTAL) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a full file has nothing to delete: key " + hex(keyAddress, keyLength));
    }
    entry.value = keyAddress;
    entry.valueLength = 0;
    entry.isTombstone = true;
    entry.expirySeconds = NO_EXPIRY;
    add(hash, keyAddress, keyLength);
    tombstones++;
  }

  private void add(long hash, long key, int keyLength) {
    if (isFinished) {
      throw closed();
    }
    assert hash == NativeKeyHash.of(key, keyLength, new byte[keyLength])
        : "another hash than that of " + hex(key, keyLength);
    if (lastKeyLength == 0) {
      NativeMemory.copy(key, ends.address(), keyLength);
      firstKeyLength = keyLength;
    } else {
      checkOrder(hash, key, keyLength);
    }
    NativeMemory.copy(key, lastKey, keyLength);
    lastKeyLength = keyLength;
    lastHash = hash;
    keyBytes += keyLength;
    entry.hash = hash;
    entry.key = key;
    entry.keyLength = keyLength;
    data.add(entry);
    entriesChecksum +=
        EntryChecksum.of(
            hash,
            key,
            keyLength,
            entry.value,
            entry.valueLength,
            entry.expirySeconds,
            entry.isTombstone);
  }

  /** Copies a key out of the heap; there is room for a value behind it. */
  private long stageKey(byte[] key, int offset, int length, int valueLength) {
    if (isFinished) {
      throw closed();
    }
    checkKeyLength(length);
    long bytes = (long) length + Math.min(valueLength, Limits.MAX_VALUE_BYTES);
    if (bytes > stage.sizeBytes()) {
      stage.close();
      stage = VirtualMemory.allocate(Math.max(bytes, 2 * stage.sizeBytes()));
    }
    NativeMemory.copy(key, offset, stage.address(), length);
    return stage.address();
  }

  private IllegalStateException closed() {
    return new IllegalStateException(target + " is sealed or closed");
  }

  private static void checkKeyLength(int length) {
    if (length < 1 || length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a key: expected 1 to " + Limits.MAX_KEY_BYTES + " bytes, found " + length);
    }
  }

  private void checkOrder(long hash, long key, int keyLength) {
    int order = isByHash ? Long.compareUnsigned(lastHash, hash) : 0;
    if (order == 0) {
      order = NativeMemory.compare(lastKey, lastKeyLength, key, keyLength);
    }
    if (order >= 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          (isByHash ? "hashes of keys must ascend: " : "keys must ascend: ")
              + hex(key, keyLength)
              + " came after "
              + hex(lastKey, lastKeyLength));
    }
  }

  @Override
  public SealedShardFile seal() {
    if (isFinished) {
      throw closed();
    }
    try {
      Map<String, byte[]> said = InfoDatabase.entries(info());
      said.putAll(data.finish());
      if (lastKeyLength > 0) {
        said.put(InfoDatabase.FIRST_KEY, InfoDatabase.text(hex(ends.address(), firstKeyLength)));
        said.put(InfoDatabase.LAST_KEY, InfoDatabase.text(hex(lastKey, lastKeyLength)));
      }
      lmdb.add(ShardFileFormat.INFO, said);
      PieceList pieces = lmdb.seal(target);
      List<Integer> pieceCrcs = lmdb.pieceCrcs();
      free();
      FileManifest manifest =
          new FileManifest(
              pieces.lengthBytes(),
              pieces.digest(),
              entries,
              tombstones,
              OptionalLong.of(entriesChecksum));
      return new SealedShardFile(spec, target, manifest, pieces, pieceCrcs);
    } finally {
      close();
    }
  }

  private ShardFileInfo info() {
    return new ShardFileInfo(
        ShardFileFormat.CURRENT_VERSION,
        spec,
        entries,
        tombstones,
        keyBytes,
        valueBytes,
        OptionalLong.of(entriesChecksum));
  }

  private void free() {
    isFinished = true;
    data.close();
    lmdb.close();
    ends.close();
    stage.close();
  }

  @Override
  public void close() {
    if (!isFinished) {
      free();
      delete(file);
    }
  }

  private static String hex(long address, int length) {
    byte[] bytes = new byte[length];
    NativeMemory.copy(address, bytes, 0, length);
    return HexFormat.of().formatHex(bytes);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("The temporary file {} stays behind: {}", file, e.toString());
    }
  }
}
