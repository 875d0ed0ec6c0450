package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Json;
import io.featurekv.cli.terminal.TextTable;
import io.featurekv.metadata.Gate;
import io.featurekv.metadata.Gates;
import io.featurekv.metadata.Share;
import java.io.IOException;
import java.util.List;
import java.util.Set;
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
        .row("max duplicates", word(gates.maxDuplicates()));
  }

  private static String word(@Nullable Share share) {
    return share == null ? "off" : share.word();
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
