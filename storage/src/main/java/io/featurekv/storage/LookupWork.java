package io.featurekv.storage;

/**
 * What the stages of a lookup hand to each other, for one thread and one batch at a time. Fields
 * instead of methods, for the loops of the readers run over them.
 */
@SuppressWarnings("NullAway.Init")
final class LookupWork {
  /** The keys that are looked for, by place; those of one file lie side by side. */
  final int[] keys;

  /** For the reader, by place. */
  final long[] place;

  /** For the reader, by place. */
  final long[] extra;

  /** For searches in step, by place: where they are. */
  final int[] low;

  /** For searches in step, by place: how much is left. */
  final int[] left;

  /** By key, as in the batch. */
  long[] hashes;

  /** By key, absolute addresses. */
  long[] addresses;

  /** By key. */
  int[] lengths;

  /** By key: which of the files it is in. */
  int[] shards;

  LookupResult result;
  long readTimeSeconds;

  /** Sum of everything that was read only to have it at hand. */
  long touched;

  private int[] zeros = {};

  LookupWork(int maxKeys) {
    this.keys = new int[maxKeys];
    this.place = new long[maxKeys];
    this.extra = new long[maxKeys];
    this.low = new int[maxKeys];
    this.left = new int[maxKeys];
  }

  /** By key: 0, for a file that stands alone. */
  int[] zeros() {
    if (zeros.length < hashes.length) {
      zeros = new int[hashes.length];
    }
    return zeros;
  }

  void begin(KeyBatch batch, LookupResult batchResult, long readTime) {
    hashes = batch.hashes();
    addresses = batch.addresses();
    lengths = batch.lengths();
    shards = batch.shardOfKeys();
    result = batchResult;
    readTimeSeconds = readTime;
  }
}
