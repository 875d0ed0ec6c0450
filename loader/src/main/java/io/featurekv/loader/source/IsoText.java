package io.featurekv.loader.source;

import io.featurekv.loader.row.ByteSink;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Appends dates, times of day and timestamps in ISO-8601, as {@link LocalDate}, {@link Instant} and
 * the formatters of {@code java.time} write them, but without an object of each. Dates are
 * proleptic Gregorian.
 */
final class IsoText {
  static final long NANOS_PER_SECOND = 1_000_000_000;
  static final long SECONDS_PER_DAY = 86_400;

  /** 0000-01-01 and 9999-12-31: the years that have four digits. */
  private static final long FIRST_PLAIN_DAY = -719_528;

  private static final long LAST_PLAIN_DAY = 2_932_896;

  /** Days from 0000-03-01, when a year begins here so that leap days come last, to 1970-01-01. */
  private static final long DAYS_TO_EPOCH = 719_468;

  private static final int DAYS_PER_ERA = 146_097;
  private static final int YEARS_PER_ERA = 400;
  private static final int FRACTION_DIGITS = 9;

  private IsoText() {}

  /** Appends {@code 2024-01-31}. */
  static void date(long epochDay, ByteSink sink) {
    if (!isPlain(epochDay)) {
      sink.putAscii(LocalDate.ofEpochDay(epochDay).toString());
      return;
    }
    // Hinnant, chrono-compatible low-level date algorithms: civil_from_days.
    long shifted = epochDay + DAYS_TO_EPOCH;
    long era = Math.floorDiv(shifted, (long) DAYS_PER_ERA);
    int dayOfEra = (int) (shifted - era * DAYS_PER_ERA);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int month = (5 * dayOfYear + 2) / 153;
    int day = dayOfYear - (153 * month + 2) / 5 + 1;
    boolean isNextYear = month >= 10;
    int year = (int) (era * YEARS_PER_ERA) + yearOfEra + (isNextYear ? 1 : 0);
    putTwo(year / 100, sink);
    putTwo(year % 100, sink);
    sink.put('-');
    putTwo(isNextYear ? month - 9 : month + 3, sink);
    sink.put('-');
    putTwo(day, sink);
  }

  /** Appends {@code 09:05:00} or {@code 09:05:00.25}: a fraction has no more digits than needed. */
  static void time(long nanoOfDay, ByteSink sink) {
    seconds((int) (nanoOfDay / NANOS_PER_SECOND), sink);
    int nano = (int) (nanoOfDay % NANOS_PER_SECOND);
    int digits = FRACTION_DIGITS;
    for (int left = nano; digits > 0 && left % 10 == 0; left /= 10) {
      digits--;
    }
    fraction(nano, digits, sink);
  }

  /** Appends {@code 2024-01-31T09:05:00.250Z}: a fraction has three, six or nine digits. */
  static void instant(long epochSecond, int nano, ByteSink sink) {
    long day = Math.floorDiv(epochSecond, SECONDS_PER_DAY);
    if (!isPlain(day)) {
      sink.putAscii(Instant.ofEpochSecond(epochSecond, nano).toString());
      return;
    }
    date(day, sink);
    sink.put('T');
    seconds((int) Math.floorMod(epochSecond, SECONDS_PER_DAY), sink);
    fraction(nano, nano == 0 ? 0 : nano % 1_000_000 == 0 ? 3 : nano % 1000 == 0 ? 6 : 9, sink);
    sink.put('Z');
  }

  /** Appends {@code 2024-01-31T09:05:00.25}, of no zone, with a fraction as a time of day has. */
  static void local(long epochSecond, int nano, ByteSink sink) {
    long day = Math.floorDiv(epochSecond, SECONDS_PER_DAY);
    if (!isPlain(day)) {
      sink.putAscii(
          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
              LocalDateTime.ofEpochSecond(epochSecond, nano, ZoneOffset.UTC)));
      return;
    }
    date(day, sink);
    sink.put('T');
    time(Math.floorMod(epochSecond, SECONDS_PER_DAY) * NANOS_PER_SECOND + nano, sink);
  }

  private static boolean isPlain(long epochDay) {
    return epochDay >= FIRST_PLAIN_DAY && epochDay <= LAST_PLAIN_DAY;
  }

  private static void seconds(int secondOfDay, ByteSink sink) {
    putTwo(secondOfDay / 3600, sink);
    sink.put(':');
    putTwo(secondOfDay / 60 % 60, sink);
    sink.put(':');
    putTwo(secondOfDay % 60, sink);
  }

  private static void fraction(int nano, int digits, ByteSink sink) {
    if (digits > 0) {
      sink.put('.');
      int unit = (int) NANOS_PER_SECOND / 10;
      for (int i = 0; i < digits; i++) {
        sink.put('0' + nano / unit % 10);
        unit /= 10;
      }
    }
  }

  private static void putTwo(int number, ByteSink sink) {
    sink.put('0' + number / 10);
    sink.put('0' + number % 10);
  }
}
