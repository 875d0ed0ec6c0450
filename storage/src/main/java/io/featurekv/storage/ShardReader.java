package io.featurekv.storage;

import java.util.function.IntConsumer;

/**
 * Reads the entries of one open file. Any thread; whoever calls holds a lease.
 *
 * <p>A batch goes through the stages in turn, all files of a batch through one stage before the
 * next one, so that what one stage asks of memory or disk is under way for all keys at once.
 */
sealed interface ShardReader extends AutoCloseable
    permits MemReader, IdxReader, BlkReader, V1OrderedReader, V1BlockReader {
  /** How many stages a lookup has. */
  int stages();

  /**
   * Runs one stage for the keys at places {@code from} until {@code to} of the work, all of them
   * UNRESOLVED before stage 0. After the last stage those that the file has are resolved.
   *
   * @throws io.featurekv.model.FeatureKvException CORRUPT; the batch is then tried key by key
   * @throws InternalError where the JVM could not read a page of a mapped file
   */
  void stage(int stage, LookupWork work, int from, int to);

  /** A cursor over the entries, in the file's order; closed before the lease is given back. */
  EntryCursor cursor();

  /**
   * Reads every entry back and checks that a lookup would have found it; files of format 1 are only
   * walked over.
   *
   * @param paceBytes is told of bytes that are read from the file, and may block
   * @throws io.featurekv.model.FeatureKvException CORRUPT
   * @throws InternalError where the JVM could not read a page of a mapped file
   */
  EntryTotals readBack(IntConsumer paceBytes);

  /** Bytes of memory it keeps for as long as it is open. */
  long residentBytes();

  /** How to build another file like this one. */
  default ShardBuildOptions builtWith(long expectedEntries) {
    return ShardBuildOptions.forEntries(expectedEntries);
  }

  /** Brings mapped pages into memory; see {@link OpenShardFile#warm}. */
  default void warm(IntConsumer paceBytes, long maxBytes) {}

  /** Hears that a batch that used this file waited for a disk. */
  default void noteFaults() {}

  /** Frees what it keeps. Idempotent. */
  @Override
  void close();
}
