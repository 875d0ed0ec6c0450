package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import io.featurekv.storage.ShardFileInfo;
import java.io.IOException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * A shard file.
 *
 * @param sha256 of the whole file, as {@code sha256sum} prints it
 * @param digest the one that the metadata knows the file by
 * @param info null when the file is damaged
 * @param error empty when it is sound
 */
record InspectView(
    long lengthBytes, String sha256, String digest, @Nullable ShardFileInfo info, String error)
    implements View {
  static InspectView sound(long lengthBytes, String sha256, String digest, ShardFileInfo info) {
    return new InspectView(lengthBytes, sha256, digest, info, "");
  }

  static InspectView damaged(long lengthBytes, String sha256, String error) {
    return new InspectView(lengthBytes, sha256, "", null, error);
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    if (info != null) {
      json.writeNumberField("formatVersion", info.formatVersion());
      json.writeStringField("table", info.spec().id().table());
      json.writeNumberField("version", info.spec().id().version());
      json.writeNumberField("shard", info.spec().id().shard());
      json.writeNumberField("shards", info.spec().shards());
      json.writeStringField("kind", info.spec().kind().word());
      json.writeStringField("mode", info.spec().mode().word());
      json.writeNumberField("entries", info.entries());
      json.writeNumberField("tombstones", info.tombstones());
      json.writeNumberField("keyBytes", info.keyBytes());
      json.writeNumberField("valueBytes", info.valueBytes());
      json.writeStringField("digest", digest);
    }
    json.writeNumberField("bytes", lengthBytes);
    json.writeStringField("sha256", sha256);
    json.writeBooleanField("ok", error.isEmpty());
    if (!error.isEmpty()) {
      json.writeStringField("error", error);
    }
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable pairs = TextTable.ofPairs();
    if (info != null) {
      pairs
          .row("table", info.spec().id().table())
          .row("version", info.spec().id().version())
          .row("shard", info.spec().id().shard() + " of " + info.spec().shards())
          .row("kind", info.spec().kind().word())
          .row("mode", info.spec().mode().word())
          .row("format version", info.formatVersion())
          .row("entries", Human.count(info.entries()))
          .row("deleted", Human.count(info.tombstones()))
          .row("keys", Human.bytes(info.keyBytes()))
          .row("values", Human.bytes(info.valueBytes()))
          .row("digest", digest);
    }
    pairs
        .row("file", Human.bytes(lengthBytes))
        .row("sha256", sha256)
        .row("check", error.isEmpty() ? "ok" : error)
        .write(out);
  }
}
