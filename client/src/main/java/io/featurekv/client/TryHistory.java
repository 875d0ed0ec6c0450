package io.featurekv.client;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was tried for some keys, and with that what to try next. Immutable.
 *
 * @param tried who was asked in this round
 * @param tries how often somebody was asked
 * @param rounds how often everybody was, and failed
 * @param pauses how often somebody with too much to do was waited for
 * @param lastError how the last try ended; null before the first
 */
record TryHistory(
    Set<Endpoint> tried,
    int tries,
    int rounds,
    int pauses,
    @Nullable FeatureKvException lastError) {
  /** Most tries, however much time is left. */
  static final int MAX_TRIES = 64;

  /** Rounds after which an error is believed that does not look as if it would pass. */
  static final int MAX_ROUNDS_OF_LASTING_ERRORS = 2;

  private static final long FIRST_BACKOFF_MILLIS = 20;
  private static final long MAX_BACKOFF_MILLIS = 500;
  private static final int MAX_BACKOFF_SHIFT = 5;

  static final TryHistory NONE = new TryHistory(Set.of(), 0, 0, 0, null);

  TryHistory {
    tried = Set.copyOf(tried);
  }

  /** After somebody was asked and failed. */
  TryHistory failed(Endpoint endpoint, FeatureKvException error) {
    Set<Endpoint> nowTried = new HashSet<>(tried);
    nowTried.add(endpoint);
    return new TryHistory(nowTried, tries + 1, rounds, pauses, error);
  }

  /** After somebody was asked who has not answered yet. */
  TryHistory alsoAsked(Endpoint endpoint) {
    Set<Endpoint> nowTried = new HashSet<>(tried);
    nowTried.add(endpoint);
    return new TryHistory(nowTried, tries, rounds, pauses, lastError);
  }

  /** After everybody was asked: all may be asked again. */
  TryHistory nextRound() {
    return new TryHistory(Set.of(), tries, rounds + 1, pauses, lastError);
  }

  /**
   * After somebody had too much to do: all may be asked again. That is no round, since whoever is
   * well may not have been asked in it.
   */
  TryHistory pause() {
    return new TryHistory(Set.of(), tries, rounds, pauses + 1, lastError);
  }

  /**
   * How long to wait before all are asked again: longer each time.
   *
   * @param random in 0 until 1; takes away up to half, so that not all come back at once
   */
  long backoffMillis(double random) {
    long backoff = FIRST_BACKOFF_MILLIS << Math.min(rounds + pauses, MAX_BACKOFF_SHIFT);
    return (long) (Math.min(backoff, MAX_BACKOFF_MILLIS) * (1 - random / 2));
  }

  /** Whether trying again is useless. */
  boolean isHopeless() {
    if (lastError == null) {
      return rounds >= MAX_TRIES;
    }
    ErrorCode code = lastError.code();
    return tries >= MAX_TRIES
        || isOfTheRequest(code)
        || (rounds >= MAX_ROUNDS_OF_LASTING_ERRORS && !mayPass(code));
  }

  /** Errors that every node would answer with. */
  private static boolean isOfTheRequest(ErrorCode code) {
    return code == ErrorCode.INVALID_ARGUMENT || code == ErrorCode.TOO_LARGE;
  }

  /** Errors that are worth waiting for, as long as there is time. */
  private static boolean mayPass(ErrorCode code) {
    return code == ErrorCode.UNAVAILABLE
        || code == ErrorCode.TRY_AGAIN
        || code == ErrorCode.DEADLINE
        || code == ErrorCode.VERSION_NOT_SERVED;
  }
}
