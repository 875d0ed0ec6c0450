package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.DataCheck;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.Gates;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.metadata.GoldenMiss;
import io.featurekv.metadata.Share;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The gates of a table, and those that a load ignored. */
final class GatesView {
  private GatesView() {}

  /** A limit is written as the option takes it; one that is off is null. */
  static void writeJson(JsonGenerator json, Gates gates) throws IOException {
    json.writeObjectFieldStart("gates");
    writeShare(json, "maxShrink", gates.maxShrink());
    writeShare(json, "maxGrowth", gates.maxGrowth());
    writeShare(json, "maxRejectedRows", gates.maxRejected());
    writeShare(json, "maxDuplicates", gates.maxDuplicates());
    writeShare(json, "minOverlap", gates.minOverlap());
    Json.textsField(json, "requiredColumns", gates.requiredColumns());
    json.writeArrayFieldStart("goldenKeys");
    for (GoldenKey golden : gates.goldenKeys()) {
      json.writeStartObject();
      json.writeStringField("key", golden.shownKey());
      json.writeStringField("expected", golden.expected().toString());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeShare(JsonGenerator json, String name, @Nullable Share share)
      throws IOException {
    Json.textField(json, name, share == null ? "" : share.word());
  }

  static void addRows(TextTable rows, Gates gates) {
    rows.row("max shrink", word(gates.maxShrink()))
        .row("max growth", word(gates.maxGrowth()))
        .row("max rejected rows", word(gates.maxRejected()))
        .row("max duplicates", word(gates.maxDuplicates()))
        .row("min overlap", word(gates.minOverlap()))
        .row("required columns", String.join(",", gates.requiredColumns()))
        .row(
            "golden keys",
            gates.goldenKeys().stream().map(GoldenKey::toString).collect(Collectors.joining("; ")));
  }

  private static String word(@Nullable Share share) {
    return share == null ? "off" : share.word();
  }

  /** What nodes found in a version; nothing where nobody had to look. */
  static void writeFindings(JsonGenerator json, @Nullable DataCheck check) throws IOException {
    if (check != null) {
      json.writeObjectFieldStart("dataCheck");
      json.writeNumberField("pendingShards", check.pendingShards().size());
      Json.versionField(json, "overlapWith", check.overlapWith());
      json.writeNumberField("sampledKeys", check.sampledKeys());
      json.writeNumberField("knownKeys", check.knownKeys());
      Json.textsField(
          json, "goldenMisses", check.misses().stream().map(GoldenMiss::toString).toList());
      json.writeEndObject();
    }
  }

  static String findingsText(@Nullable DataCheck check) {
    if (check == null) {
      return "";
    }
    String pending =
        check.isComplete() ? "" : check.pendingShards().size() + " shards not looked into yet; ";
    String overlap =
        check.overlapWith() == 0
            ? ""
            : Human.count(check.knownKeys())
                + " of "
                + Human.count(check.sampledKeys())
                + " keys looked up are in version "
                + check.overlapWith()
                + "; ";
    return pending + overlap + check.misses().size() + " golden keys missed";
  }

  static void writeIgnored(JsonGenerator json, Set<Gate> ignored) throws IOException {
    Json.textsField(json, "ignoredGates", words(ignored));
  }

  static String ignoredText(Set<Gate> ignored) {
    return String.join(",", words(ignored));
  }

  private static List<String> words(Set<Gate> gates) {
    return gates.stream().sorted().map(Gate::word).toList();
  }
}
