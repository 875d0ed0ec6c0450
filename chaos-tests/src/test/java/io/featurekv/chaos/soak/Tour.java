package io.featurekv.chaos.soak;

import io.featurekv.metadata.ShardRecord;
import io.featurekv.metadata.TableRecord;
import io.featurekv.model.UpdateMode;
import java.time.Duration;
import java.util.Set;

/**
 * No fault, but a way past every named point: a chain that grows until it is merged, and enough
 * changes for snapshots of the metadata to be made and deleted.
 */
record Tour() implements Scenario {
  private static final int INCREMENTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "tour";
  }

  @Override
  public String about() {
    return "No fault: a chain of increments that is merged.";
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
  public void strike(Harm harm) throws InterruptedException {
    ProvingEntries table = harm.workload().profile().table(Profile.BLK);
    for (int i = 0; i < INCREMENTS; i++) {
      harm.workload().publisher().publish(table, UpdateMode.INCREMENTAL, true, true);
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isMerged(harm, table.table()) && System.nanoTime() - end < 0) {
      Thread.sleep(100);
    }
    if (isMerged(harm, table.table())) {
      harm.fired("merge", table.table());
    }
  }

  private static boolean isMerged(Harm harm, String name) {
    TableRecord table = harm.workload().changer().read().tables().get(name);
    return table.versions().values().stream()
        .flatMap(version -> version.shards().stream())
        .anyMatch(ShardRecord::isMergeComplete);
  }
}
