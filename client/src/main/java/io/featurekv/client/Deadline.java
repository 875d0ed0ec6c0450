package io.featurekv.client;

import java.time.Duration;

/**
 * When a read must have ended. It is aimed at a little before the time that the caller gave, so
 * that the answer reaches him within it.
 */
record Deadline(long timeoutMillis, long endNanos) {
  private static final int MARGIN_FRACTION = 50;
  private static final long MAX_MARGIN_MILLIS = 5;

  static Deadline after(Duration timeout) {
    long timeoutMillis = timeout.toMillis();
    long margin = Math.min(MAX_MARGIN_MILLIS, timeoutMillis / MARGIN_FRACTION);
    return new Deadline(timeoutMillis, System.nanoTime() + (timeoutMillis - margin) * 1_000_000);
  }

  /** 0 when it has passed. */
  long leftMillis() {
    return Math.max(0, (endNanos - System.nanoTime()) / 1_000_000);
  }

  /** Whether this one comes later. */
  boolean isAfter(Deadline other) {
    return endNanos - other.endNanos > 0;
  }
}
