package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.TaskRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;

/** Tasks, the oldest first. */
public record TaskListView(List<TaskRecord> tasks) implements View {
  public TaskListView {
    tasks =
        tasks.stream()
            .sorted(
                Comparator.comparingLong(TaskRecord::createdAtMillis).thenComparing(TaskRecord::id))
            .toList();
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (TaskRecord task : tasks) {
      TaskView.write(json, task, null, false);
    }
    json.writeEndArray();
  }

  @Override
  public List<Json.Body> jsonLines() {
    return tasks.stream()
        .<Json.Body>map(task -> json -> TaskView.write(json, task, null, false))
        .toList();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable rows =
        TextTable.withHeaders(
            "TASK",
            "TABLE",
            ">VERSION",
            "MODE",
            "STATE",
            "STAGE",
            ">ATTEMPT",
            ">ENTRIES",
            "CREATED",
            "REASON");
    for (TaskRecord task : tasks) {
      rows.row(
          task.id(),
          task.table(),
          task.version(),
          task.mode().word(),
          task.state(),
          task.state().isFinal() ? "" : task.stage(),
          task.attempt(),
          Human.count(task.counts().entries()),
          Human.time(task.createdAtMillis()),
          task.reason());
    }
    rows.write(out);
  }
}
