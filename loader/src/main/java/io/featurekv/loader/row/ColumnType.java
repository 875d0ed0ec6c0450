package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowText;
import io.featurekv.model.RowType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What the text of a column is to be taken for. Text that does not parse makes the cell {@link
 * CellType#INVALID}.
 */
public enum ColumnType {
  STRING,
  INT64,
  DOUBLE,
  FLOAT,
  BOOL,
  BYTES,
  FLOAT_LIST;

  private static final int SHOWN_CHARS = 80;

  /** So many digits always fit into a long. */
  private static final int MAX_QUICK_DIGITS = 18;

  /** A decimal of so many characters without an exponent is finite. */
  private static final int MAX_QUICK_DECIMAL = 300;

  /** The word of the command line, which is that of the type of rows. */
  public static ColumnType ofWord(String column, String word) {
    for (RowType type : RowType.values()) {
      if (type.word().equals(word)) {
        return of(type);
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT,
        "type '"
            + word
            + "' of column '"
            + column
            + "' is none of string, int64, double, float, bool, bytes, list<float>");
  }

  /** What the text of a column of rows is to be taken for, where its values become JSON. */
  private static ColumnType of(RowType type) {
    return switch (type) {
      case STRING -> STRING;
      case INT64 -> INT64;
      case DOUBLE -> DOUBLE;
      case FLOAT -> FLOAT;
      case BOOL -> BOOL;
      case BYTES -> BYTES;
      case FLOAT_LIST -> FLOAT_LIST;
    };
  }

  /**
   * What the text of a column of rows is to be taken for, where it goes into such rows, which see
   * to text that stands for bytes or lists by themselves.
   */
  public static ColumnType inRow(RowType type) {
    return switch (type) {
      case STRING, BYTES, FLOAT_LIST -> STRING;
      case INT64 -> INT64;
      case DOUBLE, FLOAT -> DOUBLE;
      case BOOL -> BOOL;
    };
  }

  /** Sets a cell to what text, valid UTF-8, says; empty text of any type but STRING is null. */
  public void read(Row row, int cell, byte[] array, int offset, int length) {
    boolean isText = this == STRING || this == BYTES;
    if (length == 0 && !isText) {
      row.setNull(cell);
      return;
    }
    switch (this) {
      case STRING, BYTES -> row.setText(cell, array, offset, length);
      case INT64 -> readInt64(row, cell, array, offset, length);
      case DOUBLE -> readDouble(row, cell, array, offset, length);
      case FLOAT -> readFloat(row, cell, array, offset, length);
      case BOOL -> readBool(row, cell, array, offset, length);
      case FLOAT_LIST -> readFloats(row, cell, array, offset, length);
    }
  }

  private static String text(byte[] array, int offset, int length) {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }

  private static void readInt64(Row row, int cell, byte[] array, int offset, int length) {
    int from = array[offset] == '-' ? offset + 1 : offset;
    int end = offset + length;
    if (from < end && end - from <= MAX_QUICK_DIGITS && digitsEnd(array, from, end) == end) {
      long value = 0;
      for (int i = from; i < end; i++) {
        value = value * 10 + (array[i] - '0');
      }
      row.setWhole(cell, from == offset ? value : -value);
      return;
    }
    String text = text(array, offset, length);
    try {
      row.setWhole(cell, Long.parseLong(text));
    } catch (NumberFormatException e) {
      row.setInvalid(cell, "is not an int64: " + shown(text));
    }
  }

  private static void readDouble(Row row, int cell, byte[] array, int offset, int length) {
    int quickEnd = jsonDecimalEnd(array, offset, offset + length);
    if (quickEnd == offset + length && length <= MAX_QUICK_DECIMAL) {
      row.setSlice(cell, CellType.NUMBER, array, offset, length);
      return;
    }
    String text = text(array, offset, length);
    // Double.parseDouble also takes NaN, hexadecimal, suffixes and white space, which are no
    // numbers here.
    if (isDecimal(text)) {
      double value = Double.parseDouble(text);
      if (!Double.isInfinite(value)) {
        // What is left behind a decimal is empty or an exponent, which a decimal has written right.
        if (quickEnd > offset) {
          row.setSlice(cell, CellType.NUMBER, array, offset, length);
        } else {
          row.setSlice(cell, CellType.NUMBER, asJson(text));
        }
        return;
      }
    }
    row.setInvalid(cell, "is not a finite double: " + shown(text));
  }

  /** A decimal as JSON allows it: the same digits, so that it is rounded only where it goes. */
  private static String asJson(String decimal) {
    int from = decimal.charAt(0) == '+' || decimal.charAt(0) == '-' ? 1 : 0;
    int wholeEnd = digitsEnd(decimal, from);
    boolean isPointed = wholeEnd < decimal.length() && decimal.charAt(wholeEnd) == '.';
    int fractionEnd = isPointed ? digitsEnd(decimal, wholeEnd + 1) : wholeEnd;
    while (from < wholeEnd - 1 && decimal.charAt(from) == '0') {
      from++;
    }
    return (decimal.charAt(0) == '-' ? "-" : "")
        + (from == wholeEnd ? "0" : decimal.substring(from, wholeEnd))
        + (fractionEnd > wholeEnd + 1 ? decimal.substring(wholeEnd, fractionEnd) : "")
        + decimal.substring(fractionEnd);
  }

  private static int digitsEnd(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static void readFloat(Row row, int cell, byte[] array, int offset, int length) {
    readDouble(row, cell, array, offset, length);
    if (row.type(cell) == CellType.NUMBER && Float.isInfinite(Float.parseFloat(row.slice(cell)))) {
      row.setInvalid(cell, "is beyond a float: " + shown(text(array, offset, length)));
    }
  }

  /** As JSON, whatever blanks and forms of numbers the text has. */
  private static void readFloats(Row row, int cell, byte[] array, int offset, int length) {
    try {
      StringBuilder json = new StringBuilder("[");
      for (float value : RowText.floats(text(array, offset, length))) {
        if (!Float.isFinite(value)) {
          row.setInvalid(
              cell, "has an element that is not finite: " + shown(text(array, offset, length)));
          return;
        }
        json.append(json.length() == 1 ? "" : ",").append(value);
      }
      row.setSlice(cell, CellType.NESTED, json.append(']').toString());
    } catch (IllegalArgumentException e) {
      row.setInvalid(cell, "cannot be taken: " + e.getMessage());
    }
  }

  private static void readBool(Row row, int cell, byte[] array, int offset, int length) {
    String text = text(array, offset, length);
    switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "1" -> row.setBool(cell, true);
      case "false", "f", "no", "n", "0" -> row.setBool(cell, false);
      default -> row.setInvalid(cell, "is not a bool: " + shown(text));
    }
  }

  /** Text as a message shows it: quoted, and cut when long. */
  public static String shown(String text) {
    return text.length() <= SHOWN_CHARS
        ? "'" + text + "'"
        : "'" + text.substring(0, SHOWN_CHARS) + "...'";
  }

  private static boolean isDecimal(String text) {
    boolean digits = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        digits = true;
      } else if ("+-.eE".indexOf(c) < 0) {
        return false;
      }
    }
    if (!digits) {
      return false;
    }
    try {
      Double.parseDouble(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Where a decimal without an exponent ends that is written as JSON allows it: no plus, no leading
   * zero, digits around the point. {@code from} where there is none.
   */
  private static int jsonDecimalEnd(byte[] text, int from, int end) {
    int at = text[from] == '-' ? from + 1 : from;
    int wholeEnd = digitsEnd(text, at, end);
    if (wholeEnd == at || (text[at] == '0' && wholeEnd > at + 1)) {
      return from;
    }
    if (wholeEnd == end || text[wholeEnd] != '.') {
      return wholeEnd;
    }
    int fractionEnd = digitsEnd(text, wholeEnd + 1, end);
    return fractionEnd == wholeEnd + 1 ? from : fractionEnd;
  }

  private static int digitsEnd(byte[] text, int from, int end) {
    int at = from;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }
}
