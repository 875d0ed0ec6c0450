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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one shard file: checks the entries, counts them, lays them out, seals. */
final class ShardFileWriter implements ShardWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ShardFileWriter.class);
  private static final byte[] NO_VALUE = new byte[0];

  private final Path target;
  private final Path file;
  private final ShardFileSpec spec;
  private final LmdbFileWriter lmdb;
  private final DataWriter data;
  private final IncomingEntry entry = new IncomingEntry();
  private final boolean isByHash;
  private final byte[] lastKey = new byte[Limits.MAX_KEY_BYTES];
  private final byte[] key = new byte[Limits.MAX_KEY_BYTES];
  private byte[] value = new byte[4096];
  private byte[] firstKey = NO_VALUE;
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
          case IDX -> new IdxDataWriter(lmdb);
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
    checkKeyLength(keyLength);
    if (valueLength < 0 || valueLength > Limits.MAX_VALUE_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "value of key "
              + hex(key, keyOffset, keyLength)
              + ": expected 0 to "
              + Limits.MAX_VALUE_BYTES
              + " bytes, found "
              + valueLength);
    }
    acceptKey(hash, key, keyOffset, keyLength);
    add(hash, key, keyOffset, keyLength, false, expirySeconds, value, valueOffset, valueLength);
    entries++;
    valueBytes += valueLength;
  }

  @Override
  public void putNative(
      long hash,
      long keyAddress,
      int keyLength,
      long valueAddress,
      int valueLength,
      int expirySeconds) {
    copyKey(keyAddress, keyLength);
    int length = Math.clamp(valueLength, 0, Limits.MAX_VALUE_BYTES);
    if (value.length < length) {
      value = new byte[Math.max(length, 2 * value.length)];
    }
    NativeMemory.copy(valueAddress, value, 0, length);
    put(hash, key, 0, keyLength, value, 0, valueLength, expirySeconds);
  }

  @Override
  public void delete(byte[] key, int keyOffset, int keyLength) {
    checkKeyLength(keyLength);
    delete(KeyHash.of(key, keyOffset, keyLength), key, keyOffset, keyLength);
  }

  @Override
  public void delete(long hash, byte[] key, int keyOffset, int keyLength) {
    checkKeyLength(keyLength);
    if (spec.mode() != UpdateMode.INCREMENTAL) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a full file has nothing to delete: key " + hex(key, keyOffset, keyLength));
    }
    acceptKey(hash, key, keyOffset, keyLength);
    add(hash, key, keyOffset, keyLength, true, NO_EXPIRY, NO_VALUE, 0, 0);
    tombstones++;
  }

  @Override
  public void deleteNative(long hash, long keyAddress, int keyLength) {
    copyKey(keyAddress, keyLength);
    delete(hash, key, 0, keyLength);
  }

  private void copyKey(long address, int length) {
    checkKeyLength(length);
    NativeMemory.copy(address, key, 0, length);
  }

  private static void checkKeyLength(int length) {
    if (length < 1 || length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a key: expected 1 to " + Limits.MAX_KEY_BYTES + " bytes, found " + length);
    }
  }

  private void add(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      boolean isTombstone,
      int expirySeconds,
      byte[] value,
      int valueOffset,
      int valueLength) {
    entry.hash = hash;
    entry.key = key;
    entry.keyOffset = keyOffset;
    entry.keyLength = keyLength;
    entry.isTombstone = isTombstone;
    entry.expirySeconds = expirySeconds;
    entry.value = value;
    entry.valueOffset = valueOffset;
    entry.valueLength = valueLength;
    data.add(entry);
    entriesChecksum +=
        EntryChecksum.of(
            hash,
            key,
            keyOffset,
            keyLength,
            value,
            valueOffset,
            valueLength,
            expirySeconds,
            isTombstone);
  }

  @Override
  public SealedShardFile seal() {
    if (isFinished) {
      throw new IllegalStateException(target + " is sealed or closed");
    }
    try {
      Map<String, byte[]> said = InfoDatabase.entries(info());
      said.putAll(data.finish());
      if (lastKeyLength > 0) {
        said.put(InfoDatabase.FIRST_KEY, InfoDatabase.text(HexFormat.of().formatHex(firstKey)));
        said.put(InfoDatabase.LAST_KEY, InfoDatabase.text(hex(lastKey, 0, lastKeyLength)));
      }
      lmdb.add(ShardFileFormat.INFO, said);
      PieceList pieces = lmdb.seal(target);
      isFinished = true;
      data.close();
      lmdb.close();
      FileManifest manifest =
          new FileManifest(
              pieces.lengthBytes(),
              pieces.digest(),
              entries,
              tombstones,
              OptionalLong.of(entriesChecksum));
      return new SealedShardFile(spec, target, manifest, pieces);
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

  @Override
  public void close() {
    if (isFinished) {
      return;
    }
    isFinished = true;
    data.close();
    lmdb.close();
    delete(file);
  }

  /** Checks the order of the next key. */
  private void acceptKey(long hash, byte[] key, int offset, int length) {
    if (isFinished) {
      throw new IllegalStateException(target + " is sealed or closed");
    }
    assert hash == KeyHash.of(key, offset, length) : "another hash of " + hex(key, offset, length);
    if (lastKeyLength == 0) {
      firstKey = Arrays.copyOfRange(key, offset, offset + length);
    } else {
      checkOrder(hash, key, offset, length);
    }
    System.arraycopy(key, offset, lastKey, 0, length);
    lastKeyLength = length;
    lastHash = hash;
    keyBytes += length;
  }

  private void checkOrder(long hash, byte[] key, int offset, int length) {
    int order = isByHash ? Long.compareUnsigned(lastHash, hash) : 0;
    if (order == 0) {
      order = Arrays.compareUnsigned(lastKey, 0, lastKeyLength, key, offset, offset + length);
    }
    if (order >= 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          (isByHash ? "hashes of keys must ascend: " : "keys must ascend: ")
              + hex(key, offset, length)
              + " came after "
              + hex(lastKey, 0, lastKeyLength));
    }
  }

  private static String hex(byte[] bytes, int offset, int length) {
    return HexFormat.of().formatHex(bytes, offset, offset + length);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("The temporary file {} stays behind: {}", file, e.toString());
    }
  }
}
