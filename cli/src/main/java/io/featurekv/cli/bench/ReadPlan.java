package io.featurekv.cli.bench;

import org.jspecify.annotations.Nullable;

/**
 * What load to put on.
 *
 * @param entries of the table, which has them all
 * @param batchKeys keys of a batch
 * @param connections to each node
 * @param keysPerSecond 0: as many as come back
 * @param inFlight most open batches of a connection
 * @param absentShare of the keys that are nowhere
 * @param batches how many to measure; 0: as many as come in the time
 * @param threads that draw keys and send
 * @param expected what values have to be; null: nobody looks
 */
record ReadPlan(
    String table,
    long entries,
    int batchKeys,
    int connections,
    double keysPerSecond,
    int inFlight,
    KeyDistribution distribution,
    double absentShare,
    long warmupNanos,
    long durationNanos,
    long batches,
    int threads,
    long seed,
    @Nullable StandardSet expected) {
  /** Whether batches are due by the clock, whatever became of those before. */
  boolean isOpen() {
    return keysPerSecond > 0;
  }
}
