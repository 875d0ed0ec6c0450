package io.featurekv.cli.bench;

import io.featurekv.cli.session.Session;
import io.featurekv.cli.terminal.Human;
import io.featurekv.cli.terminal.Json;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Shows on standard error how a load goes: to a person a line every second, otherwise a JSON line
 * every {@value #LINE_PERIOD_SECONDS} seconds. For one thread.
 */
final class ReadProgress implements ReadRun.Watcher {
  static final int LINE_PERIOD_SECONDS = 5;

  private final Session session;
  private final int batchKeys;
  private final boolean isTerminal;
  private long batchesSinceLine;
  private double worstP99;

  ReadProgress(Session session, int batchKeys) {
    this.session = session;
    this.batchKeys = batchKeys;
    this.isTerminal = session.streams().errIsTerminal();
  }

  @Override
  public void secondPassed(long seconds, boolean isWarm, Tally tally) {
    Histogram recent = tally.takeRecent();
    double p99 = recent.getTotalCount() == 0 ? 0 : recent.getValueAtPercentile(99) / 1e3;
    Tally.Counts counts = tally.counts();
    String stage = isWarm ? "measure" : "warm up";
    if (isTerminal) {
      session.message(
          String.format(
              Locale.ROOT,
              "%4d s  %s  %s keys/s  p99 %.0f us  %d failed  %d mixed  %d wrong",
              seconds,
              stage,
              Human.count(recent.getTotalCount() * batchKeys),
              p99,
              counts.failed(),
              counts.mixed(),
              counts.wrong()));
      return;
    }
    batchesSinceLine += recent.getTotalCount();
    worstP99 = Math.max(worstP99, p99);
    if (seconds % LINE_PERIOD_SECONDS == 0) {
      long keysPerSecond = batchesSinceLine * batchKeys / LINE_PERIOD_SECONDS;
      session.message(
          Json.text(
              json -> {
                json.writeStartObject();
                json.writeStringField("stage", stage);
                json.writeNumberField("seconds", seconds);
                json.writeNumberField("keysPerSecond", keysPerSecond);
                json.writeNumberField("worstP99Micros", Math.round(worstP99));
                json.writeNumberField("failed", counts.failed());
                json.writeNumberField("mixed", counts.mixed());
                json.writeNumberField("wrong", counts.wrong());
                json.writeEndObject();
              }));
      batchesSinceLine = 0;
      worstP99 = 0;
    }
  }
}
