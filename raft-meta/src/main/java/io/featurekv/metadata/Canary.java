package io.featurekv.metadata;

/**
 * A version on trial: reads in one sect see it, those in others see the active one. It is READY for
 * as long.
 *
 * @param sinceMillis when the trial began
 * @param bakeMillis how long it is to last
 */
public record Canary(long version, String sect, long sinceMillis, long bakeMillis) {
  /** Whether the trial has lasted as long as it was to. */
  public boolean isBaked(long nowMillis) {
    return nowMillis - sinceMillis >= bakeMillis;
  }
}
