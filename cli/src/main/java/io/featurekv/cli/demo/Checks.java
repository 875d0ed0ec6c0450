package io.featurekv.cli.demo;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demonstration did, with figures and whether it came out right. Confined to one thread.
 */
final class Checks implements View {
  /** One line of the table. */
  record Line(String what, String figures, boolean isRight) {}

  private final List<Line> lines = new ArrayList<>();

  void add(String what, String figures, boolean isRight) {
    lines.add(new Line(what, figures, isRight));
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  boolean allRight() {
    return lines.stream().allMatch(Line::isRight);
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("ok", allRight());
    json.writeArrayFieldStart("steps");
    for (Line line : lines) {
      writeLine(json, line);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  @Override
  public List<Json.Body> jsonLines() {
    return lines.stream().<Json.Body>map(line -> json -> writeLine(json, line)).toList();
  }

  private static void writeLine(JsonGenerator json, Line line) throws IOException {
    json.writeStartObject();
    json.writeStringField("what", line.what());
    json.writeStringField("figures", line.figures());
    json.writeBooleanField("ok", line.isRight());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable table = TextTable.withHeaders("WHAT", "FIGURES", "CHECK");
    for (Line line : lines) {
      table.row(line.what(), line.figures(), line.isRight() ? "ok" : "FAILED");
    }
    table.write(out);
  }
}
