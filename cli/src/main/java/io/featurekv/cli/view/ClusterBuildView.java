package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ShardWork;
import io.featurekv.metadata.SplitFigures;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TaskReject;
import io.featurekv.metadata.WorkLease;
import io.featurekv.metadata.WorkRecord;
import io.featurekv.metadata.WorkState;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** The part of a task that the builders of the cluster share: who does what, split by split. */
record ClusterBuildView(ClusterBuild build) {
  /** Most rows of splits, and of shards, that a person is shown; a machine gets all. */
  private static final int MAX_ROWS = 40;

  void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("splitCount", build.splitCount());
    json.writeNumberField("splitsRead", splitsRead());
    json.writeNumberField("shardsBuilt", shardsBuilt());
    json.writeNumberField("leases", build.leases());
    json.writeArrayFieldStart("builders");
    for (BuilderCheck check : build.checks().values()) {
      json.writeStartObject();
      json.writeStringField("node", check.nodeId());
      json.writeNumberField("slots", check.slots());
      Json.textField(json, "fault", check.fault());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("splits");
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord split = build.splits().get(i);
      json.writeStartObject();
      json.writeNumberField("split", i);
      json.writeStringField("what", split.planned().what());
      json.writeNumberField("bytes", split.planned().bytes());
      write(json, split.work());
      SplitFigures figures = split.figures();
      if (figures != null) {
        json.writeNumberField("rows", figures.rows());
        json.writeNumberField("rejected", figures.rejected());
        json.writeNumberField("millis", figures.millis());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("shards");
    for (int i = 0; i < build.shards().size(); i++) {
      json.writeStartObject();
      json.writeNumberField("shard", i);
      write(json, build.shards().get(i).work());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("firstRejected");
    for (TaskReject row : build.firstRejected()) {
      json.writeStartObject();
      json.writeStringField("source", row.source());
      json.writeNumberField("row", row.row());
      json.writeStringField("reason", row.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, WorkRecord work) throws IOException {
    json.writeStringField("state", work.state().name());
    json.writeNumberField("attempts", work.attempts());
    json.writeNumberField("failures", work.failures());
    Json.textsField(json, "builders", builders(work));
    json.writeNumberField("done", work.leasedDone());
    Json.textField(json, "lastError", work.lastError());
  }

  private static List<String> builders(WorkRecord work) {
    return work.doneBy().isEmpty()
        ? work.leases().stream().map(WorkLease::nodeId).toList()
        : List.of(work.doneBy());
  }

  void writeText(PrintStream out) {
    for (TaskReject row : build.firstRejected()) {
      out.println("rejected: " + row.source() + ":" + row.row() + ": " + row.reason());
    }
    if (!build.isDetailed()) {
      return;
    }
    out.println();
    out.println(
        Human.count(splitsRead())
            + " of "
            + Human.count(build.splitCount())
            + " splits read, "
            + Human.count(shardsBuilt())
            + " of "
            + Human.count(build.shards().size())
            + " shards built, by "
            + build.checks().values().stream()
                .map(
                    check ->
                        check.mayBuild()
                            ? check.nodeId() + " (" + check.slots() + " at once)"
                            : check.nodeId() + " (left out: " + check.fault() + ")")
                .collect(Collectors.joining(", ")));
    TextTable table =
        TextTable.withHeaders(
            "UNIT", "STATE", "BUILDER", ">ATTEMPTS", ">FAILURES", ">DONE", "LAST ERROR");
    int shown = 0;
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord split = build.splits().get(i);
      if (isWorthShowing(split.work()) && shown++ < MAX_ROWS) {
        row(table, split.planned().what(), split.work(), Human.bytes(split.work().leasedDone()));
      }
    }
    int shownShards = 0;
    for (int i = 0; build.isRead() && i < build.shards().size(); i++) {
      ShardWork shard = build.shards().get(i);
      if (isWorthShowing(shard.work()) && shownShards++ < MAX_ROWS) {
        row(table, "shard " + i, shard.work(), Human.count(shard.work().leasedDone()));
      }
    }
    if (shown + shownShards > 0) {
      table.write(out);
    }
    int more = Math.max(0, shown - MAX_ROWS) + Math.max(0, shownShards - MAX_ROWS);
    if (more > 0) {
      out.println("and " + more + " more; -o json tells of all");
    }
  }

  /** What went well and is over needs no row of its own. */
  private static boolean isWorthShowing(WorkRecord work) {
    return work.state() != WorkState.DONE || work.attempts() > 1 || work.failures() > 0;
  }

  private static void row(TextTable table, String name, WorkRecord work, String done) {
    table.row(
        name,
        work.state(),
        String.join(", ", builders(work)),
        work.attempts(),
        work.failures(),
        work.leases().isEmpty() ? "" : done,
        work.lastError());
  }

  private long splitsRead() {
    return build.isDetailed()
        ? build.splits().stream().filter(SplitRecord::isDone).count()
        : build.splitCount();
  }

  private long shardsBuilt() {
    return build.shards().stream().filter(ShardWork::isDone).count();
  }
}
