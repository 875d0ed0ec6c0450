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

  /** Share of the probes above which reads are said to wait. */
  static final double LATE_SHARE = 0.2;

  private final LongSupplier arrived;
  private volatile long startNanos;
  private volatile int watched;
  private final AtomicLong probes = new AtomicLong();
  private final AtomicLong lateProbes = new AtomicLong();

  /**
   * What was seen in some stretch of time.
   *
   * @param arrived batches that came
   * @param due probes that were due
   * @param probes of the event loops that came
   * @param late probes that found theirs late
   */
  public record Sample(long arrived, long due, long probes, long late) {
    /** What was added since an earlier one. */
    Sample since(Sample earlier) {
      return new Sample(
          arrived - earlier.arrived,
          due - earlier.due,
          probes - earlier.probes,
          late - earlier.late);
    }

    /** Whether reads wait: many probes were late, or did not come at all. */
    boolean isLate() {
      long missing = Math.max(0, due / 2 - probes);
      return late + missing > (probes + missing) * LATE_SHARE;
    }
  }

  /** {@code arrived} counts batches that came. */
  public ReadPressure(LongSupplier arrived) {
    this.arrived = arrived;
  }

  /** Looks at each of these loops from now on, until they end. */
  public void watch(EventLoops loops) {
    startNanos = System.nanoTime();
    watched = loops.count();
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
    long periods = (System.nanoTime() - startNanos) / TimeUnit.MILLISECONDS.toNanos(PROBE_MILLIS);
    return new Sample(arrived.getAsLong(), watched * periods, probes.get(), lateProbes.get());
  }
}
