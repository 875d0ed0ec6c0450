package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.node.admin.ClusterAdmin.MetadataView;
import io.featurekv.node.admin.ClusterHealth;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The whole cluster: nodes, tables, and what is degraded. */
public record StatusView(MetadataView seen) implements View {
  private ClusterMetadata metadata() {
    return seen.metadata();
  }

  /** Everything that is degraded, the cluster first and then each table; empty when all is well. */
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>(clusterReasons());
    for (TableRecord table : metadata().tables().values()) {
      for (String reason : ClusterHealth.reasons(metadata(), table)) {
        reasons.add("table " + table.name() + ": " + reason);
      }
    }
    return reasons;
  }

  private List<String> clusterReasons() {
    List<String> reasons = new ArrayList<>();
    if (!seen.fresh()) {
      reasons.add(
          "no metadata leader can be reached; this is what node " + seen.nodeId() + " last knew");
    }
    reasons.addAll(ClusterHealth.clusterReasons(metadata()));
    return reasons;
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("clusterId", metadata().clusterId());
    Json.textField(json, "leader", seen.leader());
    json.writeNumberField("metadataIndex", metadata().index());
    json.writeStringField("answeredBy", seen.nodeId());
    json.writeBooleanField("fresh", seen.fresh());
    json.writeFieldName("nodes");
    new NodeListView(List.copyOf(metadata().nodes().values()), seen.leader()).writeJson(json);
    json.writeArrayFieldStart("tables");
    for (TableRecord table : metadata().tables().values()) {
      TableListView.writeTable(json, metadata(), table);
    }
    json.writeEndArray();
    json.writeBooleanField("healthy", reasons().isEmpty());
    Json.textsField(json, "reasons", clusterReasons());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    long voters = metadata().nodes().values().stream().filter(NodeRecord::voter).count();
    List<String> reasons = reasons();
    TextTable.ofPairs()
        .row("cluster", metadata().clusterId())
        .row("health", reasons.isEmpty() ? "healthy" : "DEGRADED")
        .row("leader", seen.leader())
        .row("voters", voters + " of " + metadata().voterTarget())
        .row("metadata index", metadata().index())
        .write(out);
    out.println();
    new NodeListView(List.copyOf(metadata().nodes().values()), seen.leader()).writeText(out);
    if (!metadata().tables().isEmpty()) {
      out.println();
      writeTables(out);
    }
    if (!reasons.isEmpty()) {
      out.println();
      out.println("Degraded:");
      reasons.forEach(reason -> out.println("  " + reason));
    }
  }

  private void writeTables(PrintStream out) {
    TextTable table =
        TextTable.withHeaders("TABLE", "KIND", ">SHARDS", ">ACTIVE", ">ENTRIES", ">SIZE", "HEALTH");
    for (TableRecord record : metadata().tables().values()) {
      VersionRecord active = record.active();
      table.row(
          record.name(),
          record.kind().word(),
          TableListView.shardsOf(record),
          Human.version(record.activeVersion()),
          active == null ? "" : Human.count(TableListView.chainEntries(record, active)),
          active == null ? "" : Human.bytes(TableListView.chainBytes(record, active)),
          ClusterHealth.reasons(metadata(), record).isEmpty() ? "healthy" : "DEGRADED");
    }
    table.write(out);
  }
}
