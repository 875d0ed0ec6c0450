package io.featurekv.cli.bench;

/**
 * When batches are due: at even distances, whatever became of those before.
 *
 * @param startNanos when batch 0 is due, by {@link System#nanoTime}
 * @param batchesPerSecond above 0
 */
record Schedule(long startNanos, double batchesPerSecond) {
  private static final double NANOS_PER_SECOND = 1e9;

  /** When a batch is due; exact to a few nanoseconds for days. */
  long dueNanos(long batch) {
    return startNanos + (long) (batch * (NANOS_PER_SECOND / batchesPerSecond));
  }

  /** The first batch that is due at a time or after it. */
  long firstAt(long nanos) {
    long batch =
        Math.max(0, (long) ((nanos - startNanos) / (NANOS_PER_SECOND / batchesPerSecond)) - 1);
    while (dueNanos(batch) - nanos < 0) {
      batch++;
    }
    return batch;
  }
}
