package io.featurekv.client;

/**
 * How fast one node answers, by the number of keys that it is asked for: a moving average, to
 * choose between nodes, and about the 95th percentile, to know when an answer is late. Thread-safe.
 */
final class NodeLatency {
  /** Answers to go by; with fewer, nothing is said of a node. */
  static final int MIN_SAMPLES = 16;

  /** When an answer is late while there is nothing to go by. */
  static final long FIRST_LATE_MILLIS = 20;

  static final long SHORTEST_LATE_MILLIS = 1;
  static final long LONGEST_LATE_MILLIS = 1_000;

  private static final double LATE_QUANTILE = 0.95;
  private static final double AVERAGE_WEIGHT = 1.0 / 8;

  /** The percentile is worked out anew after so many answers. */
  private static final int QUANTILE_EVERY = 16;

  /** Counts are halved at so many, so that what is long ago counts less. */
  private static final int MAX_COUNTED = 1_024;

  private static final int[] CLASS_UP_TO_KEYS = {16, 256, 4_096};
  private static final int CLASSES = CLASS_UP_TO_KEYS.length + 1;

  private final SizeClass[] classes = new SizeClass[CLASSES];

  NodeLatency() {
    forget();
  }

  /** The answers to requests of about the same size. */
  private static final class SizeClass {
    /** Four buckets for each doubling of the microseconds, up to 2^31. */
    private static final int BUCKETS = 4 * 32;

    private final int[] counts = new int[BUCKETS];
    private int counted;
    private int samples;
    private double averageNanos;
    private long lateMillis = FIRST_LATE_MILLIS;

    void add(long nanos) {
      averageNanos = samples == 0 ? nanos : averageNanos + (nanos - averageNanos) * AVERAGE_WEIGHT;
      samples++;
      counts[bucketOf(nanos)]++;
      counted++;
      if (samples % QUANTILE_EVERY == 0) {
        lateMillis = quantileMillis();
      }
      if (counted >= MAX_COUNTED) {
        halve();
      }
    }

    private static int bucketOf(long nanos) {
      long micros = Math.min(Integer.MAX_VALUE, 4 + Math.max(0, nanos / 1_000));
      int doublings = 63 - Long.numberOfLeadingZeros(micros);
      return 4 * doublings + (int) (micros >> (doublings - 2) & 3);
    }

    private static double upperMicrosOf(int bucket) {
      return Math.scalb(1 + (bucket % 4 + 1) / 4.0, bucket / 4) - 4;
    }

    private long quantileMillis() {
      int above = (int) (counted * (1 - LATE_QUANTILE));
      int bucket = BUCKETS - 1;
      for (int seen = counts[bucket]; bucket > 0 && seen <= above; seen += counts[bucket]) {
        bucket--;
      }
      long millis = (long) Math.ceil(upperMicrosOf(bucket) / 1_000);
      return Math.max(SHORTEST_LATE_MILLIS, Math.min(LONGEST_LATE_MILLIS, millis));
    }

    private void halve() {
      counted = 0;
      for (int i = 0; i < BUCKETS; i++) {
        counts[i] /= 2;
        counted += counts[i];
      }
    }
  }

  private SizeClass of(int keys) {
    int index = 0;
    while (index < CLASS_UP_TO_KEYS.length && keys > CLASS_UP_TO_KEYS[index]) {
      index++;
    }
    return classes[index];
  }

  /** A request of so many keys was answered, or was not yet, after so long. */
  synchronized void add(int keys, long nanos) {
    of(keys).add(nanos);
  }

  /** After how long an answer is late. */
  synchronized long lateMillis(int keys) {
    return of(keys).lateMillis;
  }

  /** The average; 0 as long as there is none. */
  synchronized double averageNanos(int keys) {
    return of(keys).averageNanos;
  }

  /** Whether there is enough to compare it with others. */
  synchronized boolean isKnown(int keys) {
    return of(keys).samples >= MIN_SAMPLES;
  }

  /** Begins anew. */
  synchronized void forget() {
    for (int i = 0; i < CLASSES; i++) {
      classes[i] = new SizeClass();
    }
  }
}
