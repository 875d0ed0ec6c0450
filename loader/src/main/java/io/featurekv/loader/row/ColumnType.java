package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Locale;

/**
 * What the text of a column is to be taken for. Text that does not parse becomes {@link
 * Cell.Invalid}.
 */
public enum ColumnType {
  STRING,
  INT64,
  DOUBLE,
  BOOL;

  private static final int SHOWN_CHARS = 80;

  /** The word of the command line: string, int64, double or bool. */
  public static ColumnType ofWord(String column, String word) {
    for (ColumnType type : values()) {
      if (type.name().toLowerCase(Locale.ROOT).equals(word)) {
        return type;
      }
    }
    throw new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT,
        "type '" + word + "' of column '" + column + "' is none of string, int64, double, bool");
  }

  /** Reads text; empty text of any type but STRING is null. */
  public Cell parse(String text) {
    if (this == STRING) {
      return new Cell.Text(text);
    }
    if (text.isEmpty()) {
      return Cell.NULL;
    }
    return switch (this) {
      case STRING -> new Cell.Text(text);
      case INT64 -> parseInt64(text);
      case DOUBLE -> parseDouble(text);
      case BOOL -> parseBool(text);
    };
  }

  private static Cell parseInt64(String text) {
    try {
      return new Cell.Whole(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return new Cell.Invalid("is not an int64: " + shown(text));
    }
  }

  private static Cell parseDouble(String text) {
    // Double.parseDouble also takes NaN, hexadecimal, suffixes and white space, which are no
    // numbers here.
    if (isDecimal(text)) {
      double value = Double.parseDouble(text);
      if (!Double.isInfinite(value)) {
        return new Cell.Floating(isJsonNumber(text) ? text : Double.toString(value));
      }
    }
    return new Cell.Invalid("is not a finite double: " + shown(text));
  }

  private static Cell parseBool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "1" -> Cell.TRUE;
      case "false", "f", "no", "n", "0" -> Cell.FALSE;
      default -> new Cell.Invalid("is not a bool: " + shown(text));
    };
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
   * Of a decimal: whether JSON allows this way of writing it (no plus, no leading zero, digits
   * around the point).
   */
  private static boolean isJsonNumber(String text) {
    int i = text.charAt(0) == '-' ? 1 : 0;
    int wholeEnd = digitsEnd(text, i);
    if (wholeEnd == i || (text.charAt(i) == '0' && wholeEnd > i + 1)) {
      return false;
    }
    i = wholeEnd;
    if (i < text.length() && text.charAt(i) == '.') {
      int end = digitsEnd(text, i + 1);
      if (end == i + 1) {
        return false;
      }
      i = end;
    }
    // What is left is empty or an exponent, which a decimal has written right.
    return true;
  }

  private static int digitsEnd(String text, int from) {
    int i = from;
    while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      i++;
    }
    return i;
  }
}
