package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;

/** A table that is no more. */
public record TableDroppedView(String table, int versions) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", table);
    json.writeBooleanField("dropped", true);
    json.writeNumberField("versions", versions);
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    out.println("dropped table " + table + " and its " + versions + " versions");
  }
}
