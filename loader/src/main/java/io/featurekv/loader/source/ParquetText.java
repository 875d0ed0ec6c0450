package io.featurekv.loader.source;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.CellType;
import io.featurekv.loader.row.Row;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Makes cells of the values of a Parquet column that are numbers in the file and text here: dates,
 * times of day, timestamps and decimals. A cell is good until the next one is made. The text is
 * that of {@link ParquetCells}, but without an object of a value, unless it is a decimal beyond 64
 * bits.
 */
final class ParquetText {
  /** The day of 1970-01-01 in INT96: a Julian day number. */
  private static final long JULIAN_EPOCH_DAY = 2_440_588;

  private static final int INT96_BYTES = 12;
  private static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int MAX_LONG_DIGITS = 19;

  private final Form form;
  private final long nanosPerUnit;

  /** Never negative: {@link LogicalType.DecimalType} refuses that. */
  private final int scale;

  private final ByteSink text = new ByteSink();
  private final byte[] digits = new byte[MAX_LONG_DIGITS];

  private enum Form {
    DATE,
    TIME,
    INSTANT,
    LOCAL,
    INT96,
    DECIMAL
  }

  private ParquetText(Form form, long nanosPerUnit, int scale) {
    this.form = form;
    this.nanosPerUnit = nanosPerUnit;
    this.scale = scale;
  }

  /** For the values of a field; null where they are something else. */
  static @Nullable ParquetText of(SchemaNode.PrimitiveNode field) {
    boolean isWhole = field.type() == PhysicalType.INT32 || field.type() == PhysicalType.INT64;
    return switch (field.logicalType()) {
      case null -> field.type() == PhysicalType.INT96 ? new ParquetText(Form.INT96, 1, 0) : null;
      case LogicalType.DecimalType decimal -> new ParquetText(Form.DECIMAL, 1, decimal.scale());
      case LogicalType.DateType _ when isWhole -> new ParquetText(Form.DATE, 1, 0);
      case LogicalType.TimeType time when isWhole ->
          new ParquetText(Form.TIME, nanos(time.unit()), 0);
      case LogicalType.TimestampType at when isWhole ->
          new ParquetText(at.isAdjustedToUTC() ? Form.INSTANT : Form.LOCAL, nanos(at.unit()), 0);
      default -> null;
    };
  }

  private static long nanos(LogicalType.TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> 1_000_000;
      case MICROS -> 1000;
      case NANOS -> 1;
    };
  }

  /** Sets a cell to what a number stands for. */
  void set(Row row, int cell, long value) {
    text.reset();
    long unitsPerSecond = IsoText.NANOS_PER_SECOND / nanosPerUnit;
    switch (form) {
      case DATE -> IsoText.date(value, text);
      case TIME -> {
        if (value < 0 || value >= IsoText.SECONDS_PER_DAY * unitsPerSecond) {
          row.setInvalid(cell, "is no time of day: " + value);
          return;
        }
        IsoText.time(value * nanosPerUnit, text);
      }
      case INSTANT ->
          IsoText.instant(Math.floorDiv(value, unitsPerSecond), nano(value, unitsPerSecond), text);
      case LOCAL ->
          IsoText.local(Math.floorDiv(value, unitsPerSecond), nano(value, unitsPerSecond), text);
      case DECIMAL -> {
        setDecimal(row, cell, value);
        return;
      }
      case INT96 -> throw new AssertionError("no number of 64 bits");
    }
    row.setText(cell, text.array(), 0, text.length());
  }

  private int nano(long value, long unitsPerSecond) {
    return (int) (Math.floorMod(value, unitsPerSecond) * nanosPerUnit);
  }

  /** Sets a cell to what bytes stand for. */
  void set(Row row, int cell, byte[] array, int offset, int length) {
    text.reset();
    if (form == Form.DECIMAL) {
      setDecimal(row, cell, array, offset, length);
      return;
    }
    if (length != INT96_BYTES) {
      row.setInvalid(cell, "is a timestamp of " + length + " bytes, not " + INT96_BYTES);
      return;
    }
    long nanoOfDay = (long) LONG_LE.get(array, offset);
    long day = (int) INT_LE.get(array, offset + Long.BYTES) - JULIAN_EPOCH_DAY;
    IsoText.instant(
        day * IsoText.SECONDS_PER_DAY + Math.floorDiv(nanoOfDay, IsoText.NANOS_PER_SECOND),
        (int) Math.floorMod(nanoOfDay, IsoText.NANOS_PER_SECOND),
        text);
    row.setText(cell, text.array(), 0, text.length());
  }

  /** Two's complement, the most significant byte first. */
  private void setDecimal(Row row, int cell, byte[] array, int offset, int length) {
    if (length == 0) {
      row.setInvalid(cell, "is a decimal of no bytes");
      return;
    }
    byte sign = (byte) (array[offset] >> 7);
    int at = offset;
    int end = offset + length;
    while (at < end - Long.BYTES && array[at] == sign) {
      at++;
    }
    long value = array[at];
    boolean fits = end - at <= Long.BYTES && (at == offset || (value < 0) == (sign < 0));
    if (!fits) {
      putDecimal(row, cell, new BigDecimal(new BigInteger(array, offset, length), scale));
      return;
    }
    for (int i = at + 1; i < end; i++) {
      value = (value << 8) | (array[i] & 0xFF);
    }
    setDecimal(row, cell, value);
  }

  private void putDecimal(Row row, int cell, BigDecimal decimal) {
    text.putAscii(decimal.toPlainString());
    takeDecimal(row, cell);
  }

  private void setDecimal(Row row, int cell, long unscaled) {
    if (unscaled == Long.MIN_VALUE) {
      putDecimal(row, cell, BigDecimal.valueOf(unscaled, scale));
      return;
    }
    if (unscaled < 0) {
      text.put('-');
    }
    int first = MAX_LONG_DIGITS;
    for (long left = Math.abs(unscaled); left > 0; left /= 10) {
      digits[--first] = (byte) ('0' + left % 10);
    }
    int count = MAX_LONG_DIGITS - first;
    int wholeDigits = Math.max(0, count - scale);
    if (wholeDigits == 0) {
      text.put('0');
    }
    text.put(digits, first, wholeDigits);
    if (scale > 0) {
      text.put('.');
      for (int i = count; i < scale; i++) {
        text.put('0');
      }
      text.put(digits, first + wholeDigits, count - wholeDigits);
    }
    takeDecimal(row, cell);
  }

  private void takeDecimal(Row row, int cell) {
    CellType type = scale == 0 ? CellType.BIG_WHOLE : CellType.DECIMAL;
    row.setSlice(cell, type, text.array(), 0, text.length());
  }
}
