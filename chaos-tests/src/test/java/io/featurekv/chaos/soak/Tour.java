package io.featurekv.chaos.soak;

import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/**
 * No fault, but a way past named points that a short run might miss: a trial that lasts until it is
 * told of, more full versions than are kept, and a chain that grows until it is merged.
 */
record Tour() implements Scenario {
  /** Others roll back and activate meanwhile, which makes chains shorter. */
  private static final int MAX_INCREMENTS = 8;

  private static final int FULL_VERSIONS = 4;

  /** Longer than it mostly takes until the leader tells of a trial; later ones are longer. */
  private static final long BAKE_MILLIS = 6_500;

  private static final int MAX_DOUBLINGS = 2;

  /** Most of them are ended by others, who activate and roll back meanwhile. */
  private static final int MAX_TRIALS = 12;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "tour";
  }

  @Override
  public String about() {
    return "No fault: a long trial, versions that are collected, a chain that is merged.";
  }

  @Override
  public Set<Integer> faults() {
    return Set.of();
  }

  @Override
  public Layout layout() {
    return new Layout.Loopback();
  }

  @Override
  public Least least() {
    return new Least(1, 10, 1);
  }

  @Override
  public void strike(Harm harm) throws IOException, InterruptedException {
    Publisher publisher = harm.workload().publisher();
    for (int trial = 0; trial < MAX_TRIALS && !isTrialToldOf(harm); trial++) {
      publisher.publishOnTrial(BAKE_MILLIS << Math.min(trial, MAX_DOUBLINGS));
    }
    for (int i = 0; i < FULL_VERSIONS; i++) {
      publisher.publish(harm.workload().profile().table(Profile.MEM), UpdateMode.FULL, false, true);
    }
    ProvingEntries table = harm.workload().profile().table(Profile.BLK);
    for (int i = 0; i < MAX_INCREMENTS && !isMerged(harm, table.table()); i++) {
      publisher.publish(table, UpdateMode.INCREMENTAL, true, true);
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isMerged(harm, table.table()) && System.nanoTime() - end < 0) {
      Thread.sleep(100);
    }
    if (isMerged(harm, table.table())) {
      harm.fired("merge", table.table());
    }
  }

  private static boolean isTrialToldOf(Harm harm) throws IOException {
    return FailpointOrders.reached(harm.cluster().processes().directory(), harm.cluster().servers())
        .contains(Failpoint.CANARY_BEFORE_REPORT.pointName());
  }

  private static boolean isMerged(Harm harm, String name) {
    TableRecord table = harm.workload().changer().read().tables().get(name);
    return table.versions().values().stream()
        .flatMap(version -> version.shards().stream())
        .anyMatch(ShardRecord::isMergeComplete);
  }
}
