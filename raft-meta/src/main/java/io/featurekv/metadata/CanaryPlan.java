package io.featurekv.metadata;

import org.jspecify.annotations.Nullable;

/**
 * That a version goes to one sect first once it is ready, and to the others after a while if it
 * does well there.
 *
 * @param shown what was read during the trial, once that is over; null before
 */
public record CanaryPlan(String sect, long bakeMillis, @Nullable CanaryCounts shown) {
  /** Longest trial. */
  public static final long MAX_BAKE_MILLIS = 7L * 24 * 3_600_000;

  /** Of a trial that is to come. */
  public CanaryPlan(String sect, long bakeMillis) {
    this(sect, bakeMillis, null);
  }
}
