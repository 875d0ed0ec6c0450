package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import java.util.function.LongSupplier;

/**
 * Whether one node is well, by what its answers were. A node that fails, or is outrun again and
 * again, is ejected: avoided for a while, longer each time, until a PING is answered. The while is
 * forgotten once the node has been back for long enough. Thread-safe; decides, and leaves it to its
 * owner to act.
 */
final class NodeHealth {
  /** Errors, or requests without an answer in time, in a row that prove a node ill. */
  static final int MANY_IN_A_ROW = 4;

  /** Hedges that overtook it in a row, without an answer between. */
  static final int MANY_OUTRUN = 6;

  /** Having waited that long for nothing proves it at once. */
  static final long LONG_WAIT_MILLIS = 100;

  /** Comparisons in a row that find it an outlier. */
  static final int MANY_SLOW = 3;

  static final long FIRST_EJECTION_MILLIS = 500;
  static final int MAX_EJECTION_SHIFT = 3;
  private static final double JITTER = 0.2;

  /** After so long without another ejection the next one is as short as the first. */
  static final long FORGIVEN_AFTER_NANOS = 60_000_000_000L;

  private final LongSupplier nanoTime;
  private volatile boolean ejected;
  private boolean slow;
  private long ejectedNanos;
  private long returnedNanos;
  private int level;
  private int failedProbes;
  private int errorsInARow;
  private int lateInARow;
  private int outrunInARow;
  private int slowInARow;
  // Whether any of the counts is not 0: most answers find that there is nothing to reset.
  private volatile boolean suspect;

  NodeHealth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  boolean isEjected() {
    return ejected;
  }

  /**
   * It gave an answer that is no failure of its own.
   *
   * @param sentNanos when it was asked
   * @return whether it returns by that: it was ejected for failing, and asked since
   */
  boolean answered(long sentNanos) {
    return (suspect || ejected) && clear(sentNanos);
  }

  private synchronized boolean clear(long sentNanos) {
    errorsInARow = 0;
    lateInARow = 0;
    outrunInARow = 0;
    suspect = slowInARow > 0;
    return ejected && !slow && sentNanos - ejectedNanos > 0 && comesBack();
  }

  /** It answered with an error; whether that is one too many. */
  synchronized boolean answeredError(ErrorCode code) {
    if (!isOwnFault(code)) {
      return false;
    }
    suspect = true;
    errorsInARow++;
    return errorsInARow >= MANY_IN_A_ROW;
  }

  private static boolean isOwnFault(ErrorCode code) {
    return switch (code) {
      case INTERNAL, PROTOCOL, UNAVAILABLE, DEADLINE, UNKNOWN_OUTCOME, CORRUPT, NO_SPACE -> true;
      // TRY_AGAIN is overload, which goes by itself; the others are about the request.
      case TRY_AGAIN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          CONFLICT,
          VERSION_NOT_SERVED,
          SNAPSHOT_GONE,
          TOO_LARGE,
          WRONG_CLUSTER,
          EXPIRED ->
          false;
    };
  }

  /** It did not answer; whether that speaks against it. */
  synchronized boolean unanswered(ErrorCode code, long waitedMillis) {
    if (code == ErrorCode.DEADLINE) {
      // Somebody in a hurry does not prove that the address is dead, several in a row do.
      suspect = true;
      lateInARow++;
      return lateInARow >= MANY_IN_A_ROW || waitedMillis >= LONG_WAIT_MILLIS;
    }
    // Too much under way is our own doing, and says nothing about the other side.
    return code != ErrorCode.TRY_AGAIN && code != ErrorCode.TOO_LARGE;
  }

  /** A hedge was faster; whether that was so too often. */
  synchronized boolean outrun() {
    suspect = true;
    outrunInARow++;
    return outrunInARow >= MANY_OUTRUN;
  }

  /** It was compared with its peers; whether it has been an outlier for long enough. */
  synchronized boolean compared(boolean outlier) {
    slowInARow = outlier ? slowInARow + 1 : 0;
    return slowInARow >= MANY_SLOW;
  }

  /** Ejects it; false when it is ejected already. */
  synchronized boolean eject(boolean becauseSlow) {
    if (ejected) {
      return false;
    }
    long now = nanoTime.getAsLong();
    level = level > 0 && now - returnedNanos > FORGIVEN_AFTER_NANOS ? 1 : level + 1;
    ejectedNanos = now;
    slow = becauseSlow;
    ejected = true;
    return true;
  }

  /** It was sent a PING and did not answer that either. */
  synchronized void probeFailed() {
    failedProbes++;
  }

  /** It answered the PING; false when it is back already. */
  synchronized boolean probed() {
    return ejected && comesBack();
  }

  private boolean comesBack() {
    ejected = false;
    returnedNanos = nanoTime.getAsLong();
    failedProbes = 0;
    errorsInARow = 0;
    lateInARow = 0;
    outrunInARow = 0;
    slowInARow = 0;
    suspect = false;
    return true;
  }

  /**
   * How long to leave it alone before the next PING.
   *
   * @param random in 0 until 1, so that not all clients come at once
   */
  synchronized long pauseMillis(double random) {
    long pause =
        FIRST_EJECTION_MILLIS
            << Math.min(MAX_EJECTION_SHIFT, Math.max(0, level - 1 + failedProbes));
    return (long) (pause * (1 - JITTER + 2 * JITTER * random));
  }
}
