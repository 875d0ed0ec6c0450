package io.featurekv.node.build;

import io.featurekv.metadata.BuilderCheck;

/**
 * How much of a node builds may take.
 *
 * @param threads units that are worked on at once
 * @param memoryBytes of all of them together, outside the heap
 */
public record BuildSettings(int threads, long memoryBytes) {
  /** Least memory of one unit. */
  public static final long MIN_UNIT_BYTES = 32L << 20;

  public BuildSettings {
    if (threads < 1 || threads > BuilderCheck.MAX_SLOTS || memoryBytes < threads * MIN_UNIT_BYTES) {
      throw new IllegalArgumentException(
          "building takes 1 to "
              + BuilderCheck.MAX_SLOTS
              + " threads and at least "
              + MIN_UNIT_BYTES
              + " bytes for each, not "
              + threads
              + " and "
              + memoryBytes);
    }
  }

  /** Memory of one unit. */
  long unitBytes() {
    return memoryBytes / threads;
  }
}
