package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The nodes of a cluster. */
public record NodeListView(List<NodeRecord> nodes, String leader) implements View {
  public NodeListView {
    nodes = List.copyOf(nodes);
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (NodeRecord node : nodes) {
      writeNode(json, node);
    }
    json.writeEndArray();
  }

  @Override
  public List<Json.Body> jsonLines() {
    return nodes.stream().<Json.Body>map(node -> json -> writeNode(json, node)).toList();
  }

  private void writeNode(JsonGenerator json, NodeRecord node) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", node.id());
    json.writeStringField("sect", node.sect());
    Json.textsField(json, "duties", words(node.duties()));
    json.writeStringField("state", node.state() == NodeState.UP ? "UP" : "DOWN");
    json.writeBooleanField("takenOver", node.state() == NodeState.TAKEN_OVER);
    json.writeStringField("listen", node.listen());
    Json.textField(json, "raftListen", node.raftListen());
    Json.textField(json, "httpListen", node.httpListen());
    json.writeBooleanField("voter", node.voter());
    json.writeBooleanField("leader", node.id().equals(leader));
    Json.timeField(json, "joinedAt", node.joinedAtMillis());
    Json.timeField(json, "stateSince", node.stateSinceMillis());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable table =
        TextTable.withHeaders(
            "NODE", "SECT", "STATE", "DUTIES", "METADATA", "LISTEN", "HTTP", "STATE SINCE");
    for (NodeRecord node : nodes) {
      table.row(
          node.id(),
          node.sect(),
          stateWord(node.state()),
          String.join(",", words(node.duties())),
          node.id().equals(leader) ? "leader" : node.voter() ? "voter" : "",
          node.listen(),
          node.httpListen(),
          Human.time(node.stateSinceMillis()));
    }
    table.write(out);
  }

  private static String stateWord(NodeState state) {
    return switch (state) {
      case UP -> "UP";
      case DOWN -> "DOWN";
      case TAKEN_OVER -> "DOWN (taken over)";
    };
  }

  private static List<String> words(Collection<Duty> duties) {
    return duties.stream().sorted().map(duty -> duty.name().toLowerCase(Locale.ROOT)).toList();
  }
}
