package io.featurekv.node.build;

import io.featurekv.metadata.BuilderCheck;

/**
 * How much of a node builds may take.
 *
 * @param threads units that are worked on at once
 * @param memoryBytes of all of them together, outside the heap
 */
public record BuildSettings(int threads, long memoryBytes) {
  /** Memory unless the property says otherwise. */
  public static final long DEFAULT_MEMORY_BYTES = 512L << 20;

  /** Least memory of one unit. */
  static final long MIN_UNIT_BYTES = 32L << 20;

  public BuildSettings {
    if (threads < 1 || threads > BuilderCheck.MAX_SLOTS || memoryBytes < MIN_UNIT_BYTES) {
      throw new IllegalArgumentException(
          "building with " + threads + " threads and " + memoryBytes + " bytes");
    }
  }

  /**
   * From the system properties {@code featurekv.build.threads} (as many as there are processors)
   * and {@code featurekv.build.memory.bytes}.
   */
  public static BuildSettings ofProperties() {
    return new BuildSettings(
        Integer.getInteger(
            "featurekv.build.threads",
            Math.min(BuilderCheck.MAX_SLOTS, Runtime.getRuntime().availableProcessors())),
        Long.getLong("featurekv.build.memory.bytes", DEFAULT_MEMORY_BYTES));
  }

  /** Memory of one unit. */
  long unitBytes() {
    return Math.max(MIN_UNIT_BYTES, memoryBytes / threads);
  }
}
