package io.featurekv.node.merging;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the bytes that one merge reads in a second, and ends it when it is no longer wanted. Used
 * by one thread. Idle time is not saved up: after a pause the pace begins anew.
 */
final class Pace implements IntConsumer {
  /** Thrown out of {@link #accept} to end a merge; not a failure. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoppedException(String why) {
      super(why);
    }
  }

  /** Waits; the second implementation is a test's clock. */
  @FunctionalInterface
  interface Sleeper {
    void sleepNanos(long nanos) throws InterruptedException;
  }

  /** Shorter waits than this are saved up. */
  private static final long SHORTEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** Longest wait at once, so that a merge that is no longer wanted ends soon. */
  private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final double NANOS_PER_SECOND = 1e9;

  private final double nanosPerByte;
  private final Supplier<Optional<String>> stopReason;
  private final LongSupplier nanoClock;
  private final Sleeper sleeper;
  private long mayGoOnAtNanos;
  private long askedAtNanos;
  private @Nullable String stoppedBecause;

  /** {@code stopReason} is asked again and again; what it says ends the merge. */
  Pace(
      long bytesPerSecond,
      Supplier<Optional<String>> stopReason,
      LongSupplier nanoClock,
      Sleeper sleeper) {
    this.nanosPerByte = NANOS_PER_SECOND / bytesPerSecond;
    this.stopReason = stopReason;
    this.nanoClock = nanoClock;
    this.sleeper = sleeper;
    this.mayGoOnAtNanos = nanoClock.getAsLong();
    this.askedAtNanos = mayGoOnAtNanos;
  }

  /** By the machine's clock. */
  static Pace of(long bytesPerSecond, Supplier<Optional<String>> stopReason) {
    return new Pace(bytesPerSecond, stopReason, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  /** Why the merge was ended, or null. */
  @Nullable String stoppedBecause() {
    return stoppedBecause;
  }

  @Override
  public void accept(int bytes) {
    long now = nanoClock.getAsLong();
    mayGoOnAtNanos = Math.max(mayGoOnAtNanos, now) + (long) (bytes * nanosPerByte);
    long wait = mayGoOnAtNanos - now;
    if (now - askedAtNanos > LONGEST_WAIT_NANOS) {
      stopIfObsolete();
    }
    while (wait > SHORTEST_WAIT_NANOS) {
      stopIfObsolete();
      try {
        sleeper.sleepNanos(Math.min(wait, LONGEST_WAIT_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw stopped("the node stops");
      }
      wait = mayGoOnAtNanos - nanoClock.getAsLong();
    }
  }

  private void stopIfObsolete() {
    askedAtNanos = nanoClock.getAsLong();
    Optional<String> reason = stopReason.get();
    if (reason.isPresent()) {
      throw stopped(reason.get());
    }
  }

  /** Ends the merge for a reason that it has from elsewhere. */
  StoppedException stopped(String why) {
    stoppedBecause = why;
    return new StoppedException(why);
  }
}
