package io.featurekv.cli.read;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.cli.view.View;
import io.featurekv.storage.ShardFileInfo;
import io.featurekv.storage.ShardFileInspection;
import io.featurekv.storage.ShardFileParts;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HexFormat;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A shard file.
 *
 * @param sha256 of the whole file, as {@code sha256sum} prints it
 * @param digest the one that the metadata knows the file by
 * @param inspection null when the file is damaged
 * @param error empty when it is sound
 */
record InspectView(
    long lengthBytes,
    String sha256,
    String digest,
    @Nullable ShardFileInspection inspection,
    String error)
    implements View {
  static InspectView sound(
      long lengthBytes, String sha256, String digest, ShardFileInspection inspection) {
    return new InspectView(lengthBytes, sha256, digest, inspection, "");
  }

  static InspectView damaged(long lengthBytes, String sha256, String error) {
    return new InspectView(lengthBytes, sha256, "", null, error);
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    if (inspection != null) {
      writeInfo(json, inspection.info());
      writeParts(json, inspection.parts());
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

  private static void writeInfo(JsonGenerator json, ShardFileInfo info) throws IOException {
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
    if (info.entriesChecksum().isPresent()) {
      json.writeStringField("entriesChecksum", checksum(info.entriesChecksum()));
    }
  }

  private static void writeParts(JsonGenerator json, ShardFileParts parts) throws IOException {
    json.writeStringField("layout", parts.layout());
    if (!parts.firstKey().isEmpty()) {
      json.writeStringField("firstKeyHex", parts.firstKey());
      json.writeStringField("lastKeyHex", parts.lastKey());
    }
    json.writeNumberField("dataBytes", parts.dataBytes());
    json.writeNumberField("indexBytes", parts.indexBytes());
    json.writeNumberField("filterBytes", parts.filterBytes());
    if (parts.blockEntries() > 0) {
      json.writeNumberField("blocks", parts.blocks());
      json.writeNumberField("blockEntries", parts.blockEntries());
      json.writeNumberField("plainBytes", parts.plainBytes());
      json.writeNumberField("storedBytes", parts.storedBytes());
      json.writeNumberField("dictionaryBytes", parts.dictionaryBytes());
    }
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable pairs = TextTable.ofPairs();
    if (inspection != null) {
      rowsOf(inspection.info(), pairs);
      rowsOf(inspection.parts(), pairs);
      pairs.row("digest", digest);
    }
    pairs
        .row("file", Human.bytes(lengthBytes))
        .row("sha256", sha256)
        .row("check", error.isEmpty() ? "ok" : error)
        .write(out);
  }

  private static String checksum(OptionalLong sum) {
    return sum.isEmpty() ? "not said" : HexFormat.of().toHexDigits(sum.getAsLong());
  }

  private static void rowsOf(ShardFileInfo info, TextTable pairs) {
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
        .row("checksum of entries", checksum(info.entriesChecksum()));
  }

  private static void rowsOf(ShardFileParts parts, TextTable pairs) {
    pairs.row("layout", parts.layout());
    if (!parts.firstKey().isEmpty()) {
      pairs
          .row("first key", KeyText.ofHex(parts.firstKey()))
          .row("last key", KeyText.ofHex(parts.lastKey()));
    }
    pairs
        .row("data", Human.bytes(parts.dataBytes()))
        .row("index", Human.bytes(parts.indexBytes()))
        .row("filter", parts.filterBytes() == 0 ? "none" : Human.bytes(parts.filterBytes()));
    if (parts.blockEntries() > 0) {
      pairs
          .row("blocks", Human.count(parts.blocks()) + " of up to " + parts.blockEntries())
          .row(
              "compression",
              Human.bytes(parts.plainBytes())
                  + " to "
                  + Human.bytes(parts.storedBytes())
                  + ratio(parts))
          .row(
              "dictionary",
              parts.dictionaryBytes() == 0 ? "none" : Human.bytes(parts.dictionaryBytes()));
    }
  }

  private static String ratio(ShardFileParts parts) {
    return parts.storedBytes() == 0
        ? ""
        : " (%.2f to 1)".formatted((double) parts.plainBytes() / parts.storedBytes());
  }
}
