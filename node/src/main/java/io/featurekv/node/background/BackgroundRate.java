package io.featurekv.node.background;

import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One rate for all work beside the reads: files that come and go, are proved, opened, warmed and
 * scrubbed. While nobody reads it is bounded by the cap alone. While reads are answered in time it
 * rises, and as soon as they wait it falls to a part, as TCP does with a congested path (additive
 * increase, multiplicative decrease; Chiu and Jain 1989). Any thread.
 *
 * <p>A floor keeps new versions coming, however busy the reads are.
 */
public final class BackgroundRate implements IntConsumer {
  /** Least bytes a second. */
  static final long MIN_BYTES_PER_SECOND = 16L << 20;

  /**
   * Most bytes a second unless the property {@code featurekv.background.bytes.per.second} is set.
   */
  static final long DEFAULT_MAX_BYTES_PER_SECOND = 4L << 30;

  /** The rate is looked at again after so long. */
  static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** So long after the last batch came nobody reads any more. */
  static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** What is left of the rate when reads wait. */
  static final double DECREASE = 0.7;

  /** What is added to the rate in each step in which reads do not wait. */
  static final long INCREASE_BYTES_PER_SECOND = 4L << 20;

  /** Where the rate begins when reads begin for the first time. */
  static final long FIRST_BYTES_PER_SECOND = 128L << 20;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Waits; the second implementation is a test's clock. */
  @FunctionalInterface
  interface Sleeper {
    void sleepNanos(long nanos) throws InterruptedException;
  }

  private final Supplier<ReadPressure.Sample> pressure;
  private final long maxBytesPerSecond;
  private final LongSupplier nanoClock;
  private final Sleeper sleeper;
  private ReadPressure.Sample last;
  private long stepAtNanos;
  private long freeAtNanos;
  private long readAtNanos;
  private boolean isRead;
  private double bytesPerSecond;

  BackgroundRate(
      Supplier<ReadPressure.Sample> pressure,
      long maxBytesPerSecond,
      LongSupplier nanoClock,
      Sleeper sleeper) {
    this.pressure = pressure;
    this.maxBytesPerSecond = maxBytesPerSecond;
    this.nanoClock = nanoClock;
    this.sleeper = sleeper;
    this.last = pressure.get();
    this.stepAtNanos = nanoClock.getAsLong();
    this.freeAtNanos = stepAtNanos;
    this.readAtNanos = stepAtNanos - IDLE_NANOS;
    this.bytesPerSecond = Math.min((double) maxBytesPerSecond, FIRST_BYTES_PER_SECOND);
  }

  /** That yields to the reads that {@code pressure} watches. */
  public static BackgroundRate yieldingTo(ReadPressure pressure) {
    return new BackgroundRate(
        pressure::sample,
        Math.max(
            MIN_BYTES_PER_SECOND,
            Long.getLong("featurekv.background.bytes.per.second", DEFAULT_MAX_BYTES_PER_SECOND)),
        System::nanoTime,
        TimeUnit.NANOSECONDS::sleep);
  }

  /** Blocks for as long as so many bytes of work take at the present rate. */
  @Override
  public void accept(int bytes) {
    long waitNanos = reserve(bytes);
    if (waitNanos > 0) {
      try {
        sleeper.sleepNanos(Math.min(waitNanos, LONGEST_WAIT_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized long reserve(int bytes) {
    long now = nanoClock.getAsLong();
    if (now - stepAtNanos >= STEP_NANOS) {
      step(now);
    }
    freeAtNanos =
        Math.min(Math.max(freeAtNanos, now), now + LONGEST_WAIT_NANOS)
            + (long) (bytes / bytesPerSecond() * NANOS_PER_SECOND);
    return freeAtNanos - now;
  }

  private void step(long now) {
    ReadPressure.Sample sample = pressure.get();
    ReadPressure.Sample seen = sample.since(last);
    last = sample;
    stepAtNanos = now;
    if (seen.arrived() > 0) {
      readAtNanos = now;
    } else if (now - readAtNanos > IDLE_NANOS) {
      isRead = false;
      return;
    }
    if (!isRead) {
      // As it was when reads came last.
      isRead = true;
    } else if (seen.isLate()) {
      bytesPerSecond = Math.max(MIN_BYTES_PER_SECOND, bytesPerSecond * DECREASE);
    } else {
      bytesPerSecond =
          Math.min((double) maxBytesPerSecond, bytesPerSecond + INCREASE_BYTES_PER_SECOND);
    }
  }

  /** The present rate. */
  public synchronized double bytesPerSecond() {
    return isRead ? bytesPerSecond : (double) maxBytesPerSecond;
  }
}
