package io.featurekv.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Figures of several stores under one heading. Filled by one thread.
 *
 * <p>A figure that is {@link Double#NaN} does not exist, and prints as a dash.
 */
public final class Table {
  private final String title;
  private final List<Column> columns;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** A column and how many decimals it shows. */
  public record Column(String name, int decimals) {}

  /** One store's figures, one for each column. */
  public record Row(String name, List<Double> figures) {
    public Row {
      figures = List.copyOf(figures);
    }
  }

  public Table(String title, List<Column> columns) {
    this.title = title;
    this.columns = List.copyOf(columns);
  }

  /** Adds a row. */
  public void add(String name, List<Double> figures) {
    if (figures.size() != columns.size()) {
      throw new IllegalArgumentException(
          name + ": expected " + columns.size() + " figures, found " + figures.size());
    }
    rows.add(new Row(name, figures));
  }

  /** Adds a sentence below the figures. */
  public void note(String sentence) {
    notes.add(sentence);
  }

  public String title() {
    return title;
  }

  public List<Column> columns() {
    return columns;
  }

  public List<Row> rows() {
    return List.copyOf(rows);
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Aligned text with a heading. */
  public String text() {
    List<List<String>> lines = new ArrayList<>();
    List<String> heading = new ArrayList<>(List.of(""));
    columns.forEach(column -> heading.add(column.name()));
    lines.add(heading);
    for (Row row : rows) {
      List<String> line = new ArrayList<>(List.of(row.name()));
      for (int i = 0; i < columns.size(); i++) {
        line.add(shown(row.figures().get(i), columns.get(i).decimals()));
      }
      lines.add(line);
    }
    StringBuilder text = new StringBuilder("== ").append(title).append('\n');
    lines.forEach(line -> append(text, line, widths(lines)));
    notes.forEach(note -> text.append("   ").append(note).append('\n'));
    return text.toString();
  }

  private static String shown(double figure, int decimals) {
    return Double.isNaN(figure) ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", figure);
  }

  private static int[] widths(List<List<String>> lines) {
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    return widths;
  }

  private static void append(StringBuilder text, List<String> line, int[] widths) {
    text.append(line.getFirst()).repeat(" ", widths[0] - line.getFirst().length());
    for (int i = 1; i < widths.length; i++) {
      text.repeat(" ", 2 + widths[i] - line.get(i).length()).append(line.get(i));
    }
    text.append('\n');
  }
}
