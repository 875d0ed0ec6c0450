package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryPlan;
import io.featurekv.metadata.TableRecord;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The version of a table that is on trial, and what a load has planned. */
final class CanaryView {
  private CanaryView() {}

  /** The canary of the table if it is this version; else null. */
  static @Nullable Canary of(@Nullable TableRecord table, long version) {
    Canary canary = table == null ? null : table.canary();
    return canary == null || canary.version() != version ? null : canary;
  }

  /** A field "canary"; none without one. */
  static void writeField(JsonGenerator json, @Nullable Canary canary) throws IOException {
    if (canary == null) {
      return;
    }
    json.writeObjectFieldStart("canary");
    json.writeNumberField("version", canary.version());
    json.writeStringField("sect", canary.sect());
    json.writeNumberField("bakeMillis", canary.bakeMillis());
    Json.timeField(json, "since", canary.sinceMillis());
    json.writeNumberField("reads", canary.counts().reads());
    json.writeNumberField("errors", canary.counts().errors());
    json.writeNumberField("activeReads", canary.counts().activeReads());
    json.writeNumberField("activeErrors", canary.counts().activeErrors());
    json.writeEndObject();
  }

  /** The same of what is planned and has not begun, or is over. */
  static void writeField(JsonGenerator json, @Nullable CanaryPlan plan) throws IOException {
    if (plan == null) {
      return;
    }
    json.writeObjectFieldStart("canary");
    json.writeStringField("sect", plan.sect());
    json.writeNumberField("bakeMillis", plan.bakeMillis());
    json.writeEndObject();
  }

  /** Where it stands now. */
  static String text(@Nullable Canary canary) {
    return canary == null ? "" : canary.text(System.currentTimeMillis());
  }

  static String text(@Nullable CanaryPlan plan) {
    return plan == null
        ? ""
        : "in sect " + plan.sect() + " for " + Human.duration(plan.bakeMillis());
  }
}
