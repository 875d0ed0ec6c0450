package io.featurekv.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows in aligned columns, two blanks apart. A cell that is null or empty shows as a dash. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headers = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();
  private final boolean hasHeader;

  private TextTable(boolean hasHeader) {
    this.hasHeader = hasHeader;
  }

  /**
   * A table with these column headers; one that begins with {@code >} aligns its column to the
   * right.
   */
  public static TextTable withHeaders(String... headers) {
    TextTable table = new TextTable(true);
    for (String header : headers) {
      boolean isRight = header.startsWith(">");
      table.right.add(isRight);
      table.headers.add(isRight ? header.substring(1) : header);
    }
    return table;
  }

  /** Names and values below each other, without a header. */
  public static TextTable ofPairs() {
    TextTable table = new TextTable(false);
    table.headers.addAll(List.of("", ""));
    table.right.addAll(List.of(false, false));
    return table;
  }

  /** Adds a row; there are as many cells as columns. */
  public TextTable row(@Nullable Object... cells) {
    if (cells.length != headers.size()) {
      throw new IllegalArgumentException(cells.length + " cells in " + headers.size() + " columns");
    }
    List<String> row = new ArrayList<>(cells.length);
    for (Object cell : cells) {
      String text = cell == null ? "" : cell.toString();
      row.add(text.isEmpty() ? "-" : text);
    }
    rows.add(row);
    return this;
  }

  /** Whether there is no row yet. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Writes header and rows. */
  public void write(PrintStream out) {
    write(out, "");
  }

  /** Writes header and rows, each line after {@code indent}. */
  public void write(PrintStream out, String indent) {
    int[] widths = widths();
    if (hasHeader) {
      writeRow(out, indent, headers, widths);
    }
    for (List<String> row : rows) {
      writeRow(out, indent, row, widths);
    }
  }

  private int[] widths() {
    int[] widths = new int[headers.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = width(headers.get(column));
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], width(row.get(column)));
      }
    }
    return widths;
  }

  private void writeRow(PrintStream out, String indent, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder(indent);
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      String blanks = " ".repeat(widths[column] - width(cell));
      boolean isLast = column == widths.length - 1;
      line.append(right.get(column) ? blanks + cell : isLast ? cell : cell + blanks);
      line.append(isLast ? "" : GAP);
    }
    out.println(line);
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
