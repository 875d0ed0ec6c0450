package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.EarlierAttempt;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskStage;
import io.featurekv.metadata.TaskState;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One task.
 *
 * @param canary its version while that is on trial; else null
 */
public record TaskView(TaskRecord task, @Nullable Canary canary) implements View {
  /** With what the cluster says of its version. */
  public static TaskView of(ClusterMetadata metadata, TaskRecord task) {
    return new TaskView(task, CanaryView.of(metadata.tables().get(task.table()), task.version()));
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    write(json, task, canary, true);
  }

  static void write(JsonGenerator json, TaskRecord task, @Nullable Canary canary, boolean isWhole)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("taskId", task.id());
    json.writeStringField("table", task.table());
    Json.versionField(json, "version", task.version());
    json.writeStringField("mode", task.mode().word());
    json.writeStringField("state", task.state().name());
    Json.textField(json, "stage", task.stage());
    json.writeNumberField("attempt", task.attempt());
    json.writeNumberField("rows", task.counts().rows());
    json.writeNumberField("entries", task.counts().entries());
    json.writeNumberField("rejected", task.counts().rejected());
    json.writeNumberField("duplicates", task.counts().duplicates());
    json.writeNumberField("deleted", task.counts().deleted());
    json.writeNumberField("bytes", task.counts().bytes());
    Json.textField(json, "reason", task.reason());
    GatesView.writeIgnored(json, task.ignoredGates());
    if (canary == null) {
      CanaryView.writeField(json, task.canary());
    } else {
      CanaryView.writeField(json, canary);
    }
    json.writeStringField("inputs", task.inputs());
    Json.timeField(json, "createdAt", task.createdAtMillis());
    Json.timeField(json, "updatedAt", task.updatedAtMillis());
    if (isWhole) {
      writeEarlier(json, task);
      json.writeArrayFieldStart("stages");
      for (StageProgress stage : stages(task)) {
        stage.writeJson(json);
      }
      json.writeEndArray();
      if (task.build() != null) {
        json.writeFieldName("build");
        new ClusterBuildView(task.build()).writeJson(json);
      }
    }
    json.writeEndObject();
  }

  private static void writeEarlier(JsonGenerator json, TaskRecord task) throws IOException {
    json.writeArrayFieldStart("earlierAttempts");
    for (EarlierAttempt earlier : task.earlier()) {
      json.writeStartObject();
      json.writeNumberField("attempt", earlier.attempt());
      json.writeStringField("reason", earlier.reason());
      Json.timeField(json, "endedAt", earlier.endedAtMillis());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static List<StageProgress> stages(TaskRecord task) {
    List<StageProgress> stages = new ArrayList<>();
    for (int i = 0; i < task.stages().size(); i++) {
      TaskStage stage = task.stages().get(i);
      boolean isLast = i + 1 == task.stages().size();
      long end = isLast ? stage.updatedAtMillis() : task.stages().get(i + 1).beganAtMillis();
      stages.add(new StageProgress(stage, end));
    }
    return stages;
  }

  /** What it is at, how far, how fast; of a task that is over nothing. */
  private String stageText(List<StageProgress> stages) {
    if (task.state().isFinal()) {
      return "";
    }
    return stages.isEmpty() ? task.stage() : stages.getLast().text();
  }

  @Override
  public void writeText(PrintStream out) {
    List<StageProgress> stages = stages(task);
    TextTable pairs =
        TextTable.ofPairs()
            .row("task", task.id())
            .row("table", task.table())
            .row("version", Human.version(task.version()))
            .row("mode", task.mode().word())
            .row("state", task.state())
            .row("stage", stageText(stages))
            .row("attempt", task.attempt())
            .row("inputs", task.inputs())
            .row("rows", Human.count(task.counts().rows()))
            .row("entries", Human.count(task.counts().entries()))
            .row("rejected", Human.count(task.counts().rejected()))
            .row("duplicates", Human.count(task.counts().duplicates()))
            .row("deleted", Human.count(task.counts().deleted()))
            .row("size", Human.bytes(task.counts().bytes()))
            .row("created", Human.time(task.createdAtMillis()))
            .row("last sign of life", Human.time(task.updatedAtMillis()))
            .row("ignored gates", GatesView.ignoredText(task.ignoredGates()))
            .row(
                "canary", canary == null ? CanaryView.text(task.canary()) : CanaryView.text(canary))
            .row("reason", task.reason());
    task.earlier().forEach(earlier -> pairs.row("attempt " + earlier.attempt(), earlier.reason()));
    pairs.write(out);
    if (!stages.isEmpty()) {
      out.println();
      TextTable table = TextTable.withHeaders("STAGE", ">SECONDS", ">ENTRIES", ">SIZE", ">RATE");
      for (StageProgress stage : stages) {
        table.row(
            stage.stage().name(),
            String.format(Locale.ROOT, "%.1f", stage.seconds()),
            stage.entriesText(),
            stage.bytesText(),
            stage.rateText());
      }
      table.write(out);
    }
    if (task.build() != null) {
      new ClusterBuildView(task.build()).writeText(out);
      if (task.state() == TaskState.FAILED) {
        out.println();
        out.println("If it is to go on: featurekv task retry " + task.id());
      }
    } else if (task.state() == TaskState.FAILED || task.state() == TaskState.BUILDING) {
      out.println();
      out.println(
          "If it is to go on, run the same load again, where its inputs are, with --operation-id "
              + task.id());
    }
  }
}
