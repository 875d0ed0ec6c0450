package io.featurekv.loader.row;

import io.featurekv.storage.ShardWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads when an entry expires: whole seconds since 1970, whole milliseconds where the number is
 * 10^11 or more, or an ISO-8601 instant. Empty or null: never. Parts of a second count as a whole
 * one. Not thread-safe.
 */
final class ExpiryReader {
  private static final long FIRST_MILLIS = 100_000_000_000L;
  private static final long MILLIS_PER_SECOND = 1000;
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,40}");

  /** {@code u32} seconds end here, in 2106. */
  private static final long MAX_SECONDS = 0xFFFF_FFFFL;

  private int seconds;

  /** The expiry that was read last, as in {@link ShardWriter#put}. */
  int seconds() {
    return seconds;
  }

  /** Forgets it: the entry never expires. */
  void reset() {
    seconds = ShardWriter.NO_EXPIRY;
  }

  /**
   * Reads a cell.
   *
   * @return null, or what is wrong with it
   */
  @Nullable String read(Row row, int cell) {
    reset();
    return switch (row.type(cell)) {
      case NULL -> null;
      case WHOLE -> takeNumber(row.whole(cell));
      case BIG_WHOLE -> takeNumber(new BigDecimal(row.slice(cell)).toBigInteger());
      case TEXT, BINARY -> readText(row.slice(cell));
      case INVALID -> row.reason(cell);
      case DECIMAL, NUMBER, FLOAT, DOUBLE, BOOL -> noTime(CellText.of(row, cell));
      case NESTED -> "is an object or an array, which no time can be";
    };
  }

  private static String noTime(String text) {
    return "is no time: "
        + ColumnType.shown(text)
        + "; expected seconds or milliseconds since 1970, or an instant like 2030-01-31T12:00:00Z";
  }

  private @Nullable String readText(String text) {
    if (text.isEmpty()) {
      return null;
    }
    if (WHOLE.matcher(text).matches()) {
      return takeNumber(new BigInteger(text));
    }
    try {
      Instant instant = Instant.parse(text);
      return takeSeconds(instant.getEpochSecond() + (instant.getNano() > 0 ? 1 : 0))
          ? null
          : outside(text);
    } catch (DateTimeException e) {
      return noTime(text);
    }
  }

  private @Nullable String takeNumber(BigInteger number) {
    return number.bitLength() >= Long.SIZE
        ? outside(number.toString())
        : takeNumber(number.longValue());
  }

  private @Nullable String takeNumber(long value) {
    return takeSeconds(value >= FIRST_MILLIS ? Math.ceilDiv(value, MILLIS_PER_SECOND) : value)
        ? null
        : outside(Long.toString(value));
  }

  /** Takes seconds since 1970; false where no expiry can be. */
  private boolean takeSeconds(long wanted) {
    if (wanted < 0 || wanted > MAX_SECONDS) {
      return false;
    }
    // The first second stands for never; one later is as long ago.
    seconds = (int) Math.max(1, wanted);
    return true;
  }

  private static String outside(String text) {
    return "is not in 1970-01-01T00:00:00Z..2106-02-07T06:28:15Z: "
        + ColumnType.shown(text)
        + "; leave it empty for an entry that never expires";
  }
}
