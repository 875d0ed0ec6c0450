package io.featurekv.client;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what must come true. */
public final class Eventually {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final long LOOK_EVERY_NANOS = 10_000_000L;

  private Eventually() {}

  /** Looks again and again; fails when it does not come true for 30 s. */
  public static void holds(BooleanSupplier claim) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!claim.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it did not come true");
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
