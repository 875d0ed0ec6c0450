package io.featurekv.storage;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
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
  private final LmdbBuilder builder;
  private final DataWriter data;
  private final byte[] lastKey = new byte[Limits.MAX_KEY_BYTES];
  private int lastKeyLength;
  private long entries;
  private long tombstones;
  private long keyBytes;
  private long valueBytes;
  private boolean isFinished;

  private ShardFileWriter(Path target, Path file, ShardFileSpec spec, LmdbBuilder builder) {
    this.target = target;
    this.file = file;
    this.spec = spec;
    this.builder = builder;
    this.data =
        ShardFileFormat.isBlocked(spec.kind())
            ? new BlockDataWriter(builder)
            : new OrderedDataWriter(builder);
  }

  static ShardFileWriter create(Path target, ShardFileSpec spec) {
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
    try {
      return new ShardFileWriter(target, file, spec, LmdbBuilder.create(file));
    } catch (FeatureKvException e) {
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
    if (valueLength < 0 || valueLength > Limits.MAX_VALUE_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "value of key "
              + hex(key, keyOffset, Math.min(keyLength, Limits.MAX_KEY_BYTES))
              + ": expected 0 to "
              + Limits.MAX_VALUE_BYTES
              + " bytes, found "
              + valueLength);
    }
    acceptKey(key, keyOffset, keyLength);
    data.add(
        key, keyOffset, keyLength, ShardFileFormat.FLAG_VALUE, value, valueOffset, valueLength);
    entries++;
    valueBytes += valueLength;
  }

  @Override
  public void delete(byte[] key, int keyOffset, int keyLength) {
    if (spec.mode() != UpdateMode.INCREMENTAL) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "a full file has nothing to delete: key " + hex(key, keyOffset, keyLength));
    }
    acceptKey(key, keyOffset, keyLength);
    data.add(key, keyOffset, keyLength, ShardFileFormat.FLAG_TOMBSTONE, NO_VALUE, 0, 0);
    tombstones++;
  }

  @Override
  public SealedShardFile seal() {
    if (isFinished) {
      throw new IllegalStateException(target + " is sealed or closed");
    }
    try {
      data.flush();
      ShardFileInfo info =
          new ShardFileInfo(
              ShardFileFormat.CURRENT_VERSION, spec, entries, tombstones, keyBytes, valueBytes);
      builder.finish(data.describe(info).toEntries());
      SealedShardFile sealed = ShardSealer.seal(file, target, info);
      isFinished = true;
      data.close();
      return sealed;
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (isFinished) {
      return;
    }
    isFinished = true;
    data.close();
    builder.close();
    delete(file);
  }

  private void acceptKey(byte[] key, int offset, int length) {
    if (isFinished) {
      throw new IllegalStateException(target + " is sealed or closed");
    }
    if (length < 1 || length > Limits.MAX_KEY_BYTES) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a key: expected 1 to " + Limits.MAX_KEY_BYTES + " bytes, found " + length);
    }
    int order = Arrays.compareUnsigned(lastKey, 0, lastKeyLength, key, offset, offset + length);
    if (order >= 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "keys must ascend: "
              + hex(key, offset, length)
              + " came after "
              + hex(lastKey, 0, lastKeyLength));
    }
    System.arraycopy(key, offset, lastKey, 0, length);
    lastKeyLength = length;
    keyBytes += length;
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
