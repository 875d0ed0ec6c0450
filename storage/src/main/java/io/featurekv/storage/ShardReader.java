package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;

/** Reads the entries of one file. Any thread; whoever calls holds a lease. */
sealed interface ShardReader extends AutoCloseable permits OrderedReader, BlockReader {
  /**
   * Looks up those of the keys at {@code which[0..count)} that are UNRESOLVED. Those that are not
   * in the file stay so; damage makes a key FAILED and touches no other.
   */
  default void lookup(KeyBatch batch, int[] which, int count, LookupResult result) {
    for (int i = 0; i < count; i++) {
      int key = which[i];
      if (result.state(key) != LookupResult.UNRESOLVED) {
        continue;
      }
      try {
        lookup(batch, key, result);
      } catch (FeatureKvException | IndexOutOfBoundsException e) {
        result.fail(key, String.valueOf(e.getMessage()));
      } catch (InternalError e) {
        // What the JVM makes of a page of the map that cannot be read.
        result.fail(key, "the file cannot be read: " + e.getMessage());
      }
    }
  }

  /** Looks up one key; leaves it UNRESOLVED if the file does not have it. */
  void lookup(KeyBatch batch, int key, LookupResult result);

  EntryCursor cursor();

  @Override
  void close();
}
