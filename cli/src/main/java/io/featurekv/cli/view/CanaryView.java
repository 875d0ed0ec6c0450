package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.TableRecord;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A version on trial: what a load has planned, where it stands, what it has shown. Each field is
 * called "canary" and is left out where there is nothing to tell.
 */
final class CanaryView {
  private CanaryView() {}

  /** The canary of the table if it is this version; else null. */
  static @Nullable Canary of(@Nullable TableRecord table, long version) {
    Canary canary = table == null ? null : table.canary();
    return canary == null || canary.version() != version ? null : canary;
  }

  /** Of one that goes on. */
  static void writeField(JsonGenerator json, @Nullable Canary canary) throws IOException {
    if (canary != null) {
      json.writeObjectFieldStart("canary");
      json.writeNumberField("version", canary.version());
      writePlan(json, canary.sect(), canary.bakeMillis());
      Json.timeField(json, "since", canary.sinceMillis());
      writeCounts(json, canary.counts());
      json.writeEndObject();
    }
  }

  /** Of one that has not begun, or is over. */
  static void writeField(JsonGenerator json, @Nullable CanaryPlan plan) throws IOException {
    if (plan != null) {
      json.writeObjectFieldStart("canary");
      writePlan(json, plan.sect(), plan.bakeMillis());
      if (plan.shown() != null) {
        writeCounts(json, plan.shown());
      }
      json.writeEndObject();
    }
  }

  /** Of what one has shown. */
  static void writeField(JsonGenerator json, @Nullable CanaryCounts shown) throws IOException {
    if (shown != null) {
      json.writeObjectFieldStart("canary");
      writeCounts(json, shown);
      json.writeEndObject();
    }
  }

  private static void writePlan(JsonGenerator json, String sect, long bakeMillis)
      throws IOException {
    json.writeStringField("sect", sect);
    json.writeNumberField("bakeMillis", bakeMillis);
  }

  private static void writeCounts(JsonGenerator json, CanaryCounts counts) throws IOException {
    json.writeNumberField("reads", counts.reads());
    json.writeNumberField("errors", counts.errors());
    json.writeNumberField("activeReads", counts.activeReads());
    json.writeNumberField("activeErrors", counts.activeErrors());
  }

  static String text(@Nullable Canary canary) {
    return canary == null ? "" : canary.text(System.currentTimeMillis());
  }

  static String text(@Nullable CanaryPlan plan) {
    if (plan == null) {
      return "";
    }
    CanaryCounts shown = plan.shown();
    return "in sect "
        + plan.sect()
        + " for "
        + Human.duration(plan.bakeMillis())
        + (shown == null ? "" : ", " + shown.text());
  }
}
