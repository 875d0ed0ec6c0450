package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowType;
import io.featurekv.model.RowWriter;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a typed row of a source's row: cells are matched to columns by name, and taken where the
 * column's type holds what they say. Decimals, doubles of Parquet and whole numbers become the
 * nearest double or float; nothing else is rounded, cut or guessed. A column that a row does not
 * have gets its default.
 *
 * <p>The bytes are valid until the next row is encoded. Not thread-safe.
 */
final class RowEncoder {
  private static final int SHOWN_CHARS = 80;

  private final RowSchema schema;
  private final TextEncoding bytesEncoding;
  private final RowWriter writer;
  private final DecimalText decimals = new DecimalText();
  private final ByteSink decoded = new ByteSink();

  /** {@code bytesEncoding}: how text stands for bytes in a column of them. */
  RowEncoder(RowSchema schema, TextEncoding bytesEncoding) {
    this.schema = schema;
    this.bytesEncoding = bytesEncoding;
    writer = new RowWriter(schema);
  }

  byte[] array() {
    return writer.array();
  }

  int offset() {
    return writer.offset();
  }

  int length() {
    return writer.length();
  }

  /** For each column of the schema the cell of its name, or -1. */
  int[] cellsOf(Columns columns) {
    return schema.columns().stream().mapToInt(column -> columns.indexOf(column.name())).toArray();
  }

