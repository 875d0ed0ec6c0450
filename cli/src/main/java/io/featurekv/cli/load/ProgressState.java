package io.featurekv.cli.load;

import com.fasterxml.jackson.core.JsonGenerator;
import io.featurekv.cli.terminal.Human;
import java.io.IOException;
import java.util.Locale;

/**
 * How far one stage of a load is. Totals that are not known are -1.
 *
 * @param done rows or entries so far
 * @param bytesDone of the inputs in the stage that reads, else of files
 * @param note what it waits for, in words, instead of how fast it is; empty where there is none
 */
record ProgressState(
    String stage,
    long stageStartNanos,
    long done,
    long total,
    long bytesDone,
    long bytesTotal,
    String note) {
  private static final int BAR_WIDTH = 28;

  static ProgressState begin(String stage, long nowNanos) {
    return new ProgressState(stage, nowNanos, 0, -1, 0, -1, "");
  }

  ProgressState withDone(long newDone, long newTotal) {
    return new ProgressState(
        stage, stageStartNanos, newDone, newTotal, bytesDone, bytesTotal, note);
  }

  ProgressState withBytes(long newDone, long newTotal) {
    return new ProgressState(stage, stageStartNanos, done, total, newDone, newTotal, note);
  }

  ProgressState withNote(String newNote) {
    return new ProgressState(stage, stageStartNanos, done, total, bytesDone, bytesTotal, newNote);
  }

  /** Share of the stage that is done, or -1 when that is not known. */
  double fraction() {
    if (bytesTotal > 0) {
      return Math.clamp((double) bytesDone / bytesTotal, 0, 1);
    }
    return total > 0 ? Math.clamp((double) done / total, 0, 1) : -1;
  }

  private double secondsAt(long nowNanos) {
    return Math.max(1e-3, (nowNanos - stageStartNanos) / 1e9);
  }

  private double perSecond(long nowNanos) {
    return done / secondsAt(nowNanos);
  }

  /** Seconds until the stage is over if it goes on like this, or -1. */
  double etaSeconds(long nowNanos) {
    double fraction = fraction();
    return fraction > 0.001 ? secondsAt(nowNanos) * (1 - fraction) / fraction : -1;
  }

  /** What a person wants to know of moving files is their bytes. */
  private boolean isInBytes() {
    return stage.equals("ship");
  }

  /** One line for a person. */
  String bar(long nowNanos) {
    double fraction = fraction();
    String what = isInBytes() ? Human.bytes(bytesDone) : Human.count(done);
    String rate =
        isInBytes()
            ? Human.bytes(Math.round(bytesDone / secondsAt(nowNanos))) + "/s"
            : Human.count(Math.round(perSecond(nowNanos))) + "/s";
    if (fraction < 0) {
      return String.format(
          Locale.ROOT, "%-6s %s  %s  %s", stage, what, rate, Human.seconds(secondsAt(nowNanos)));
    }
    int filled = (int) (fraction * BAR_WIDTH);
    double eta = etaSeconds(nowNanos);
    String pace = what + "  " + rate + (eta < 0 ? "" : "  ETA " + Human.seconds(eta));
    return String.format(
        Locale.ROOT,
        "%-6s [%s%s] %3d%%  %s",
        stage,
        "#".repeat(filled),
        ".".repeat(BAR_WIDTH - filled),
        (int) (fraction * 100),
        note.isEmpty() ? pace : note);
  }

  /** One line for a machine. */
  void writeJson(JsonGenerator json, long loadStartNanos, long nowNanos) throws IOException {
    double fraction = fraction();
    double eta = etaSeconds(nowNanos);
    json.writeStartObject();
    json.writeStringField("stage", stage);
    json.writeNumberField("done", done);
    if (total >= 0) {
      json.writeNumberField("total", total);
    }
    if (bytesTotal > 0) {
      String name = stage.equals("read") ? "inputBytes" : "bytes";
      json.writeNumberField(name, bytesDone);
      json.writeNumberField(name + "Total", bytesTotal);
      json.writeNumberField(name + "PerSecond", Math.round(bytesDone / secondsAt(nowNanos)));
    }
    if (fraction >= 0) {
      json.writeNumberField("percent", Math.round(fraction * 1000) / 10.0);
    }
    if (!note.isEmpty()) {
      json.writeStringField("note", note);
    }
    json.writeNumberField("perSecond", Math.round(perSecond(nowNanos)));
    if (eta >= 0) {
      json.writeNumberField("etaSeconds", Math.round(eta));
    }
    json.writeNumberField("seconds", Math.round((nowNanos - loadStartNanos) / 1e8) / 10.0);
    json.writeEndObject();
  }
}
