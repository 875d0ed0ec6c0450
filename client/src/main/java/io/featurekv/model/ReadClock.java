package io.featurekv.model;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time by which reads decide what has expired: the metadata leader's clock as it was heard
 * last, carried on by a monotonic clock of our own. Any thread.
 *
 * <p>Once the leader was heard the time never goes back: where a later word, of another leader for
 * one, is behind, it stands still until that has caught up.
 */
public final class ReadClock {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LongSupplier monotonicNanos;
  private final LongSupplier fallbackMillis;
  private final AtomicReference<@Nullable Word> lastWord = new AtomicReference<>();
  private final AtomicLong latestMillis = new AtomicLong();

  /** What the leader's clock showed, and when we heard it. */
  private record Word(long leaderMillis, long nanos) {}

  /**
   * A clock that has not heard of the leader yet.
   *
   * @param monotonicNanos such as {@link System#nanoTime}
   * @param fallbackMillis the time until the leader is heard; it does not bind what comes after
   */
  public ReadClock(LongSupplier monotonicNanos, LongSupplier fallbackMillis) {
    this.monotonicNanos = monotonicNanos;
    this.fallbackMillis = fallbackMillis;
  }

  /** Hears what the leader's clock shows now, in milliseconds since 1970; 0 says nothing. */
  public void heard(long leaderMillis) {
    if (leaderMillis > 0) {
      lastWord.set(new Word(leaderMillis, monotonicNanos.getAsLong()));
    }
  }

  /** The read time, in milliseconds since 1970. */
  public long millis() {
    Word word = lastWord.get();
    if (word == null) {
      return fallbackMillis.getAsLong();
    }
    long now = word.leaderMillis() + (monotonicNanos.getAsLong() - word.nanos()) / NANOS_PER_MILLI;
    long latest = latestMillis.get();
    // Most reads of one millisecond find it written already.
    return now <= latest ? latest : latestMillis.accumulateAndGet(now, Math::max);
  }
}
