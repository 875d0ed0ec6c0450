package io.featurekv.cli.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Puts a load on, watches it, and reports. */
final class ReadRun {
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private ReadRun() {}

  /** Told every second what happened. */
  @FunctionalInterface
  interface Watcher {
    /** A second more has passed since the first batch; {@code isWarm} once batches count. */
    void secondPassed(long seconds, boolean isWarm, Tally tally);
  }

  /**
   * Runs until the last batch has ended.
   *
   * @param timeout within which every batch ends
   */
  static ReadReport run(
      ReadPlan plan, BatchSource source, ServerCpu servers, Duration timeout, Watcher watcher)
      throws InterruptedException {
    // The first look is slow.
    var _ = servers.look();
    try (ReadLoad load = new ReadLoad(plan, source, System.nanoTime() + SETTLE_NANOS)) {
      load.start();
      long seconds = 0;
      CpuSight before = CpuSight.look(load, servers);
      boolean isWarm = false;
      boolean isSent = false;
      long nextNanos = System.nanoTime();
      while (!isSent) {
        nextNanos += TimeUnit.SECONDS.toNanos(1);
        if (!isWarm && load.measureNanos() - nextNanos <= 0) {
          PreciseSleep.until(load.measureNanos());
          before = CpuSight.look(load, servers);
          isWarm = true;
        }
        isSent =
            load.awaitSent(
                Math.max(1, TimeUnit.NANOSECONDS.toMillis(nextNanos - System.nanoTime())));
        if (!isSent) {
          watcher.secondPassed(++seconds, isWarm, isWarm ? load.measured() : load.warmup());
        }
      }
      load.awaitEnded(timeout.plus(MARGIN).toNanos());
      CpuSight after = CpuSight.look(load, servers);
      return ReadReport.of(plan, load, after.since(before));
    }
  }
}
