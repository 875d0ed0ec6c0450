package io.featurekv.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What a load found.
 *
 * @param counts of the batches that were measured
 * @param warmup of those before
 * @param seconds from the first measured batch to the end of the last
 * @param latency in nanoseconds; of a load by the clock from when batches were due
 * @param lateness how long after they were due batches were sent; empty for a load without a clock
 */
record ReadReport(
    ReadPlan plan,
    Tally.Counts counts,
    Tally.Counts warmup,
    double seconds,
    Histogram latency,
    Histogram lateness,
    CpuSight.Cost cpu,
    String firstProblem) {
  private static final double NANOS_PER_SECOND = 1e9;

  /** A sender that is this late for more than one batch in a hundred is behind. */
  private static final long BEHIND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final double KEPT_UP = 0.99;

  static ReadReport of(ReadPlan plan, ReadLoad load, CpuSight.Cost cpu) {
    String problem = load.warmup().firstProblem();
    return new ReadReport(
        plan,
        load.measured().counts(),
        load.warmup().counts(),
        (load.measured().lastNanos() - load.measureNanos()) / NANOS_PER_SECOND,
        load.measured().latency(),
        load.lateness(),
        cpu,
        problem.isEmpty() ? load.measured().firstProblem() : problem);
  }

  double keysPerSecond() {
    return seconds > 0 ? counts.keys() / seconds : 0;
  }

  /** Values found in a second. */
  double featuresPerSecond() {
    return seconds > 0 ? counts.found() / seconds : 0;
  }

  /** Latency in microseconds that this percentage of the batches stayed within. */
  double latencyMicros(double percentile) {
    return micros(latency, percentile);
  }

  double latenessMicros(double percentile) {
    return micros(lateness, percentile);
  }

  private static double micros(Histogram nanos, double percentile) {
    return nanos.getTotalCount() == 0 ? 0 : nanos.getValueAtPercentile(percentile) / 1e3;
  }

  /** Whether the sender did not keep to its schedule, so that latency is partly its own. */
  boolean isBehind() {
    return lateness.getTotalCount() > 0 && lateness.getValueAtPercentile(99) > BEHIND_NANOS;
  }

  /** Batches, warming up included, that were not what they had to be. */
  long incorrect() {
    return counts.mixed() + counts.wrong() + warmup.mixed() + warmup.wrong();
  }

  long failed() {
    return counts.failed() + warmup.failed();
  }

  /** What a reader of the figures has to know. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!plan.isOpen()) {
      notes.add(
          "closed loop: every batch waits for room among "
              + plan.inFlight()
              + " open ones of each of "
              + plan.connections()
              + " connections, so that latency is not that of a fixed rate");
    }
    if (isBehind()) {
      notes.add(
          "this process fell behind its schedule: one batch in a hundred was sent "
              + Math.round(latenessMicros(99))
              + " us late or later, and latency includes that");
    }
    if (plan.isOpen() && keysPerSecond() < KEPT_UP * plan.keysPerSecond()) {
      notes.add(
          "the rate of "
              + Math.round(plan.keysPerSecond())
              + " keys/s was not reached: "
              + Math.round(keysPerSecond()));
    }
    if (warmup.mixed() + warmup.wrong() + warmup.failed() > 0) {
      notes.add("batches were mixed, wrong or failed while warming up, too");
    }
    if (!cpu.serverUnknownBecause().isEmpty()) {
      notes.add("CPU of the servers is not known: " + cpu.serverUnknownBecause());
    }
    if (!firstProblem.isEmpty()) {
      notes.add("first problem: " + firstProblem);
    }
    return notes;
  }
}
