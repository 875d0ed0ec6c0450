package io.featurekv.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes maps, lists, text, numbers and booleans as JSON. */
public final class Json {
  private final StringBuilder text = new StringBuilder();

  private Json() {}

  /** A whole run. */
  public static String of(
      Map<String, Object> machine, Map<String, Object> options, List<Table> tables) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("machine", machine);
    run.put("options", options);
    run.put("tables", tables.stream().map(Json::tree).toList());
    Json json = new Json();
    json.write(run, "");
    return json.text.append('\n').toString();
  }

  private static Map<String, Object> tree(Table table) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("title", table.title());
    tree.put("rows", table.rows().stream().map(row -> tree(table, row)).toList());
    tree.put("notes", table.notes());
    return tree;
  }

  private static Map<String, Object> tree(Table table, Table.Row row) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("store", row.name());
    for (int i = 0; i < row.figures().size(); i++) {
      double figure = row.figures().get(i);
      if (Double.isFinite(figure)) {
        figures.put(table.columns().get(i).name(), figure);
      }
    }
    return figures;
  }

  private void write(Object value, String indent) {
    String deeper = indent + "  ";
    switch (value) {
      case Map<?, ?> map -> {
        text.append('{');
        String separator = "\n";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          text.append(separator).append(deeper);
          quote(entry.getKey().toString());
          text.append(": ");
          write(entry.getValue(), deeper);
          separator = ",\n";
        }
        text.append('\n').append(indent).append('}');
      }
      case List<?> list -> {
        text.append('[');
        String separator = "\n";
        for (Object element : list) {
          text.append(separator).append(deeper);
          write(element, deeper);
          separator = ",\n";
        }
        text.append(list.isEmpty() ? "" : "\n" + indent).append(']');
      }
      case Double figure -> text.append(String.format(Locale.ROOT, "%.4f", figure));
      case Number number -> text.append(number);
      case Boolean truth -> text.append(truth);
      default -> quote(value.toString());
    }
  }

  private void quote(String words) {
    text.append('"');
    for (int i = 0; i < words.length(); i++) {
      char letter = words.charAt(i);
      if (letter == '"' || letter == '\\') {
        text.append('\\').append(letter);
      } else if (letter < ' ') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) letter));
      } else {
        text.append(letter);
      }
    }
    text.append('"');
  }
}
