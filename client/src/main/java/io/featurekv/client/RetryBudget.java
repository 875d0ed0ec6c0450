package io.featurekv.client;

import java.util.function.LongSupplier;

/**
 * Keeps retries from multiplying the load on a cluster that is in trouble already: every first try
 * earns a tenth of a retry, and a slow trickle comes with time, so that a quiet client can retry
 * too. Thread-safe.
 */
final class RetryBudget {
  /** Retries that one first try earns. */
  static final double PER_FIRST_TRY = 0.1;

  /** Retries that come with time. */
  static final double PER_SECOND = 10;

  /** Most that can be saved up, and what there is at the start: the loss of a busy node. */
  static final double MAX_SAVED = 1_000;

  private final LongSupplier nanoTime;
  private double saved = MAX_SAVED;
  private long lastNanos;

  RetryBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lastNanos = nanoTime.getAsLong();
  }

  synchronized void firstTry() {
    saved = Math.min(MAX_SAVED, saved + PER_FIRST_TRY);
  }

  /** Takes one retry if there is one. */
  synchronized boolean take() {
    long now = nanoTime.getAsLong();
    saved = Math.min(MAX_SAVED, saved + (now - lastNanos) / 1e9 * PER_SECOND);
    lastNanos = now;
    if (saved < 1) {
      return false;
    }
    saved--;
    return true;
  }
}
