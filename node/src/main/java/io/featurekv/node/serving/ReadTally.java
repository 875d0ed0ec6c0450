package io.featurekv.node.serving;

import io.featurekv.storage.LookupResult;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the reads of one thread, which alone writes; others read.
 *
 * <p>Latency goes from when the request's bytes were received to when its reply was written.
 */
public final class ReadTally {
  /** Upper bounds of the latency buckets in nanoseconds; the last bucket has none. */
  static final long[] BOUNDS_NANOS = {
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    1_000_000_000
  };

  static final int BATCHES = 0;
  static final int FOUND = 1;
  static final int ABSENT = 2;
  static final int FAILED = 3;
  static final int FORWARDED = 4;
  static final int LATE = 5;
  static final int REFUSED = 6;
  static final int NANOS = 7;
  static final int ARRIVED = 8;
  static final int FIRST_BUCKET = 9;
  static final int COUNTERS = FIRST_BUCKET + BOUNDS_NANOS.length + 1;

  private final AtomicLongArray counts = new AtomicLongArray(COUNTERS);

  /** A batch was answered. */
  void batch(KeyAnswers answers, long arrivalNanos) {
    int found = 0;
    int absent = 0;
    int failed = 0;
    int count = answers.count();
    if (count == 0) {
      return;
    }
    for (int key = 0; key < count; key++) {
      switch (answers.state(key)) {
        case LookupResult.FOUND -> found++;
        case LookupResult.ABSENT -> absent++;
        case LookupResult.DEFERRED -> {}
        default -> failed++;
      }
    }
    long nanos = System.nanoTime() - arrivalNanos;
    add(BATCHES, 1);
    add(FOUND, found);
    add(ABSENT, absent);
    add(FAILED, failed);
    add(NANOS, nanos);
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    add(FIRST_BUCKET + bucket, 1);
  }

  /** A batch came. */
  void arrived() {
    add(ARRIVED, 1);
  }

  /** Keys were passed on to other nodes. */
  void forwarded(int keys) {
    add(FORWARDED, keys);
  }

  /** A batch was dropped because its deadline had passed. */
  void late() {
    add(LATE, 1);
  }

  /** A batch was refused because too much was in flight. */
  void refused() {
    add(REFUSED, 1);
  }

  private void add(int counter, long more) {
    if (more != 0) {
      counts.setRelease(counter, counts.getPlain(counter) + more);
    }
  }

  long get(int counter) {
    return counts.getAcquire(counter);
  }
}