  /** The failure of rows without a column that has no default; null if all are there. */
  @Nullable FeatureKvException lacking(Columns columns, String source) {
    for (RowColumn column : schema.columns()) {
      if (!column.hasDefault() && columns.indexOf(column.name()) < 0) {
        return new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT,
            "%s has no column '%s', and the table's column of that name has no default; its columns are: %s"
                .formatted(source, column.name(), columns));
      }
    }
    return null;
  }

  /**
   * Encodes a row.
   *
   * @param cells what {@link #cellsOf} says of its columns
   * @return null, or why the row is rejected
   */
  @Nullable String encode(Row row, int[] cells) {
    List<RowColumn> columns = schema.columns();
    try {
      writer.begin();
      for (int i = 0; i < cells.length; i++) {
        String fault = set(row, i, cells[i]);
        if (fault != null) {
          return "column '" + columns.get(i).name() + "' " + fault;
        }
      }
      writer.finish();
      return null;
    } catch (FeatureKvException e) {
      // Longer than any value may be.
      return e.getMessage();
    }
  }

  private @Nullable String set(Row row, int column, int cell) {
    RowColumn wanted = schema.columns().get(column);
    if (cell < 0) {
      if (!wanted.hasDefault()) {
        return "is missing and has no default; the row has the columns " + row.columns();
      }
      writer.setDefault(column);
      return null;
    }
    if (isNull(row, cell, wanted.type())) {
      if (!wanted.nullable()) {
        return "is null and may not be";
      }
      writer.setNull(column);
      return null;
    }
    if (row.type(cell) == CellType.INVALID) {
      return row.reason(cell);
    }
    return switch (wanted.type()) {
      case INT64 -> setLong(row, column, cell);
      case DOUBLE -> setDouble(row, column, cell);
      case FLOAT -> setFloat(row, column, cell);
      case BOOL -> setBool(row, column, cell);
      case STRING -> setString(row, column, cell);
      case BYTES -> setBytes(row, column, cell);
      case FLOAT_LIST -> setFloats(row, column, cell);
    };
  }

  /** Empty text says no list, not even an empty one. */
  private static boolean isNull(Row row, int cell, RowType wanted) {
    CellType type = row.type(cell);
    return type == CellType.NULL
        || (wanted == RowType.FLOAT_LIST && type == CellType.TEXT && row.length(cell) == 0);
  }

  private @Nullable String setLong(Row row, int column, int cell) {
    switch (row.type(cell)) {
      case WHOLE -> writer.setLong(column, row.whole(cell));
      case BIG_WHOLE, DECIMAL, NUMBER, FLOAT, DOUBLE -> {
        try {
          // 3.0 is whole, 1.5 is not.
          writer.setLong(column, new BigDecimal(CellText.of(row, cell)).longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
          // The latter for an exponent that no BigDecimal has.
          return "is " + shown(row, cell) + ", which is no int64";
        }
      }
      default -> {
        return wrongType(row, cell, "an int64");
      }
    }
    return null;
  }

  private @Nullable String setDouble(Row row, int column, int cell) {
    switch (row.type(cell)) {
      case WHOLE -> writer.setDouble(column, (double) row.whole(cell));
      case FLOAT, DOUBLE -> writer.setDouble(column, row.floating(cell));
      case BIG_WHOLE, DECIMAL, NUMBER -> {
        try {
          int from = row.offset(cell);
          writer.setDouble(
              column, decimals.toDouble(row.array(cell), from, from + row.length(cell)));
        } catch (NumberFormatException e) {
          return "is " + shown(row, cell) + ", which is beyond a double";
        }
      }
      default -> {
        return wrongType(row, cell, "a double");
      }
    }
    return null;
  }

  private @Nullable String setFloat(Row row, int column, int cell) {
    float value;
    switch (row.type(cell)) {
      case WHOLE -> value = (float) row.whole(cell);
      case FLOAT, DOUBLE -> value = (float) row.floating(cell);
      case BIG_WHOLE, DECIMAL, NUMBER -> {
        try {
          int from = row.offset(cell);
          value = decimals.toFloat(row.array(cell), from, from + row.length(cell));
        } catch (NumberFormatException e) {
          return "is " + shown(row, cell) + ", which is beyond a float";
        }
      }
      default -> {
        return wrongType(row, cell, "a float");
      }
    }
    if (Float.isInfinite(value)) {
      return "is " + shown(row, cell) + ", which is beyond a float";
    }
    writer.setFloat(column, value);
    return null;
  }

  private @Nullable String setBool(Row row, int column, int cell) {
    if (row.type(cell) != CellType.BOOL) {
      return wrongType(row, cell, "a bool");
    }
    writer.setBoolean(column, row.whole(cell) == 1);
    return null;
  }

  private @Nullable String setString(Row row, int column, int cell) {
    switch (row.type(cell)) {
      case TEXT -> writer.setUtf8(column, row.array(cell), row.offset(cell), row.length(cell));
      case BINARY -> {
        if (!Utf8Text.isValid(row.array(cell), row.offset(cell), row.length(cell))) {
          return "holds bytes that are not UTF-8 text";
        }
        writer.setUtf8(column, row.array(cell), row.offset(cell), row.length(cell));
      }
      default -> {
        return wrongType(row, cell, "a string");
      }
    }
    return null;
  }

  private @Nullable String setBytes(Row row, int column, int cell) {
    CellType type = row.type(cell);
    if (type == CellType.BINARY || (type == CellType.TEXT && bytesEncoding == TextEncoding.UTF8)) {
      writer.setBytes(column, row.array(cell), row.offset(cell), row.length(cell));
      return null;
    }
    if (type != CellType.TEXT) {
      return wrongType(row, cell, "bytes");
    }
    decoded.reset();
    String fault =
        bytesEncoding.append(row.array(cell), row.offset(cell), row.length(cell), decoded);
    if (fault == null) {
      writer.setBytes(column, decoded.array(), 0, decoded.length());
    }
    return fault;
  }

  /** Reads {@code [1.0, 2.5]}: JSON, or text of the same form. Its elements are finite. */
  private @Nullable String setFloats(Row row, int column, int cell) {
    CellType type = row.type(cell);
    if (type != CellType.NESTED && type != CellType.TEXT) {
      return wrongType(row, cell, "a list<float>");
    }
    byte[] text = row.array(cell);
    int from = row.offset(cell);
    int end = from + row.length(cell);
    int at = blanksEnd(text, from, end);
    if (at == end || text[at] != '[') {
      return "is " + shown(row, cell) + ", which is no list<float> like [1.0,2.5]";
    }
    writer.beginFloats(column);
    at = blanksEnd(text, at + 1, end);
    boolean isEmpty = at < end && text[at] == ']';
    while (!isEmpty && at < end) {
      int elementEnd = elementEnd(text, at, end);
      try {
        float value = decimals.toFloat(text, at, elementEnd);
        if (!Float.isFinite(value)) {
          return "is " + shown(row, cell) + ", in which an element is not finite";
        }
        writer.addFloat(value);
      } catch (NumberFormatException e) {
        return "is " + shown(row, cell) + ", in which an element is no float";
      }
      at = blanksEnd(text, elementEnd, end);
      if (at == end || text[at] != ',') {
        break;
      }
      at = blanksEnd(text, at + 1, end);
    }
    return at < end && text[at] == ']' && blanksEnd(text, at + 1, end) == end
        ? null
        : "is " + shown(row, cell) + ", which is no list<float> like [1.0,2.5]";
  }

  private static int blanksEnd(byte[] text, int from, int end) {
    int at = from;
    while (at < end && (text[at] == ' ' || text[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static int elementEnd(byte[] text, int from, int end) {
    int at = from;
    while (at < end && text[at] != ',' && text[at] != ']' && text[at] != ' ' && text[at] != '\t') {
      at++;
    }
    return at;
  }

  private static String wrongType(Row row, int cell, String wanted) {
    String what =
        switch (row.type(cell)) {
          case TEXT -> "text";
          case WHOLE, BIG_WHOLE, DECIMAL, NUMBER, FLOAT, DOUBLE -> "a number";
          case BOOL -> "a bool";
          case BINARY -> "bytes";
          case NESTED -> "an object or a list";
          case NULL, INVALID -> throw new AssertionError("no value: " + row.type(cell));
        };
    return "is " + what + ", not " + wanted + ": " + shown(row, cell);
  }

  private static String shown(Row row, int cell) {
    String text = CellText.of(row, cell);
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
  }
}
