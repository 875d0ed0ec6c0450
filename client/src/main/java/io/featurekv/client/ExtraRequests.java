package io.featurekv.client;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The one budget of all requests that are not first tries: retries and hedges. It keeps them from
 * multiplying the load on a cluster that is in trouble already. Every first try earns a tenth of an
 * extra request; and so that a client that reads once a second can hedge and retry as well, a few
 * come with time. In any stretch there are no more than a tenth of its first tries, {@link
 * #FLOOR_PER_SECOND} for each of its seconds, and what was saved before it. Thread-safe, without
 * locks.
 */
final class ExtraRequests {
  /** First tries that earn one extra request. */
  static final int FIRST_TRIES_PER_EXTRA = 10;

  /** Most earned ones that can be saved up: about what is under way to a busy node when it dies. */
  static final int MAX_EARNED = 100;

  /** Extra requests that come with time. */
  static final int FLOOR_PER_SECOND = 10;

  /** Most of these that can be saved up, and what there is at the start. */
  static final int MAX_FLOOR = 50;

  private static final long FLOOR_NANOS = 1_000_000_000L / FLOOR_PER_SECOND;

  private final LongSupplier nanoTime;
  // In parts of 1 / FIRST_TRIES_PER_EXTRA.
  private final AtomicLong earned = new AtomicLong();
  // The time up to which the floor is spent; it lags at most MAX_FLOOR * FLOOR_NANOS behind now.
  private final AtomicLong floorSpentNanos;

  ExtraRequests(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    floorSpentNanos = new AtomicLong(nanoTime.getAsLong() - MAX_FLOOR * FLOOR_NANOS);
  }

  /** A first try is sent. */
  void firstTry() {
    if (earned.get() < (long) MAX_EARNED * FIRST_TRIES_PER_EXTRA) {
      earned.incrementAndGet();
    }
  }

  /** Takes one extra request if there is one. */
  boolean take() {
    return takeEarned() || takeFloor();
  }

  private boolean takeEarned() {
    long known = earned.get();
    while (known >= FIRST_TRIES_PER_EXTRA) {
      if (earned.compareAndSet(known, known - FIRST_TRIES_PER_EXTRA)) {
        return true;
      }
      known = earned.get();
    }
    return false;
  }

  private boolean takeFloor() {
    while (true) {
      long now = nanoTime.getAsLong();
      long known = floorSpentNanos.get();
      // By differences, because such clocks may pass through the end of the range.
      long laggingNanos = Math.min(MAX_FLOOR * FLOOR_NANOS, now - known);
      if (laggingNanos < FLOOR_NANOS) {
        return false;
      }
      if (floorSpentNanos.compareAndSet(known, now - laggingNanos + FLOOR_NANOS)) {
        return true;
      }
    }
  }
}
