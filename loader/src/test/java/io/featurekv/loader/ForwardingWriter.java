package io.featurekv.loader;

import io.featurekv.storage.SealedShardFile;
import io.featurekv.storage.ShardWriter;

/** Passes everything on; tests change what they like. */
class ForwardingWriter implements ShardWriter {
  final ShardWriter to;

  ForwardingWriter(ShardWriter to) {
    this.to = to;
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
    to.put(key, keyOffset, keyLength, value, valueOffset, valueLength, expirySeconds);
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
    to.put(hash, key, keyOffset, keyLength, value, valueOffset, valueLength, expirySeconds);
  }

  @Override
  public void putNative(
      long hash,
      long keyAddress,
      int keyLength,
      long valueAddress,
      int valueLength,
      int expirySeconds) {
    to.putNative(hash, keyAddress, keyLength, valueAddress, valueLength, expirySeconds);
  }

  @Override
  public void delete(byte[] key, int keyOffset, int keyLength) {
    to.delete(key, keyOffset, keyLength);
  }

  @Override
  public void delete(long hash, byte[] key, int keyOffset, int keyLength) {
    to.delete(hash, key, keyOffset, keyLength);
  }

  @Override
  public void deleteNative(long hash, long keyAddress, int keyLength) {
    to.deleteNative(hash, keyAddress, keyLength);
  }

  @Override
  public SealedShardFile seal() {
    return to.seal();
  }

  @Override
  public void close() {
    to.close();
  }
}
