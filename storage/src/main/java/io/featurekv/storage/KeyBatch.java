package io.featurekv.storage;

import java.lang.foreign.MemorySegment;

/**
 * The keys of one batch, lying in one segment that the caller keeps valid, with their hashes. Reused from batch to batch; not
 * thread-safe.
 */
public final class KeyBatch {
  public KeyBatch(int maxKeys) {}

  /** Forgets the keys; the next ones lie in {@code bytes}. */
  public void reset(MemorySegment bytes) {
    throw new AssertionError("stub");
  }

  /** Adds the key at an offset of the segment and hashes it. */
  public void add(long offset, int length) {
    throw new AssertionError("stub");
  }

  public int count() {
    throw new AssertionError("stub");
  }

  public MemorySegment bytes() {
    throw new AssertionError("stub");
  }

  public long offset(int key) {
    throw new AssertionError("stub");
  }

  public int length(int key) {
    throw new AssertionError("stub");
  }

  public long hash(int key) {
    throw new AssertionError("stub");
  }
}
