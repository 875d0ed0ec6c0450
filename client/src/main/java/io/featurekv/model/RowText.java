package io.featurekv.model;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Values of columns as people write them: numbers in decimals, {@code true} and {@code false}, text
 * as it is, bytes in base64, lists as {@code [1.0,2.5]}. Every method throws {@link
 * NumberFormatException} or {@link IllegalArgumentException} for anything else, saying what was
 * expected.
 */
public final class RowText {
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(?:\\d++\\.?+\\d*+|\\.\\d++)(?:[eE][+-]?\\d++)?");

  private RowText() {}

  /** An {@link RowType#INT64}. */
  public static long int64(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new NumberFormatException("'" + text + "' is not an int64");
    }
  }

  /** A {@link RowType#DOUBLE}; a decimal beyond its range is refused. */
  public static double float64(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> {
        double value = DECIMAL.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        if (Double.isNaN(value) || Double.isInfinite(value)) {
          throw new NumberFormatException("'" + text + "' is not a double");
        }
        yield value;
      }
    };
  }

  /** A {@link RowType#FLOAT}, the nearest one; a decimal beyond its range is refused. */
  public static float float32(String text) {
    return switch (text) {
      case "NaN" -> Float.NaN;
      case "Infinity" -> Float.POSITIVE_INFINITY;
      case "-Infinity" -> Float.NEGATIVE_INFINITY;
      default -> {
        float value = DECIMAL.matcher(text).matches() ? Float.parseFloat(text) : Float.NaN;
        if (Float.isNaN(value) || Float.isInfinite(value)) {
          throw new NumberFormatException("'" + text + "' is not a float");
        }
        yield value;
      }
    };
  }

  /** A {@link RowType#BOOL}. */
  public static boolean bool(String text) {
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw new IllegalArgumentException("'" + text + "' is not a bool");
  }

  /** {@link RowType#BYTES}. */
  public static byte[] bytes(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is not base64: " + e.getMessage(), e);
    }
  }

  /** A {@link RowType#FLOAT_LIST}. */
  public static float[] floats(String text) {
    String trimmed = text.trim();
    if (!trimmed.startsWith("[") || !trimmed.endsWith("]") || trimmed.length() < 2) {
      throw new IllegalArgumentException("'" + text + "' is not a list<float> like [1.0,2.5]");
    }
    String inside = trimmed.substring(1, trimmed.length() - 1).trim();
    if (inside.isEmpty()) {
      return new float[0];
    }
    String[] parts = inside.split(",", -1);
    float[] values = new float[parts.length];
    for (int i = 0; i < parts.length; i++) {
      values[i] = float32(parts[i].trim());
    }
    return values;
  }

  /**
   * Parts of a text between commas, leaving alone those within brackets, angle brackets and double
   * quotes, and what follows a backslash in quotes.
   */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' || c == '<') {
        depth++;
      } else if (c == ']' || c == '>') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  /** A text without the double quotes that it may stand in. */
  static String unquoted(String text) {
    if (text.length() < 2 || text.charAt(0) != '"' || text.charAt(text.length() - 1) != '"') {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 1; i < text.length() - 1; i++) {
      char c = text.charAt(i);
      plain.append(c == '\\' && i < text.length() - 2 ? text.charAt(++i) : c);
    }
    return plain.toString();
  }

  /** What {@link #split} and {@link #unquoted} take back to the text. */
  static String quoted(String text) {
    boolean plain = !text.isEmpty() && text.equals(text.strip());
    for (int i = 0; plain && i < text.length(); i++) {
      plain = ",\"<>[]".indexOf(text.charAt(i)) < 0;
    }
    return plain ? text : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
