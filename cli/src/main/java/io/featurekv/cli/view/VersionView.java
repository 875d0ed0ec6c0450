package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.MergedFile;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FileManifest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * One version with its shards: what each file must be, who has it and who serves it.
 *
 * @param ignoredGates gates of the table that it need not have passed
 */
public record VersionView(TableRecord table, VersionRecord version, Set<Gate> ignoredGates)
    implements View {
  public VersionView {
    ignoredGates = Set.copyOf(ignoredGates);
  }

  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", table.name());
    VersionListView.writeFields(json, table, version);
    json.writeNumberField("chainFiles", longestChain());
    GatesView.writeIgnored(json, ignoredGates);
    GatesView.writeFindings(json, version.dataCheck());
    json.writeObjectFieldStart("loadFailures");
    for (Map.Entry<String, String> failure : version.loadFailures().entrySet()) {
      json.writeStringField(failure.getKey(), failure.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("files");
    for (int shard = 0; shard < version.shardCount(); shard++) {
      writeShard(json, shard, version.shards().get(shard), chainFiles(shard));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** How many files a read of a shard touches. */
  private int chainFiles(int shard) {
    return table.chain(version, shard).size();
  }

  private int longestChain() {
    int longest = 0;
    for (int shard = 0; shard < version.shardCount(); shard++) {
      longest = Math.max(longest, chainFiles(shard));
    }
    return longest;
  }

  private static void writeShard(JsonGenerator json, int number, ShardRecord shard, int chainFiles)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("shard", number);
    FileManifest manifest = shard.manifest();
    if (manifest != null) {
      json.writeNumberField("entries", manifest.entries());
      json.writeNumberField("tombstones", manifest.tombstones());
      json.writeNumberField("bytes", manifest.lengthBytes());
      json.writeStringField("digest", manifest.digest().hex());
      if (manifest.entriesChecksum().isPresent()) {
        json.writeStringField(
            "entriesChecksum", HexFormat.of().toHexDigits(manifest.entriesChecksum().getAsLong()));
      }
    }
    Json.textsField(json, "holders", shard.holders().keySet());
    Json.textsField(json, "ready", shard.ready());
    json.writeNumberField("chainFiles", chainFiles);
    MergedFile merged = shard.merged();
    if (merged != null) {
      json.writeObjectFieldStart("merged");
      json.writeNumberField("entries", merged.manifest().entries());
      json.writeNumberField("bytes", merged.manifest().lengthBytes());
      json.writeStringField("digest", merged.manifest().digest().hex());
      Json.textsField(json, "holders", merged.holders());
      json.writeBooleanField("complete", merged.complete());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable.ofPairs()
        .row("table", table.name())
        .row("version", version.number())
        .row("state", VersionListView.stateText(table, version))
        .row("mode", version.mode().word())
        .row("parent", Human.version(version.parent()))
        .row("entries", Human.count(version.entries()))
        .row("deleted", Human.count(version.tombstones()))
        .row("size", Human.bytes(version.bytes()))
        .row("files of a read", longestChain())
        .row("created", Human.time(version.createdAtMillis()))
        .row("sealed", Human.time(version.sealedAtMillis()))
        .row("activated", Human.time(version.activatedAtMillis()))
        .row("retired", Human.time(version.retiredAtMillis()))
        .row("task", version.taskId())
        .row("ignored gates", GatesView.ignoredText(ignoredGates))
        .row("looked into", GatesView.findingsText(version.dataCheck()))
        .row("canary", CanaryView.text(CanaryView.of(table, version.number())))
        .row("reason", version.reason())
        .write(out);
    out.println();
    TextTable rows =
        TextTable.withHeaders(
            ">SHARD",
            ">ENTRIES",
            ">DELETED",
            ">SIZE",
            "DIGEST",
            "HELD BY",
            "READY ON",
            ">FILES",
            "MERGED");
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
          String.join(",", shard.ready()),
          chainFiles(number),
          mergedText(shard));
    }
    rows.write(out);
    version
        .loadFailures()
        .forEach((node, why) -> out.println("node " + node + " cannot load it: " + why));
  }

  /** Who has the merged file that stands in for the chain; empty while there is none. */
  private static String mergedText(ShardRecord shard) {
    MergedFile merged = shard.merged();
    if (merged == null) {
      return "";
    }
    String holders = String.join(",", merged.holders());
    return merged.complete() ? holders : holders + " (not everywhere yet)";
  }
}
