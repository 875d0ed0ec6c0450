package io.featurekv.client;

import java.util.concurrent.atomic.LongAdder;

/** What {@link ClientStatistics} are made of. Thread-safe. */
final class Counters {
  final LongAdder reads = new LongAdder();
  final LongAdder firstTries = new LongAdder();
  final LongAdder hedges = new LongAdder();
  final LongAdder hedgesWon = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder budgetRefusals = new LongAdder();
  final LongAdder tryAgains = new LongAdder();
  final LongAdder restarts = new LongAdder();
  final LongAdder ejections = new LongAdder();
  final LongAdder returns = new LongAdder();

  ClientStatistics read() {
    return new ClientStatistics(
        reads.sum(),
        firstTries.sum(),
        hedges.sum(),
        hedgesWon.sum(),
        retries.sum(),
        budgetRefusals.sum(),
        tryAgains.sum(),
        restarts.sum(),
        ejections.sum(),
        returns.sum());
  }
}
