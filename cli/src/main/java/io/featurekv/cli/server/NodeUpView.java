package io.featurekv.cli.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import io.featurekv.model.Endpoint;
import io.featurekv.node.NodeConfig;
import io.featurekv.node.resp.RespConfig;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** What a node says once it is up. */
record NodeUpView(String clusterId, String nodeId, String listen, NodeConfig config)
    implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("clusterId", clusterId);
    json.writeStringField("nodeId", nodeId);
    json.writeStringField("sect", config.sect());
    json.writeStringField("listen", listen);
    Json.textField(json, "raftListen", text(config.raftListen()));
    Json.textField(json, "httpListen", text(config.httpListen()));
    RespConfig resp = config.resp();
    Json.textField(json, "respListen", resp == null ? "" : text(resp.listen()));
    json.writeStringField("dataDir", config.dataDirectory().toString());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    out.println("FeatureKV is up.");
    TextTable.ofPairs()
        .row("cluster", clusterId)
        .row("node", nodeId)
        .row("sect", config.sect())
        .row("clients and peers", listen)
        .row("metadata group", text(config.raftListen()))
        .row("http", config.httpListen() == null ? "" : "http://" + config.httpListen())
        .row("clients of Redis", config.resp() == null ? "" : text(config.resp().listen()))
        .row("data", config.dataDirectory().toAbsolutePath().normalize())
        .write(out, "  ");
  }

  private static String text(@Nullable Endpoint endpoint) {
    return endpoint == null ? "" : endpoint.toString();
  }
}
