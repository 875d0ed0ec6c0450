package io.featurekv.node.reconcile;

import io.featurekv.metadata.Canary;
import io.featurekv.metadata.CanaryCounts;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.TableRecord;
import io.featurekv.node.serving.VersionTally;
import io.featurekv.node.wire.TrialCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What this process has counted of the trials that are going on. Any thread.
 *
 * <p>Bounded by the tables that have a canary; the counts of a trial are dropped when it is over.
 */
public final class TrialTallies {
  private record Trial(String table, long version) {}

  private record Pair(VersionTally canary, VersionTally active) {}

  private final Map<Trial, Pair> tallies = new ConcurrentHashMap<>();

  /** Forgets trials that are over by this metadata. */
  public void keepOnly(ClusterMetadata metadata) {
    tallies
        .keySet()
        .removeIf(
            trial -> {
              TableRecord table = metadata.tables().get(trial.table());
              Canary canary = table == null ? null : table.canary();
              return canary == null || canary.version() != trial.version();
            });
  }

  /** Where reads of a version are counted; null where it takes part in no trial. */
  public @Nullable VersionTally of(TableRecord table, long version) {
    Canary canary = table.canary();
    if (canary == null || (version != canary.version() && version != table.activeVersion())) {
      return null;
    }
    Pair pair =
        tallies.computeIfAbsent(
            new Trial(table.name(), canary.version()),
            _ -> new Pair(new VersionTally(), new VersionTally()));
    return version == canary.version() ? pair.canary() : pair.active();
  }

  /** The counts of every trial that this process knows of. */
  public List<TrialCounts> counts() {
    List<TrialCounts> counts = new ArrayList<>();
    tallies.forEach(
        (trial, pair) ->
            counts.add(
                new TrialCounts(
                    trial.table(), trial.version(), counts(pair.canary(), pair.active()))));
    return counts;
  }

  private static CanaryCounts counts(VersionTally canary, VersionTally active) {
    // Errors first: they are counted after the reads that they belong to.
    long errors = canary.errors();
    long activeErrors = active.errors();
    return new CanaryCounts(canary.reads(), errors, active.reads(), activeErrors);
  }
}
