package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import java.io.IOException;
import java.io.PrintStream;

/**
 * What a change of a table's versions led to.
 *
 * @param state the state that {@code version} is in now
 * @param before the version that was active before, 0 for none
 * @param index log index of the change
 */
public record ActivationView(String table, long version, String state, long before, long index)
    implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", table);
    json.writeNumberField("version", version);
    json.writeStringField("state", state);
    Json.versionField(json, "before", before);
    json.writeNumberField("metadataIndex", index);
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    String former = before == 0 || before == version ? "" : " (before: version " + before + ")";
    out.println("version " + version + " of " + table + " is " + state + former);
  }
}
