package io.featurekv.storage;

import io.featurekv.model.FeatureKvException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Checks, while an ordered file is read back, that a lookup would have found every key: keys
 * ascend, the index leads to the page or block where a key lies, the filter lets it pass. One
 * thread.
 */
final class GuideCheck {
  /** Keys that are asked of the filter together, so that its cache misses overlap. */
  private static final int TOGETHER = 256;

  private final Path file;
  private final KeyIndex index;
  private final @Nullable KeyFilter filter;
  private final long[] hashes = new long[TOGETHER];
  private int waiting;

  GuideCheck(Path file, KeyIndex index, @Nullable KeyFilter filter) {
    this.file = file;
    this.index = index;
    this.filter = filter;
  }

  /** Takes the first or last key of a page or block: what lies between is led there as well. */
  void end(long rank, long key, int length) {
    if (!index.hasCommonStart(key, length) || index.floor(key, length) != rank) {
      throw corrupt("the index leads away from a key of page or block " + rank);
    }
  }

  /** Checks that a key follows another one. */
  void follows(long key, int length, long last, int lastLength, long rank) {
    if (NativeMemory.compare(last, lastLength, key, length) >= 0) {
      throw corrupt("keys of page or block " + rank + " do not ascend");
    }
  }

  /** Takes the hash of a key. */
  void hash(long hash) {
    hashes[waiting++] = hash;
    if (waiting == TOGETHER) {
      finish();
    }
  }

  /** Asks the filter about the last ones. */
  void finish() {
    for (int i = 0; i < waiting && filter != null; i++) {
      if (!KeyFilter.mayContain(filter.block(hashes[i]), hashes[i])) {
        throw corrupt("the filter denies a key that is there");
      }
    }
    waiting = 0;
  }

  private FeatureKvException corrupt(String what) {
    return FileErrors.corrupt(file, what);
  }
}
