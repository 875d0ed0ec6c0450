package io.featurekv.chaos.soak;

import java.time.Duration;
import java.util.List;

/**
 * How much the workload does.
 *
 * @param tables what they hold, by kind
 * @param readers clients that read
 * @param readPause of a reader between batches
 * @param loadPause the longest between loads
 * @param changePause the longest between activations, rollbacks and drops
 */
record Profile(
    List<ProvingEntries> tables,
    int readers,
    Duration readPause,
    Duration loadPause,
    Duration changePause) {
  /** The table of kind {@code mem}. */
  static final String MEM = "m";

  /** The table of kind {@code idx}. */
  static final String IDX = "i";

  /** The table of kind {@code blk}. */
  static final String BLK = "b";

  /** A small one whose versions go through a trial. */
  static final String TRIAL = "c";

  /** For two cores and all servers on one machine. */
  static final Profile SMALL =
      new Profile(
          List.of(
              new ProvingEntries(MEM, 1_500, 60),
              new ProvingEntries(IDX, 1_500, 3_000),
              new ProvingEntries(BLK, 1_500, 60),
              new ProvingEntries(TRIAL, 100, 10)),
          2,
          Duration.ofMillis(8),
          Duration.ofMillis(400),
          Duration.ofMillis(400));

  ProvingEntries table(String name) {
    return tables.stream().filter(table -> table.table().equals(name)).findFirst().orElseThrow();
  }
}
