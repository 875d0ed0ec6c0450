package io.featurekv.node.background;

import io.featurekv.node.server.EventLoops;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether reads suffer: tasks that are due on the event loops at regular times tell how late a
 * request that came then would have been looked at. Any thread.
 */
public final class ReadPressure {
  /** How often each event loop is looked at. */
  static final long PROBE_MILLIS = 5;

  /** A loop that is later than this has reads waiting for it. */
  static final long LATE_NANOS = TimeUnit.MICROSECONDS.toNanos(750);

  private final LongSupplier batches;
  private final AtomicLong probes = new AtomicLong();
  private final AtomicLong lateProbes = new AtomicLong();

  /**
   * What was seen in some stretch of time.
   *
   * @param batches that were answered
   * @param probes of the event loops
   * @param late probes that found theirs late
   */
  public record Sample(long batches, long probes, long late) {
    /** What was added since an earlier one. */
    Sample since(Sample earlier) {
      return new Sample(batches - earlier.batches, probes - earlier.probes, late - earlier.late);
    }
  }

  /** {@code batches} counts those that were answered. */
  public ReadPressure(LongSupplier batches) {
    this.batches = batches;
  }

  /** Looks at each of these loops from now on, until they end. */
  public void watch(EventLoops loops) {
    loops.everyMillis(PROBE_MILLIS, this::seen);
  }

  /** One probe came so late. */
  void seen(long lateNanos) {
    probes.incrementAndGet();
    if (lateNanos > LATE_NANOS) {
      lateProbes.incrementAndGet();
    }
  }

  /** All that was seen so far. */
  Sample sample() {
    return new Sample(batches.getAsLong(), probes.get(), lateProbes.get());
  }
}
