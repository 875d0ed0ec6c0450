package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.metadata.TaskStage;
import java.io.IOException;
import java.util.Set;

/**
 * How far one stage of a task is, and how fast; all by the clock of whoever told of it.
 *
 * @param endMillis when the next stage began, or when this one was last told of
 */
record StageProgress(TaskStage stage, long endMillis) {
  /** Stages whose work is measured in bytes; others count rows or entries. */
  private static final Set<String> IN_BYTES = Set.of("ship");

  private static final double MILLIS_PER_SECOND = 1e3;

  double seconds() {
    return Math.max(0, endMillis - stage.beganAtMillis()) / MILLIS_PER_SECOND;
  }

  /** Share that is done, or -1 where that is not known. */
  double fraction() {
    return stage.total() > 0 ? Math.clamp((double) stage.done() / stage.total(), 0, 1) : -1;
  }

  /** Of its own measure a second, or -1 where nothing can be told yet. */
  double perSecond() {
    return seconds() > 0 && stage.done() > 0 ? stage.done() / seconds() : -1;
  }

  /** Seconds until it is over if it goes on like this, or -1. */
  double etaSeconds() {
    double rate = perSecond();
    return rate > 0 && stage.total() >= stage.done() && stage.total() > 0
        ? (stage.total() - stage.done()) / rate
        : -1;
  }

  /**
   * One line for a person.
   *
   * @param isInBytes whether the stage measures bytes here
   */
  String text(boolean isInBytes) {
    StringBuilder text = new StringBuilder(stage.name());
    boolean bytes = isInBytes || IN_BYTES.contains(stage.name());
    if (stage.done() > 0) {
      text.append(", ").append(measure(stage.done(), bytes));
    }
    if (fraction() >= 0) {
      text.append(" of ").append(measure(stage.total(), bytes));
      text.append(" (").append((int) (fraction() * 100)).append(" %)");
    }
    if (perSecond() > 0) {
      text.append(", ").append(measure(Math.round(perSecond()), bytes)).append("/s");
    }
    if (etaSeconds() >= 0) {
      text.append(", ETA ").append(Human.seconds(etaSeconds()));
    }
    return text.toString();
  }

  private static String measure(long amount, boolean isInBytes) {
    return isInBytes ? Human.bytes(amount) : Human.count(amount);
  }

  void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", stage.name());
    Json.timeField(json, "beganAt", stage.beganAtMillis());
    Json.figureField(json, "seconds", seconds(), 3);
    json.writeNumberField("done", stage.done());
    if (stage.total() >= 0) {
      json.writeNumberField("total", stage.total());
    }
    if (perSecond() > 0) {
      json.writeNumberField("perSecond", Math.round(perSecond()));
    }
    if (etaSeconds() >= 0) {
      json.writeNumberField("etaSeconds", Math.round(etaSeconds()));
    }
    json.writeEndObject();
  }
}
