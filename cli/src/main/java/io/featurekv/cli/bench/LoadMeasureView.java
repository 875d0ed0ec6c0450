package io.featurekv.cli.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import io.featurekv.loader.BuildResult.Stage;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A report of {@code bench load}. */
record LoadMeasureView(LoadMeasure measure, Machine machine) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    LoadPlan plan = measure.plan();
    LoadCost cost = measure.cost();
    json.writeStartObject();
    Json.textField(json, "taskId", measure.report().taskId());
    json.writeStringField("table", measure.report().table());
    Json.versionField(json, "version", measure.report().version());
    json.writeStringField("state", measure.report().state());
    json.writeStringField("kind", plan.kind().word());
    json.writeStringField("source", plan.input().word());
    json.writeNumberField("entries", measure.report().entries());
    json.writeNumberField("valueBytes", plan.input().valueBytes());
    Json.figureField(json, "seconds", measure.report().seconds(), 3);
    Json.figureField(json, "keysPerSecond", measure.keysPerSecond(), 1);
    writeStages(json);
    cpu(json, "cpuSecondsPerMillionKeys", measure.cpuSeconds());
    cpu(json, "clientCpuSecondsPerMillionKeys", cost.client().cpuSeconds());
    cpu(json, "serverCpuSecondsPerMillionKeys", cost.nodesCpuSeconds());
    json.writeNumberField("inputBytes", measure.inputBytes());
    json.writeNumberField("entryBytes", plan.input().entryBytes());
    Json.figureField(json, "writtenBytes", measure.writtenBytes(), 0);
    Json.figureField(json, "clientWrittenBytes", cost.client().writtenBytes(), 0);
    Json.figureField(json, "serverWrittenBytes", cost.nodesWrittenBytes(), 0);
    Json.figureField(json, "writtenPerInputByte", measure.writtenBytes() / measure.inputBytes(), 3);
    Json.figureField(
        json, "writtenPerEntryByte", measure.writtenBytes() / plan.input().entryBytes(), 3);
    Json.figureField(json, "clientPeakMemoryBytes", cost.client().memory().bytes(), 0);
    held(json, "clientMemoryHeld", cost.client().memory());
    Json.figureField(json, "serverPeakMemoryBytes", cost.nodePeakBytes(), 0);
    writeNodes(json);
    Json.textField(json, "serversUnknownBecause", cost.nodesUnknownBecause());
    Json.figureField(json, "generateSeconds", measure.generateSeconds(), 3);
    json.writeNumberField("memoryBytes", plan.boundBytes());
    json.writeFieldName("machine");
    machine.writeJson(json);
    Json.textsField(json, "notes", measure.notes());
    json.writeEndObject();
  }

  private void writeStages(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("stages");
    for (Stage stage : measure.report().stages()) {
      json.writeStartObject();
      json.writeStringField("name", stage.name());
      Json.figureField(json, "seconds", stage.seconds(), 3);
      json.writeNumberField("entries", stage.entries());
      Json.figureField(json, "keysPerSecond", stage.entries() / stage.seconds(), 1);
      cpu(json, "clientCpuSecondsPerMillionKeys", cpuOf(stage));
      cpu(json, "serverCpuSecondsPerMillionKeys", nodesCpuOf(stage));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeNodes(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("nodes");
    for (Map.Entry<String, LoadCost.Share> node :
        new TreeMap<>(measure.cost().nodes()).entrySet()) {
      json.writeStartObject();
      json.writeStringField("id", node.getKey());
      cpu(json, "cpuSecondsPerMillionKeys", node.getValue().cpuSeconds());
      Json.figureField(json, "writtenBytes", node.getValue().writtenBytes(), 0);
      Json.figureField(json, "peakMemoryBytes", node.getValue().memory().bytes(), 0);
      Json.figureField(json, "memoryBoundBytes", node.getValue().memory().boundBytes(), 0);
      held(json, "memoryHeld", node.getValue().memory());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void held(JsonGenerator json, String name, MemoryPeak memory) throws IOException {
    if (memory.isKnown()) {
      json.writeBooleanField(name, memory.isHeld());
    } else {
      json.writeNullField(name);
    }
  }

  private void cpu(JsonGenerator json, String name, double seconds) throws IOException {
    Json.figureField(json, name, measure.perMillionKeys(seconds), 4);
  }

  private double cpuOf(Stage stage) {
    return measure.cost().stageCpuSeconds().getOrDefault(stage.name(), Double.NaN);
  }

  private double nodesCpuOf(Stage stage) {
    return measure.cost().nodesStageCpuSeconds().getOrDefault(stage.name(), Double.NaN);
  }

  @Override
  public void writeText(PrintStream out) {
    LoadPlan plan = measure.plan();
    LoadCost cost = measure.cost();
    String generated =
        measure.generateSeconds() > 0
            ? ", written in " + Human.seconds(measure.generateSeconds()) + " before"
            : "";
    TextTable.ofPairs()
        .row(
            "table",
            plan.table()
                + " ("
                + plan.kind().word()
                + "), version "
                + Human.version(measure.report().version())
                + " "
                + measure.report().state())
        .row("input", plan.input().word() + ", " + Human.bytes(measure.inputBytes()) + generated)
        .row(
            "entries",
            Human.count(measure.report().entries())
                + " of 16 + "
                + plan.input().valueBytes()
                + " bytes")
        .row(
            "keys/s",
            Human.count(Math.round(measure.keysPerSecond()))
                + " in "
                + Human.seconds(measure.report().seconds()))
        .row("client CPU", cpu(cost.client().cpuSeconds()))
        .row("server CPU", cpu(cost.nodesCpuSeconds()))
        .row(
            "written",
            ratio(measure.writtenBytes() / measure.inputBytes())
                + " for a byte of input, "
                + ratio(measure.writtenBytes() / plan.input().entryBytes())
                + " of keys and values; client "
                + bytes(cost.client().writtenBytes())
                + ", servers "
                + bytes(cost.nodesWrittenBytes()))
        .write(out);
    out.println();
    writeProcesses(out);
    out.println();
    TextTable stages =
        TextTable.withHeaders(
            "STAGE",
            ">SECONDS",
            ">ENTRIES",
            ">KEYS/S",
            ">CLIENT CPU S/MKEYS",
            ">SERVER CPU S/MKEYS");
    for (Stage stage : measure.report().stages()) {
      stages.row(
          stage.name(),
          String.format(Locale.ROOT, "%.3f", stage.seconds()),
          Human.count(stage.entries()),
          Human.count(Math.round(stage.entries() / Math.max(stage.seconds(), 1e-9))),
          figure("%.3f", measure.perMillionKeys(cpuOf(stage))),
          figure("%.3f", measure.perMillionKeys(nodesCpuOf(stage))));
    }
    stages.write(out);
    measure.notes().forEach(note -> out.println("note: " + note));
  }

  /** Memory is without mapped files. */
  private void writeProcesses(PrintStream out) {
    TextTable processes =
        TextTable.withHeaders(
            "PROCESS", ">CPU S/MKEYS", ">WRITTEN", ">PEAK MEMORY", ">OF AT MOST", "HELD");
    row(processes, "client", measure.cost().client());
    new TreeMap<>(measure.cost().nodes()).forEach((id, share) -> row(processes, id, share));
    processes.write(out);
  }

  private void row(TextTable processes, String name, LoadCost.Share share) {
    MemoryPeak memory = share.memory();
    processes.row(
        name,
        figure("%.3f", measure.perMillionKeys(share.cpuSeconds())),
        bytes(share.writtenBytes()),
        bytes(memory.bytes()),
        bytes(memory.boundBytes()),
        memory.isKnown() ? held(memory) : "not known");
  }

  private static String held(MemoryPeak memory) {
    return memory.isHeld()
        ? "yes"
        : "no: " + Human.bytes((long) memory.mostAboveBytes()) + " above";
  }

  private String cpu(double seconds) {
    double perMillion = measure.perMillionKeys(seconds);
    return Double.isFinite(perMillion)
        ? figure("%.3f", perMillion) + " s for a million keys"
        : "not known";
  }

  private static String ratio(double figure) {
    return Double.isFinite(figure) ? figure("%.2f", figure) : "not known";
  }

  private static String bytes(double bytes) {
    return Double.isFinite(bytes) ? Human.bytes(Math.round(bytes)) : "not known";
  }

  private static String figure(String format, double figure) {
    return Double.isFinite(figure) ? String.format(Locale.ROOT, format, figure) : "";
  }
}
