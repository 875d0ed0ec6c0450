package io.featurekv.cli.view;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import io.featurekv.metadata.StageFigures;
import io.featurekv.metadata.TaskStage;
import java.io.IOException;

/**
 * How far one stage of a task is, and how fast; all by the clock of whoever told of it. What is
 * done of it is measured in bytes where it is known how many there are, else in entries.
 *
 * @param endMillis when the next stage began, or when this one was last told of
 */
record StageProgress(TaskStage stage, long endMillis) {
  private static final double MILLIS_PER_SECOND = 1e3;

  double seconds() {
    return Math.max(0, endMillis - stage.beganAtMillis()) / MILLIS_PER_SECOND;
  }

  private StageFigures figures() {
    return stage.figures();
  }

  private boolean isInBytes() {
    return figures().bytesTotal() > 0;
  }

  private long done() {
    return isInBytes() ? figures().bytes() : figures().entries();
  }

  private long total() {
    return isInBytes() ? figures().bytesTotal() : figures().entriesTotal();
  }

  /** Share that is done, or -1 where that is not known. */
  double fraction() {
    return total() > 0 ? Math.clamp((double) done() / total(), 0, 1) : -1;
  }

  /** So many a second of what is done, or -1 where nothing can be told yet. */
  private double perSecond(long amount) {
    return seconds() > 0 && amount > 0 ? amount / seconds() : -1;
  }

  /** Seconds until it is over if it goes on like this, or -1. */
  double etaSeconds() {
    double rate = perSecond(done());
    return rate > 0 && total() >= done() && total() > 0 ? (total() - done()) / rate : -1;
  }

  /** One line for a person. */
  String text() {
    StringBuilder text = new StringBuilder(stage.name());
    if (figures().entries() > 0) {
      text.append(", ").append(entriesText()).append(" entries");
    }
    if (figures().bytes() > 0) {
      text.append(", ").append(bytesText());
    }
    if (fraction() >= 0) {
      text.append(" (").append((int) (fraction() * 100)).append(" %)");
    }
    String rate = rateText();
    if (!rate.isEmpty()) {
      text.append(", ").append(rate);
    }
    if (etaSeconds() >= 0) {
      text.append(", ETA ").append(Human.seconds(etaSeconds()));
    }
    return text.toString();
  }

  /** Entries, and of how many where there are more to come. */
  String entriesText() {
    long total = figures().entriesTotal();
    String done = Human.count(figures().entries());
    return total > figures().entries() ? done + " of " + Human.count(total) : done;
  }

  /** Bytes likewise. */
  String bytesText() {
    long total = figures().bytesTotal();
    String done = Human.bytes(figures().bytes());
    return total > figures().bytes() ? done + " of " + Human.bytes(total) : done;
  }

  /** How fast it is, in entries and bytes as far as it counts them. */
  String rateText() {
    double entries = perSecond(figures().entries());
    double bytes = perSecond(figures().bytes());
    String text = entries > 0 ? Human.count(Math.round(entries)) + "/s" : "";
    String between = text.isEmpty() || bytes <= 0 ? "" : ", ";
    return text + between + (bytes > 0 ? Human.bytes(Math.round(bytes)) + "/s" : "");
  }

  void writeJson(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", stage.name());
    Json.timeField(json, "beganAt", stage.beganAtMillis());
    Json.figureField(json, "seconds", seconds(), 3);
    json.writeNumberField("done", done());
    writeTotal(json, "total", total());
    json.writeNumberField("entries", figures().entries());
    writeTotal(json, "entriesTotal", figures().entriesTotal());
    json.writeNumberField("bytes", figures().bytes());
    writeTotal(json, "bytesTotal", figures().bytesTotal());
    writeRate(json, "perSecond", perSecond(done()));
    writeRate(json, "entriesPerSecond", perSecond(figures().entries()));
    writeRate(json, "bytesPerSecond", perSecond(figures().bytes()));
    if (etaSeconds() >= 0) {
      json.writeNumberField("etaSeconds", Math.round(etaSeconds()));
    }
    json.writeEndObject();
  }

  private static void writeTotal(JsonGenerator json, String name, long total) throws IOException {
    if (total >= 0) {
      json.writeNumberField(name, total);
    }
  }

  private static void writeRate(JsonGenerator json, String name, double rate) throws IOException {
    if (rate > 0) {
      json.writeNumberField(name, Math.round(rate));
    }
  }
}
