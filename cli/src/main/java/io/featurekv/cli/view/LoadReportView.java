package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.BuildResult.Stage;
import io.featurekv.node.load.LoadReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/** What became of a load. */
public record LoadReportView(LoadReport report) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    Json.textField(json, "taskId", report.taskId());
    json.writeStringField("table", report.table());
    Json.versionField(json, "version", report.version());
    json.writeStringField("state", report.state());
    json.writeNumberField("entries", report.entries());
    json.writeNumberField("rejected", report.rejected());
    json.writeNumberField("duplicates", report.duplicates());
    json.writeNumberField("deleted", report.deleted());
    json.writeNumberField("bytes", report.bytes());
    json.writeFieldName("seconds");
    json.writeRawValue(seconds(report.seconds()));
    json.writeArrayFieldStart("stages");
    for (Stage stage : report.stages()) {
      json.writeStartObject();
      json.writeStringField("name", stage.name());
      json.writeFieldName("seconds");
      json.writeRawValue(seconds(stage.seconds()));
      json.writeNumberField("entries", stage.entries());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("firstRejected");
    for (RejectedRow row : report.firstRejected()) {
      json.writeStartObject();
      json.writeStringField("source", row.source());
      json.writeNumberField("row", row.row());
      json.writeStringField("reason", row.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    CanaryView.writeField(json, report.trial());
    Json.textField(json, "reason", report.reason());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    double rate = report.entries() / Math.max(report.seconds(), 1e-9);
    TextTable rows = TextTable.ofPairs();
    rows.row("table", report.table())
        .row("version", Human.version(report.version()))
        .row("state", report.state())
        .row("entries", Human.count(report.entries()))
        .row("duplicates", Human.count(report.duplicates()))
        .row("deleted", Human.count(report.deleted()))
        .row("rejected", Human.count(report.rejected()))
        .row("size", Human.bytes(report.bytes()))
        .row(
            "time",
            Human.seconds(report.seconds()) + ", " + Human.count(Math.round(rate)) + " entries/s")
        .row("task", report.taskId());
    if (report.trial() != null) {
      rows.row("canary", report.trial().text());
    }
    rows.write(out);
    if (!report.stages().isEmpty()) {
      out.println();
      TextTable stages = TextTable.withHeaders("STAGE", ">SECONDS", ">ENTRIES");
      for (Stage stage : report.stages()) {
        stages.row(stage.name(), seconds(stage.seconds()), Human.count(stage.entries()));
      }
      stages.write(out);
    }
  }

  /** Milliseconds are enough. */
  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds);
  }
}
