package io.featurekv.loader.row;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads whether a row deletes its key: a bool, 1 or 0, or one of the words that a bool has in text.
 * Empty or null: it does not. Not thread-safe.
 */
final class DeleteReader {
  private static final int LONGEST_WORD = 5;

  private boolean isDelete;

  /** What was read last. */
  boolean isDelete() {
    return isDelete;
  }

  /** Forgets it: the row is no deletion. */
  void reset() {
    isDelete = false;
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
      case BOOL -> take(row.whole(cell) == 1);
      case WHOLE -> readNumber(row.whole(cell));
      case TEXT, BINARY, BIG_WHOLE ->
          row.length(cell) > LONGEST_WORD ? unknown(row, cell) : readWord(row, cell);
      case INVALID -> row.reason(cell);
      case DECIMAL, NUMBER, FLOAT, DOUBLE, NESTED -> unknown(row, cell);
    };
  }

  private @Nullable String take(boolean delete) {
    isDelete = delete;
    return null;
  }

  private @Nullable String readNumber(long number) {
    return number == 0 || number == 1 ? take(number == 1) : unknown(Long.toString(number));
  }

  private @Nullable String readWord(Row row, int cell) {
    return switch (row.slice(cell).toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "1" -> take(true);
      case "false", "f", "no", "n", "0", "" -> take(false);
      default -> unknown(row, cell);
    };
  }

  private static String unknown(Row row, int cell) {
    return unknown(CellText.of(row, cell));
  }

  private static String unknown(String text) {
    return "says neither yes nor no: "
        + ColumnType.shown(text)
        + "; expected true, t, yes, y, 1, or false, f, no, n, 0, in any case, or nothing";
  }
}
