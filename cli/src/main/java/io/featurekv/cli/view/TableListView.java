package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableOptions;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.FileManifest;
import io.featurekv.model.TableKind;
import io.featurekv.node.admin.ClusterHealth;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.function.ToLongFunction;

/** The tables of a cluster. */
public record TableListView(ClusterMetadata metadata) implements View {
  @Override
  public void writeJson(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (TableRecord table : metadata.tables().values()) {
      writeTable(json, metadata, table);
    }
    json.writeEndArray();
  }

  @Override
  public List<Json.Body> jsonLines() {
    return metadata.tables().values().stream()
        .<Json.Body>map(table -> json -> writeTable(json, metadata, table))
        .toList();
  }

  @Override
  public void writeText(PrintStream out) {
    TextTable rows =
        TextTable.withHeaders(
            "TABLE",
            "KIND",
            ">SHARDS",
            ">ACTIVE",
            ">VERSIONS",
            ">RETAIN",
            "VERSION TTL",
            ">MAX VALUE",
            "ACTIVATE WHEN");
    for (TableRecord table : metadata.tables().values()) {
      TableOptions options = table.options();
      rows.row(
          table.name(),
          table.kind().word(),
          shardsOf(table),
          Human.version(table.activeVersion()),
          table.versions().values().stream().filter(version -> version.state().isKept()).count(),
          options.retain(),
          Human.duration(options.versionTtlMillis()),
          Human.bytes(options.maxValueBytes()),
          word(options.activateWhen()));
    }
    rows.write(out);
  }

  /**
   * The fields that {@code status}, {@code table list} and {@code table show} share, as one object.
   */
  static void writeTable(JsonGenerator json, ClusterMetadata metadata, TableRecord table)
      throws IOException {
    json.writeStartObject();
    writeFields(json, metadata, table);
    json.writeEndObject();
  }

  static void writeFields(JsonGenerator json, ClusterMetadata metadata, TableRecord table)
      throws IOException {
    List<String> reasons = ClusterHealth.reasons(metadata, table);
    VersionRecord active = table.active();
    json.writeStringField("name", table.name());
    json.writeStringField("kind", table.kind().word());
    json.writeNumberField("shards", shardsOf(table));
    Json.versionField(json, "activeVersion", table.activeVersion());
    CanaryView.writeField(json, table.canary());
    json.writeBooleanField("healthy", reasons.isEmpty());
    Json.textsField(json, "reasons", reasons);
    json.writeNumberField("entries", active == null ? 0 : chainEntries(table, active));
    json.writeNumberField("bytes", active == null ? 0 : chainBytes(table, active));
    json.writeNumberField("nextShards", table.options().shards());
    json.writeNumberField("retain", table.options().retain());
    json.writeNumberField("versionTtlMillis", table.options().versionTtlMillis());
    json.writeNumberField("entryTtlMillis", table.options().entryTtlMillis());
    json.writeNumberField("maxValueBytes", table.options().maxValueBytes());
    if (table.kind() == TableKind.BLK) {
      json.writeNumberField("blockEntries", table.options().blockEntries());
    }
    json.writeStringField("activateWhen", word(table.options().activateWhen()));
    GatesView.writeJson(json, table.options().gates());
  }

  /**
   * The shards of what is being read: those of the active version, or of the next one while there
   * is none.
   */
  static int shardsOf(TableRecord table) {
    VersionRecord active = table.active();
    return active == null ? table.options().shards() : active.shardCount();
  }

  /**
   * Entries in all files that a read of the version may touch; keys replaced by an increment count
   * twice.
   */
  static long chainEntries(TableRecord table, VersionRecord version) {
    return chainSum(table, version, FileManifest::entries);
  }

  /** Bytes of all files that a read of the version may touch. */
  static long chainBytes(TableRecord table, VersionRecord version) {
    return chainSum(table, version, FileManifest::lengthBytes);
  }

  private static long chainSum(
      TableRecord table, VersionRecord version, ToLongFunction<FileManifest> part) {
    long sum = 0;
    for (int shard = 0; shard < version.shardCount(); shard++) {
      for (ChainFile file : table.chain(version, shard)) {
        FileManifest manifest = file.manifest();
        sum += manifest == null ? 0 : part.applyAsLong(manifest);
      }
    }
    return sum;
  }

  /** The word of {@code --activate-when}. */
  static String word(ActivateWhen when) {
    return switch (when) {
      case ActivateWhen.Live live -> "live";
      case ActivateWhen.All all -> "all";
      case ActivateWhen.Sects sects -> Integer.toString(sects.count());
    };
  }
}
