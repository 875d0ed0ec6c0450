package io.featurekv.chaos.linkv;

import java.util.Locale;

/**
 * One operation on one register as its client saw it. Times are nanoseconds since the run began.
 *
 * @param client who asked; tells nothing but for people
 * @param node who was asked
 * @param endedNanos when the answer came; {@link #NEVER} for an open one
 */
record Operation(
    String client,
    String node,
    long key,
    Call call,
    Effect effect,
    long beganNanos,
    long endedNanos) {

  /** No answer, or one that leaves the outcome open: it may happen at any time, or never. */
  static final long NEVER = Long.MAX_VALUE;

  /** The value of a register that was never written. Nobody writes it. */
  static final long MISSING = Long.MIN_VALUE;

  private static final double NANOS_PER_MILLI = 1e6;

  /** What was asked for. */
  sealed interface Call {
    record Read() implements Call {}

    record Write(long value) implements Call {}

    record Cas(long from, long to) implements Call {}
  }

  /** What came of it. What certainly did not happen is no operation at all. */
  sealed interface Effect {
    /** A read saw this value, which may be {@link #MISSING}. */
    record Saw(long value) implements Effect {}

    /** A write or a compare-and-set was made. */
    record Done() implements Effect {}

    /** A compare-and-set met another value than it asked for. */
    record Mismatch() implements Effect {}

    /** A compare-and-set met a register that was never written. */
    record Absent() implements Effect {}

    /** A write or a compare-and-set without an outcome. */
    record Open() implements Effect {}
  }

  boolean isOpen() {
    return effect instanceof Effect.Open;
  }

  @Override
  public String toString() {
    String end =
        endedNanos == NEVER
            ? "open"
            : String.format(Locale.ROOT, "%.3f", endedNanos / NANOS_PER_MILLI);
    return String.format(
        Locale.ROOT,
        "key %d  %10.3f .. %10s ms  %s at %s  %s -> %s",
        key,
        beganNanos / NANOS_PER_MILLI,
        end,
        client,
        node,
        call,
        effect);
  }
}
