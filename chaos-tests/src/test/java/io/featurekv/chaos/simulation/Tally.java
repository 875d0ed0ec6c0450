package io.featurekv.chaos.simulation;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** What really happened, in one world or in many. */
final class Tally {
  private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
  private final Map<Operation, Long> operations = new EnumMap<>(Operation.class);
  long seeds;
  long steps;
  long commands;
  long refused;
  long checks;

  void fired(Fault fault) {
    faults.merge(fault, 1L, Long::sum);
  }

  void done(Operation operation) {
    operations.merge(operation, 1L, Long::sum);
  }

  long of(Fault fault) {
    return faults.getOrDefault(fault, 0L);
  }

  long of(Operation operation) {
    return operations.getOrDefault(operation, 0L);
  }

  void add(Tally other) {
    other.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
    other.operations.forEach((each, count) -> operations.merge(each, count, Long::sum));
    seeds += other.seeds;
    steps += other.steps;
    commands += other.commands;
    refused += other.refused;
    checks += other.checks;
  }

  /** Faults that never fired: with any of them the run has proved less than it says. */
  Set<Fault> missingFaults() {
    Set<Fault> missing = EnumSet.allOf(Fault.class);
    missing.removeAll(faults.keySet());
    return missing;
  }

  /** Operations that never took effect. */
  Set<Operation> missingOperations() {
    Set<Operation> missing = EnumSet.allOf(Operation.class);
    missing.removeAll(operations.keySet());
    return missing;
  }

  @Override
  public String toString() {
    return String.format(
        "%,d seeds, %,d steps, %,d commands applied (%,d of them refused), %,d checks%n"
            + "operations: %s%nfaults: %s",
        seeds, steps, commands, refused, checks, words(operations), words(faults));
  }

  private static String words(Map<? extends Enum<?>, Long> counts) {
    StringBuilder words = new StringBuilder();
    counts.forEach(
        (each, count) ->
            words
                .append(words.isEmpty() ? "" : ", ")
                .append(
                    String.format(
                        "%s %,d",
                        each.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '), count)));
    return words.toString();
  }
}
