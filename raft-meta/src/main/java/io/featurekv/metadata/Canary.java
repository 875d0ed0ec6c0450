package io.featurekv.metadata;

/**
 * A version on trial: reads in one sect see it, those in others see the active one. It is READY for
 * as long.
 *
 * @param sinceMillis when the trial began by the clock of whoever led then, for people to see
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

  /** One that begins. */
  public Canary(long version, String sect, long sinceMillis, long bakeMillis) {
    this(version, sect, sinceMillis, bakeMillis, CanaryCounts.NONE, sinceMillis);
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

  Canary counted(CanaryCounts newCounts, long nowMillis) {
    return new Canary(version, sect, sinceMillis, bakeMillis, counts.atLeast(newCounts), nowMillis);
  }
}
