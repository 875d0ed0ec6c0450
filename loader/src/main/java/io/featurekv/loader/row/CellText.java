package io.featurekv.loader.row;

import org.jspecify.annotations.Nullable;

/** Writes cells as text and as JSON. */
public final class CellText {
  private CellText() {}

  /** Appends the plain text of a cell that holds a value: a number in decimal, true or false. */
  static void append(Row row, int cell, ByteSink sink) {
    switch (row.type(cell)) {
      case TEXT, BIG_WHOLE, DECIMAL, NUMBER, BINARY, NESTED ->
          sink.put(row.array(cell), row.offset(cell), row.length(cell));
      case WHOLE -> sink.putDecimal(row.whole(cell));
      case BOOL -> sink.putAscii(row.whole(cell) == 1 ? "true" : "false");
      case FLOAT -> sink.putAscii(Float.toString((float) row.floating(cell)));
      case DOUBLE -> sink.putAscii(Double.toString(row.floating(cell)));
      case NULL, INVALID -> throw new AssertionError("no value: " + row.type(cell));
    }
  }

  /** The plain text of a cell that holds a value. */
  static String of(Row row, int cell) {
    ByteSink sink = new ByteSink();
    append(row, cell, sink);
    return sink.text();
  }

  /**
   * Appends the JSON form of a cell.
   *
   * @return null, or why there is none; the sink may then hold a part
   */
  public static @Nullable String appendJson(Row row, int cell, ByteSink sink) {
    switch (row.type(cell)) {
      case TEXT -> sink.putJsonString(row.array(cell), row.offset(cell), row.length(cell));
      case NULL -> sink.putAscii("null");
      case BIG_WHOLE, DECIMAL, NUMBER, NESTED, WHOLE, BOOL, FLOAT, DOUBLE ->
          append(row, cell, sink);
      case INVALID -> {
        return row.reason(cell);
      }
      case BINARY -> {
        if (!Utf8Text.isValid(row.array(cell), row.offset(cell), row.length(cell))) {
          return "holds bytes that are not UTF-8 text and so have no place in JSON;"
              + " name it as the value column to load the bytes";
        }
        sink.putJsonString(row.array(cell), row.offset(cell), row.length(cell));
      }
    }
    return null;
  }
}
