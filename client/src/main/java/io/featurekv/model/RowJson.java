package io.featurekv.model;

import java.util.Base64;

/**
 * Rows as JSON objects, a field for each column, in order: int64 exactly, bytes in base64, and the
 * numbers that JSON does not have as the texts {@code "NaN"}, {@code "Infinity"} and {@code
 * "-Infinity"}.
 */
public final class RowJson {
  private RowJson() {}

  /** Appends a row. */
  public static void append(RowView row, StringBuilder out) {
    out.append('{');
    for (int i = 0; i < row.columns().size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      appendText(row.columns().get(i).name(), out);
      out.append(':');
      appendValue(row, i, out);
    }
    out.append('}');
  }

  /** A row by itself. */
  public static String of(RowView row) {
    StringBuilder out = new StringBuilder();
    append(row, out);
    return out.toString();
  }

  /** Appends the value of one column. */
  public static void appendValue(RowView row, int column, StringBuilder out) {
    if (row.isNull(column)) {
      out.append("null");
      return;
    }
    switch (row.columns().get(column).type()) {
      case INT64 -> out.append(row.getLong(column));
      case DOUBLE -> appendNumber(Double.toString(row.getDouble(column)), out);
      case FLOAT -> appendNumber(Float.toString(row.getFloat(column)), out);
      case BOOL -> out.append(row.getBoolean(column));
      case STRING -> appendText(String.valueOf(row.getString(column)), out);
      case BYTES -> {
        byte[] value = row.getBytes(column);
        out.append('"');
        out.append(value == null ? "" : Base64.getEncoder().encodeToString(value));
        out.append('"');
      }
      case FLOAT_LIST -> {
        out.append('[');
        int count = row.floatCount(column);
        for (int i = 0; i < count; i++) {
          if (i > 0) {
            out.append(',');
          }
          appendNumber(Float.toString(row.getFloat(column, i)), out);
        }
        out.append(']');
      }
    }
  }

  private static void appendNumber(String text, StringBuilder out) {
    char last = text.charAt(text.length() - 1);
    if (last >= '0' && last <= '9') {
      out.append(text);
    } else {
      out.append('"').append(text).append('"');
    }
  }

  private static void appendText(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
