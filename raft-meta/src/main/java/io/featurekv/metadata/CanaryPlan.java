package io.featurekv.metadata;

/**
 * That a version goes to one sect first once it is ready, and to the others after a while if it
 * does well there.
 */
public record CanaryPlan(String sect, long bakeMillis) {
  /** Longest trial. */
  public static final long MAX_BAKE_MILLIS = 7L * 24 * 3_600_000;
}
