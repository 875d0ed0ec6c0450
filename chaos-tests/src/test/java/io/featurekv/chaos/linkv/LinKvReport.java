package io.featurekv.chaos.linkv;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a run did.
 *
 * @param problems what was wrong; none: it passed
 * @param done operations with a known effect, those of {@code finalReads} with them
 * @param acknowledged of what clients did before the final reads
 * @param failed operations that certainly had none
 * @param open operations without an outcome
 * @param fired faults that really fired
 * @param directory where everything is when it did not pass
 */
record LinKvReport(
    LinKvSettings settings,
    List<String> problems,
    long done,
    Acknowledged acknowledged,
    long failed,
    long open,
    long keys,
    long finalReads,
    long configurations,
    Map<Fault, Integer> fired,
    Network.Counts network,
    double seconds,
    Path directory) {

  boolean passed() {
    return problems.isEmpty();
  }

  int faults() {
    return fired.values().stream().mapToInt(Integer::intValue).sum();
  }
}
