package io.featurekv.cli.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Counts batches that have ended, and how long they took. Thread-safe. */
final class Tally {
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int DIGITS = 3;

  private final LongAdder batches = new LongAdder();
  private final LongAdder keys = new LongAdder();
  private final LongAdder found = new LongAdder();
  private final LongAdder absent = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder failedBatches = new LongAdder();
  private final LongAdder mixed = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final LongAccumulator lastNanos;
  private final Recorder recent = new Recorder(HIGHEST_NANOS, DIGITS);
  private final Histogram whole = new Histogram(HIGHEST_NANOS, DIGITS);
  private volatile String firstProblem = "";

  /** Counts from a time of {@link System#nanoTime}. */
  Tally(long startNanos) {
    lastNanos = new LongAccumulator((a, b) -> a - b > 0 ? a : b, startNanos);
  }

  /** A batch has ended. */
  void add(Batch batch, long nowNanos) {
    batches.increment();
    keys.add(batch.size());
    found.add(batch.found());
    absent.add(batch.absent());
    failed.add(batch.failed());
    failedBatches.add(batch.failed() > 0 ? 1 : 0);
    mixed.add(batch.isMixed() ? 1 : 0);
    wrong.add(batch.isWrong() ? 1 : 0);
    lastNanos.accumulate(nowNanos);
    recent.recordValue(Math.clamp(nowNanos - batch.dueNanos(), 0, HIGHEST_NANOS));
    if (!batch.problem().isEmpty()) {
      setFirstProblem(batch.problem());
    }
  }

  private synchronized void setFirstProblem(String problem) {
    if (firstProblem.isEmpty()) {
      firstProblem = problem;
    }
  }

  /** Latencies, in nanoseconds, of the batches since this was last called. */
  synchronized Histogram takeRecent() {
    Histogram interval = recent.getIntervalHistogram();
    whole.add(interval);
    return interval;
  }

  /** Latencies of all batches, in nanoseconds. */
  synchronized Histogram latency() {
    var _ = takeRecent();
    return whole.copy();
  }

  /** Counts so far. */
  Counts counts() {
    return new Counts(
        batches.sum(),
        keys.sum(),
        found.sum(),
        absent.sum(),
        failed.sum(),
        failedBatches.sum(),
        mixed.sum(),
        wrong.sum());
  }

  /** When the last batch ended, or the start. */
  long lastNanos() {
    return lastNanos.get();
  }

  /** The first thing that went wrong, empty when nothing did. */
  String firstProblem() {
    return firstProblem;
  }

  /**
   * What was found.
   *
   * @param failed keys nobody could answer for
   * @param failedBatches batches with such a key
   * @param mixed batches with a value that is not of the version which the reply names
   * @param wrong batches with a key FOUND that is nowhere, or ABSENT though it is there
   */
  record Counts(
      long batches,
      long keys,
      long found,
      long absent,
      long failed,
      long failedBatches,
      long mixed,
      long wrong) {}
}
