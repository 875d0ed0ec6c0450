package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import io.featurekv.node.admin.ClusterHealth;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** One table with its options and versions. */
public record TableView(ClusterMetadata metadata, TableRecord table) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    TableListView.writeFields(json, metadata, table);
    RowSchema schema = table.schema();
    if (schema != null) {
      json.writeNumberField("schemaVersion", schema.version());
      json.writeArrayFieldStart("columns");
      for (RowColumn column : schema.columns()) {
        writeColumn(json, column);
      }
      json.writeEndArray();
    }
    json.writeFieldName("versions");
    new VersionListView(table).writeJson(json);
    json.writeEndObject();
  }

  private static void writeColumn(JsonGenerator json, RowColumn column) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", column.name());
    json.writeStringField("type", column.type().word());
    json.writeBooleanField("nullable", column.nullable());
    if (column.defaultText() != null) {
      json.writeStringField("default", column.defaultText());
    }
    json.writeNumberField("sinceSchemaVersion", column.since());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TableOptions options = table.options();
    int shards = TableListView.shardsOf(table);
    List<String> reasons = ClusterHealth.reasons(metadata, table);
    TextTable rows = TextTable.ofPairs();
    rows.row("table", table.name())
        .row("kind", table.kind().word())
        .row(
            "shards",
            shards == options.shards()
                ? shards
                : shards + ", " + options.shards() + " from the next full load on")
        .row("retain", options.retain() + " versions besides the active one")
        .row("version ttl", Human.duration(options.versionTtlMillis()))
        .row("entry ttl", Human.duration(options.entryTtlMillis()))
        .row("max value", Human.bytes(options.maxValueBytes()));
    if (table.kind() == TableKind.BLK) {
      rows.row("block entries", options.blockEntries());
    }
    GatesView.addRows(rows, options.gates());
    RowSchema schema = table.schema();
    if (schema != null) {
      rows.row("columns", schema + " (schema version " + schema.version() + ")");
    }
    rows.row("activate when", TableListView.word(options.activateWhen()))
        .row("active version", table.activeVersion() == 0 ? "none yet" : table.activeVersion())
        .row("canary", CanaryView.text(table.canary()))
        .row("health", reasons.isEmpty() ? "healthy" : "DEGRADED: " + String.join("; ", reasons))
        .write(out);
    if (!table.versions().isEmpty()) {
      out.println();
      new VersionListView(table).writeText(out);
    }
  }
}
