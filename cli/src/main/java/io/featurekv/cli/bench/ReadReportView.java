package io.featurekv.cli.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/** A report of {@code bench read}. */
record ReadReportView(ReadReport report, Machine machine) implements View {
  private static final double NANOS_PER_SECOND = 1e9;

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    Tally.Counts counts = report.counts();
    json.writeStartObject();
    json.writeNumberField("batches", counts.batches());
    json.writeNumberField("keys", counts.keys());
    json.writeNumberField("found", counts.found());
    json.writeNumberField("absent", counts.absent());
    json.writeNumberField("failed", counts.failed());
    json.writeNumberField("mixed", counts.mixed());
    Json.figureField(json, "keysPerSecond", report.keysPerSecond(), 1);
    Json.figureField(json, "featuresPerSecond", report.featuresPerSecond(), 1);
    json.writeObjectFieldStart("latencyMicros");
    Json.figureField(json, "p50", report.latencyMicros(50), 1);
    Json.figureField(json, "p90", report.latencyMicros(90), 1);
    Json.figureField(json, "p99", report.latencyMicros(99), 1);
    Json.figureField(json, "p999", report.latencyMicros(99.9), 1);
    Json.figureField(json, "p9999", report.latencyMicros(99.99), 1);
    Json.figureField(json, "max", report.latencyMicros(100), 1);
    json.writeEndObject();
    Json.figureField(json, "clientCpuSecondsPerMillionKeys", report.cpu().client(), 4);
    Json.figureField(json, "serverCpuSecondsPerMillionKeys", report.cpu().server(), 4);
    Json.figureField(json, "generatorCpuSecondsPerMillionKeys", report.cpu().generator(), 4);
    Json.textField(json, "serverCpuUnknownBecause", report.cpu().serverUnknownBecause());
    json.writeNumberField("failedBatches", counts.failedBatches());
    json.writeNumberField("wrong", counts.wrong());
    Json.figureField(json, "seconds", report.seconds(), 3);
    writeLateness(json);
    writeWarmup(json);
    json.writeFieldName("settings");
    writeSettings(json, report.plan());
    json.writeFieldName("machine");
    machine.writeJson(json);
    Json.textsField(json, "notes", report.notes());
    json.writeEndObject();
  }

  private void writeLateness(JsonGenerator json) throws IOException {
    if (!report.plan().isOpen()) {
      json.writeNullField("sendLatenessMicros");
      return;
    }
    json.writeObjectFieldStart("sendLatenessMicros");
    Json.figureField(json, "p50", report.latenessMicros(50), 1);
    Json.figureField(json, "p99", report.latenessMicros(99), 1);
    Json.figureField(json, "max", report.latenessMicros(100), 1);
    json.writeBooleanField("behind", report.isBehind());
    json.writeEndObject();
  }

  private void writeWarmup(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("warmup");
    json.writeNumberField("batches", report.warmup().batches());
    json.writeNumberField("failed", report.warmup().failed());
    json.writeNumberField("mixed", report.warmup().mixed());
    json.writeNumberField("wrong", report.warmup().wrong());
    json.writeEndObject();
  }

  private static void writeSettings(JsonGenerator json, ReadPlan plan) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", plan.table());
    json.writeNumberField("entries", plan.entries());
    json.writeNumberField("batch", plan.batchKeys());
    json.writeNumberField("connections", plan.connections());
    json.writeStringField("loop", plan.isOpen() ? "open" : "closed");
    Json.figureField(json, "rate", plan.isOpen() ? plan.keysPerSecond() : Double.NaN, 1);
    json.writeNumberField("inFlight", plan.inFlight());
    json.writeStringField("distribution", plan.distribution().toString());
    Json.figureField(json, "absent", plan.absentShare(), 4);
    Json.figureField(json, "warmupSeconds", plan.warmupNanos() / NANOS_PER_SECOND, 3);
    Json.figureField(json, "durationSeconds", plan.durationNanos() / NANOS_PER_SECOND, 3);
    json.writeNumberField("batches", plan.batches());
    json.writeNumberField("threads", plan.threads());
    json.writeNumberField("seed", plan.seed());
    json.writeBooleanField("verify", plan.expected() != null);
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    Tally.Counts counts = report.counts();
    ReadPlan plan = report.plan();
    TextTable table = TextTable.ofPairs();
    table
        .row("load", load(plan))
        .row(
            "keys",
            plan.distribution()
                + String.format(Locale.ROOT, ", %.0f %% absent, ", plan.absentShare() * 100)
                + Human.count(plan.entries())
                + " entries")
        .row("batches", Human.count(counts.batches()) + " in " + Human.seconds(report.seconds()))
        .row("found", Human.count(counts.found()))
        .row("absent", Human.count(counts.absent()))
        .row("failed", Human.count(counts.failed()));
    if (plan.expected() != null) {
      table
          .row("mixed", Human.count(counts.mixed()) + " batches")
          .row("wrong", Human.count(counts.wrong()) + " batches");
    }
    table
        .row("keys/s", Human.count(Math.round(report.keysPerSecond())))
        .row("features/s", Human.count(Math.round(report.featuresPerSecond())))
        .row(
            "latency us",
            latency("p50", 50)
                + latency("p90", 90)
                + latency("p99", 99)
                + latency("p99.9", 99.9)
                + latency("p99.99", 99.99)
                + latency("max", 100).strip());
    if (plan.isOpen()) {
      table.row(
          "sent late us",
          String.format(
              Locale.ROOT,
              "p50 %.0f  p99 %.0f  max %.0f",
              report.latenessMicros(50),
              report.latenessMicros(99),
              report.latenessMicros(100)));
    }
    table
        .row(
            "client CPU",
            cpu(report.cpu().client())
                + ", "
                + cpu(report.cpu().generator())
                + " of it for drawing and sending")
        .row("server CPU", cpu(report.cpu().server()))
        .write(out);
    report.notes().forEach(note -> out.println("note: " + note));
  }

  private static String load(ReadPlan plan) {
    String batches =
        "batches of " + plan.batchKeys() + " over " + plan.connections() + " connections";
    return plan.isOpen()
        ? Human.count(Math.round(plan.keysPerSecond())) + " keys/s by the clock, " + batches
        : "as fast as answers come, " + plan.inFlight() + " open on each connection, " + batches;
  }

  private String latency(String name, double percentile) {
    return String.format(Locale.ROOT, "%s %.0f  ", name, report.latencyMicros(percentile));
  }

  private static String cpu(double seconds) {
    return Double.isFinite(seconds)
        ? String.format(Locale.ROOT, "%.3f s for a million keys", seconds)
        : "not known";
  }
}
