package io.featurekv.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers as people read them. */
public final class Human {
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Human() {}

  /** {@code 512 B}, {@code 1.5 KiB}, {@code 40.3 MiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** {@code 1,234,567}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** {@code 0.42 s}, {@code 12.3 s}, {@code 2m05s}, {@code 1h02m}. */
  public static String seconds(double seconds) {
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole / 60 % 60);
  }

  /**
   * {@code 30d}, {@code 12h}, {@code 90s}, {@code 1500ms}: the largest unit that says it exactly;
   * {@code off} for none.
   */
  public static String duration(long millis) {
    Duration duration = Duration.ofMillis(millis);
    if (millis == 0) {
      return "off";
    }
    if (millis % 86_400_000 == 0) {
      return duration.toDays() + "d";
    }
    if (millis % 3_600_000 == 0) {
      return duration.toHours() + "h";
    }
    if (millis % 60_000 == 0) {
      return duration.toMinutes() + "m";
    }
    return millis % 1000 == 0 ? duration.toSeconds() + "s" : millis + "ms";
  }

  /** {@code 2026-11-22 18:04:59Z}; empty for 0, which stands for 'not yet'. */
  public static String time(long epochMillis) {
    return epochMillis == 0 ? "" : TIME.format(Instant.ofEpochMilli(epochMillis));
  }

  /** A version's number; empty for 0, which stands for 'none'. */
  public static String version(long version) {
    return version == 0 ? "" : Long.toString(version);
  }
}
