package io.featurekv.bench.data;

/** Takes entries one after the other. */
@FunctionalInterface
public interface EntrySink {
  /** Takes the first bytes of both arrays, which the caller uses again afterwards. */
  void put(byte[] key, int keyLength, byte[] value, int valueLength);
}
