package io.featurekv.storage;

import java.nio.ByteBuffer;

/** One LMDB entry for each entry, of kinds {@code mem} and {@code idx}. */
final class OrderedDataWriter implements DataWriter {
  private final LmdbBuilder builder;
  private long records;

  OrderedDataWriter(LmdbBuilder builder) {
    this.builder = builder;
  }

  @Override
  public void add(
      byte[] key,
      int keyOffset,
      int keyLength,
      byte flags,
      byte[] value,
      int valueOffset,
      int valueLength) {
    ByteBuffer place = builder.append(key, keyOffset, keyLength, 1 + valueLength);
    place.put(flags).put(value, valueOffset, valueLength);
    records++;
  }

  @Override
  public void flush() {}

  @Override
  public InfoDatabase describe(ShardFileInfo info) {
    return new InfoDatabase(info, records, null);
  }

  @Override
  public void close() {}
}
