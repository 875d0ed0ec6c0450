package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** The versions of a table, oldest first. */
public record VersionListView(TableRecord table) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (VersionRecord version : table.versions().values()) {
      writeVersion(json, table, version);
    }
    json.writeEndArray();
  }

  @Override
  public List<Json.Body> jsonLines() {
    return table.versions().values().stream()
        .<Json.Body>map(version -> json -> writeVersion(json, table, version))
        .toList();
  }

  private static void writeVersion(JsonGenerator json, TableRecord table, VersionRecord version)
      throws IOException {
    json.writeStartObject();
    writeFields(json, table, version);
    json.writeEndObject();
  }

  static void writeFields(JsonGenerator json, TableRecord table, VersionRecord version)
      throws IOException {
    json.writeNumberField("version", version.number());
    json.writeStringField("state", version.state().name());
    json.writeStringField("mode", version.mode().word());
    Json.versionField(json, "parent", version.parent());
    json.writeNumberField("entries", version.entries());
    json.writeNumberField("tombstones", version.tombstones());
    json.writeNumberField("bytes", version.bytes());
    json.writeNumberField("shards", version.shardCount());
    Json.timeField(json, "createdAt", version.createdAtMillis());
    Json.timeField(json, "sealedAt", version.sealedAtMillis());
    Json.timeField(json, "activatedAt", version.activatedAtMillis());
    Json.timeField(json, "retiredAt", version.retiredAtMillis());
    json.writeStringField("taskId", version.taskId());
    Json.textField(json, "reason", version.reason());
    CanaryView.writeField(json, CanaryView.of(table, version.number()));
  }

  /** Its state, and where it is on trial. */
  static String stateText(TableRecord table, VersionRecord version) {
    Canary canary = CanaryView.of(table, version.number());
    return version.state() + (canary == null ? "" : ", canary in " + canary.sect());
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable rows =
        TextTable.withHeaders(
            ">VERSION",
            "STATE",
            "MODE",
            ">PARENT",
            ">ENTRIES",
            ">DELETED",
            ">SIZE",
            "CREATED",
            "ACTIVATED",
            "REASON");
    for (VersionRecord version : table.versions().values()) {
      rows.row(
          version.number(),
          stateText(table, version),
          version.mode().word(),
          Human.version(version.parent()),
          Human.count(version.entries()),
          Human.count(version.tombstones()),
          Human.bytes(version.bytes()),
          Human.time(version.createdAtMillis()),
          Human.time(version.activatedAtMillis()),
          version.reason());
    }
    rows.write(out);
  }
}
