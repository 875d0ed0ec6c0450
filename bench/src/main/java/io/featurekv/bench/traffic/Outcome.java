package io.featurekv.bench.traffic;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What a run of the generator saw, and what it cost the generator. Filled by one thread. */
public final class Outcome {
  private static final long HIGHEST_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final int DIGITS = 3;

  private final Tally tally = new Tally();
  private final Histogram latency = new Histogram(HIGHEST_NANOS, DIGITS);
  private final Histogram lateness = new Histogram(HIGHEST_NANOS, DIGITS);
  private long cpuNanos;
  private long wallNanos;

  Outcome() {}

  void add(Outcome other) {
    tally.add(other.tally);
    latency.add(other.latency);
    lateness.add(other.lateness);
    cpuNanos += other.cpuNanos;
  }

  void usedCpu(long nanos) {
    cpuNanos += nanos;
  }

  void took(long nanos) {
    wallNanos = nanos;
  }

  public Tally tally() {
    return tally;
  }

  /** From when a request was due to its reply, in nanoseconds. */
  public Histogram latency() {
    return latency;
  }

  /** How long after they were due requests were sent; empty for a loop without a clock. */
  public Histogram lateness() {
    return lateness;
  }

  /** CPU time of the generator's threads. */
  public long cpuNanos() {
    return cpuNanos;
  }

  public long wallNanos() {
    return wallNanos;
  }

  public double keysPerSecond() {
    return tally.keys() * 1e9 / Math.max(1, wallNanos);
  }
}
