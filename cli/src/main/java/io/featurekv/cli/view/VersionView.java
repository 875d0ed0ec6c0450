package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FileManifest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;

/** One version with its shards: what each file must be, who has it and who serves it. */
public record VersionView(TableRecord table, VersionRecord version) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", table.name());
    VersionListView.writeFields(json, version);
    json.writeObjectFieldStart("loadFailures");
    for (Map.Entry<String, String> failure : version.loadFailures().entrySet()) {
      json.writeStringField(failure.getKey(), failure.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("files");
    for (int shard = 0; shard < version.shardCount(); shard++) {
      writeShard(json, shard, version.shards().get(shard));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeShard(JsonGenerator json, int number, ShardRecord shard)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("shard", number);
    FileManifest manifest = shard.manifest();
    if (manifest != null) {
      json.writeNumberField("entries", manifest.entries());
      json.writeNumberField("tombstones", manifest.tombstones());
      json.writeNumberField("bytes", manifest.lengthBytes());
      json.writeStringField("digest", manifest.digest().hex());
    }
    Json.textsField(json, "holders", shard.holders().keySet());
    Json.textsField(json, "ready", shard.ready());
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable.ofPairs()
        .row("table", table.name())
        .row("version", version.number())
        .row("state", version.state())
        .row("mode", version.mode().word())
        .row("parent", Human.version(version.parent()))
        .row("entries", Human.count(version.entries()))
        .row("deleted", Human.count(version.tombstones()))
        .row("size", Human.bytes(version.bytes()))
        .row("created", Human.time(version.createdAtMillis()))
        .row("sealed", Human.time(version.sealedAtMillis()))
        .row("activated", Human.time(version.activatedAtMillis()))
        .row("retired", Human.time(version.retiredAtMillis()))
        .row("task", version.taskId())
        .row("reason", version.reason())
        .write(out);
    out.println();
    TextTable rows =
        TextTable.withHeaders(
            ">SHARD", ">ENTRIES", ">DELETED", ">SIZE", "DIGEST", "HELD BY", "READY ON");
    for (int number = 0; number < version.shardCount(); number++) {
      ShardRecord shard = version.shards().get(number);
      FileManifest manifest = shard.manifest();
      rows.row(
          number,
          manifest == null ? "" : Human.count(manifest.entries()),
          manifest == null ? "" : Human.count(manifest.tombstones()),
          manifest == null ? "" : Human.bytes(manifest.lengthBytes()),
          manifest == null ? "" : manifest.digest().hex().substring(0, 12),
          String.join(",", shard.holders().keySet()),
          String.join(",", shard.ready()));
    }
    rows.write(out);
    version
        .loadFailures()
        .forEach((node, why) -> out.println("node " + node + " cannot load it: " + why));
  }
}
