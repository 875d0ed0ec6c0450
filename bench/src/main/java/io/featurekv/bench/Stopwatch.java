package io.featurekv.bench;

import io.featurekv.bench.report.ProcessClock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Adds up the time between starts and stops: CPU time of the calling thread, of the whole process,
 * and of the clock on the wall. For one thread.
 */
final class Stopwatch {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private long threadNanos;
  private long processNanos;
  private long wallNanos;
  private long operations;

  /** What one operation cost, in nanoseconds. */
  record Cost(double threadNanos, double processNanos, double wallNanos) {}

  void start() {
    wallNanos -= System.nanoTime();
    processNanos -= ProcessClock.nanos();
    threadNanos -= THREADS.getCurrentThreadCpuTime();
  }

  /** Counts so many operations since the start. */
  void stop(long done) {
    threadNanos += THREADS.getCurrentThreadCpuTime();
    processNanos += ProcessClock.nanos();
    wallNanos += System.nanoTime();
    operations += done;
  }

  /** Of all that was measured so far; the watch is stopped. */
  long wallNanos() {
    return wallNanos;
  }

  double processSeconds() {
    return processNanos / 1e9;
  }

  double wallSeconds() {
    return wallNanos / 1e9;
  }

  long operations() {
    return operations;
  }

  Cost cost() {
    double count = Math.max(1, operations);
    return new Cost(threadNanos / count, processNanos / count, wallNanos / count);
  }
}
