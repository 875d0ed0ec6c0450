package io.featurekv.chaos.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Time of one simulated world, which stands still but for {@link #advance}, and what is to happen
 * later: messages on their way, jobs that are being worked on.
 */
final class SimulatedTime {
  /** Any time at which the product could run. */
  private static final long BEGAN_AT_MILLIS = 1_800_000_000_000L;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::sequence));
  private long nanos = 1;
  private long scheduled;

  private record Event(long atNanos, long sequence, Runnable action) {}

  /** The monotonic clock of every process. */
  long nanos() {
    return nanos;
  }

  /** A wall clock that is right. */
  long millis() {
    return BEGAN_AT_MILLIS + nanos / 1_000_000;
  }

  /** Something happens after so long. */
  void after(long millis, Runnable action) {
    events.add(new Event(nanos + millis * 1_000_000, scheduled++, action));
  }

  /** So long goes by, and what is due meanwhile happens. */
  void advance(long millis) {
    long until = nanos + millis * 1_000_000;
    while (!events.isEmpty() && events.peek().atNanos() <= until) {
      Event next = events.remove();
      nanos = Math.max(nanos, next.atNanos());
      next.action().run();
    }
    nanos = until;
  }
}
