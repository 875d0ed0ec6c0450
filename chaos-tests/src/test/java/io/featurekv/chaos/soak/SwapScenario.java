package io.featurekv.chaos.soak;

import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FeatureKvException;
import java.util.List;
import java.util.Set;

/** Versions are swapped as fast as the metadata takes it while clients read (fault 5). */
record SwapScenario() implements Scenario {
  private static final int SWAPS_A_STRIKE = 100;

  @Override
  public String name() {
    return "swaps";
  }

  @Override
  public String about() {
    return "A hundred activations a strike, one right after another, under reads.";
  }

  @Override
  public Set<Integer> faults() {
    return Set.of(5);
  }

  @Override
  public Layout layout() {
    return new Layout.Loopback();
  }

  @Override
  public Least least() {
    return new Least(100, 100, 100);
  }

  @Override
  public void strike(Harm harm) {
    List<ProvingEntries> tables = harm.workload().profile().tables();
    for (int i = 0; i < SWAPS_A_STRIKE; i++) {
      String table = tables.get(harm.random().nextInt(tables.size() - 1)).table();
      try {
        swap(harm, table);
      } catch (FeatureKvException e) {
        harm.journal().note("no swap of " + table + ": " + e.getMessage());
      }
    }
  }

  private static void swap(Harm harm, String table) {
    TableRecord record = harm.workload().changer().read().tables().get(table);
    List<VersionRecord> others =
        record.versions().values().stream()
            .filter(
                version ->
                    version.state() == VersionState.RETAINED
                        || version.state() == VersionState.READY
                        || version.state() == VersionState.ROLLED_BACK)
            .toList();
    if (others.isEmpty()) {
      return;
    }
    long next = others.get(harm.random().nextInt(others.size())).number();
    History.Outcome outcome =
        harm.workload().changer().change("swap", table, new Command.ActivateVersion(table, next));
    if (outcome == History.Outcome.OK) {
      harm.fired("swap", table + " to " + next);
    }
  }
}
