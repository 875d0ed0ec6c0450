package io.featurekv.storage;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What was found for each key of a batch: a state and, where found, where the value's bytes lie. The bytes live as long as the lease under
 * which they were looked up and until {@link #reset}. Reused; not thread-safe.
 */
public final class LookupResult implements AutoCloseable {
  public static final byte UNRESOLVED = 0;
  public static final byte FOUND = 1;
  public static final byte ABSENT = 2;
  public static final byte DELETED = 3;
  public static final byte FAILED = 4;

  public LookupResult(int maxKeys) {}

  /** All of {@code count} keys UNRESOLVED, scratch memory reusable. */
  public void reset(int count) {
    throw new AssertionError("stub");
  }

  public byte state(int key) {
    throw new AssertionError("stub");
  }

  /** Segment that holds the value of a FOUND key. */
  public MemorySegment source(int key) {
    throw new AssertionError("stub");
  }

  public long offset(int key) {
    throw new AssertionError("stub");
  }

  public int length(int key) {
    throw new AssertionError("stub");
  }

  /** Why a key is FAILED; null otherwise. */
  public @Nullable String failure(int key) {
    throw new AssertionError("stub");
  }

  public void fail(int key, String reason) {
    throw new AssertionError("stub");
  }

  @Override
  public void close() {}
}
