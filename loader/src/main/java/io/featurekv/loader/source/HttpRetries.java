package io.featurekv.loader.source;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Tries again what a network breaks, a few times and ever later. Not thread-safe. */
final class HttpRetries {
  /** How often in a row it may fail. */
  static final int MAX_ATTEMPTS = 7;

  private final String address;
  private final Duration firstWait;
  private int failures;

  /** Something that is tried. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws IOException;
  }

  HttpRetries(String address, Duration firstWait) {
    this.address = address;
    this.firstWait = firstWait;
  }

  /**
   * Runs it until it succeeds.
   *
   * @param what what cannot be done where it fails for good: "be read beyond byte 5"
   * @throws FeatureKvException UNAVAILABLE after the last attempt
   */
  <T> T run(String what, Attempt<T> attempt) {
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        failed(what, e);
      }
    }
  }

  /** Waits before the next attempt, or throws if that was the last one. */
  void failed(String what, IOException failure) {
    failures++;
    if (failures == MAX_ATTEMPTS) {
      throw new FeatureKvException(
          ErrorCode.UNAVAILABLE,
          address
              + " cannot "
              + what
              + "; tried "
              + MAX_ATTEMPTS
              + " times, the last failed with: "
              + failure,
          failure);
    }
    try {
      TimeUnit.NANOSECONDS.sleep(firstWait.toNanos() << (failures - 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw HttpFile.interrupted(e);
    }
  }

  /** Forgets failures: it goes on. */
  void succeeded() {
    failures = 0;
  }
}
