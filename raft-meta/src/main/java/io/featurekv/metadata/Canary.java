package io.featurekv.metadata;

/**
 * A version on trial: reads in one sect see it, those in others see the active one. It is READY for
 * as long.
 *
 * @param sinceMillis when the trial began
 * @param bakeMillis how long it is to last
 * @param counts what the leader knew of its reads when it last told
 * @param countedAtMillis when that was; {@code sinceMillis} before the first time
 */
public record Canary(
    long version,
    String sect,
    long sinceMillis,
    long bakeMillis,
    CanaryCounts counts,
    long countedAtMillis) {
  /** How many tables may have one at a time. */
  public static final int MAX_AT_A_TIME = 64;

  /** How far clocks of leaders may be apart. */
  private static final long CLOCK_TOLERANCE_MILLIS = 60_000;

  /** One that begins. */
  public Canary(long version, String sect, long sinceMillis, long bakeMillis) {
    this(version, sect, sinceMillis, bakeMillis, CanaryCounts.NONE, sinceMillis);
  }

  /** When the trial has lasted as long as it was to. */
  public long bakedAtMillis() {
    return sinceMillis + bakeMillis;
  }

  /** Whether the trial has lasted as long as it was to. */
  public boolean isBaked(long nowMillis) {
    return nowMillis >= bakedAtMillis();
  }

  /** Whether whoever began the trial had a clock that was ahead: nobody knows when it began. */
  public boolean isAheadOf(long nowMillis) {
    return sinceMillis - nowMillis > CLOCK_TOLERANCE_MILLIS;
  }

  /** Where it stands, for a person. */
  public String text(long nowMillis) {
    return "canary in sect "
        + sect
        + ", "
        + words(Math.clamp(nowMillis - sinceMillis, 0, bakeMillis))
        + " of "
        + words(bakeMillis)
        + ", "
        + counts.text();
  }

  /** Like 2h5m, 3m, 3m20s or 800ms. */
  private static String words(long millis) {
    if (millis < 1_000) {
      return millis + "ms";
    }
    long seconds = millis / 1_000;
    String minutes = seconds % 3_600 / 60 == 0 ? "" : seconds % 3_600 / 60 + "m";
    return seconds >= 3_600
        ? seconds / 3_600 + "h" + minutes
        : minutes + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
  }

  /** The same once more from now on, with what was counted. */
  Canary again(long nowMillis) {
    return new Canary(version, sect, nowMillis, bakeMillis, counts, nowMillis);
  }

  Canary counted(CanaryCounts newCounts, long nowMillis) {
    return new Canary(version, sect, sinceMillis, bakeMillis, counts.atLeast(newCounts), nowMillis);
  }
}
