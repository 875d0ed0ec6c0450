package io.featurekv.loader.sort;

import java.util.List;
import java.util.function.Supplier;

/**
 * Sorted records of one stretch of the input, each key once: one part after the other for each
 * shard.
 */
public abstract sealed class Run implements AutoCloseable permits RunFile, MemoryRun {
  /** Records of a shard. */
  public abstract long records(int shard);

  /**
   * Walks the records of one shard; several cursors may be used at once, by one thread each.
   *
   * @param bufferBytes what reading may take; a single value longer than that comes on top
   */
  abstract StoredCursor cursor(int shard, int bufferBytes);

  /** Cursors at places all over every shard, each up to the next place. */
  abstract List<Supplier<RecordCursor>> places(int bufferBytes);

  /** Frees what it holds, once all cursors are closed; a file stays. Idempotent. */
  @Override
  public abstract void close();
}
