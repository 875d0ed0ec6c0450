package io.featurekv.loader.source;

import io.featurekv.loader.row.CellType;
import io.featurekv.loader.row.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Rows as text, to be compared. */
final class RowTexts {
  private RowTexts() {}

  /** A cell: its type and what it holds. */
  static String cell(Row row, int cell) {
    CellType type = row.type(cell);
    return switch (type) {
      case NULL -> "NULL";
      case WHOLE -> "WHOLE " + row.whole(cell);
      case BOOL -> "BOOL " + (row.whole(cell) == 1);
      case FLOAT -> "FLOAT " + (float) row.floating(cell);
      case DOUBLE -> "DOUBLE " + row.floating(cell);
      case TEXT, BIG_WHOLE, DECIMAL, NUMBER, NESTED -> type + " " + row.slice(cell);
      case BINARY ->
          "BINARY "
              + HexFormat.of()
                  .formatHex(
                      Arrays.copyOfRange(
                          row.array(cell), row.offset(cell), row.offset(cell) + row.length(cell)));
      case INVALID -> "INVALID " + row.reason(cell);
    };
  }

  /** A row: its fault, or its columns and cells; without its number. */
  static String of(Row row) {
    if (row.fault() != null) {
      return row.fault();
    }
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      cells.add(row.columns().names().get(i) + "=" + cell(row, i));
    }
    return cells.toString();
  }
}
