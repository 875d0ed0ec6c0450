package io.featurekv.bench;

import io.featurekv.bench.ingest.Outcome;
import io.featurekv.bench.ingest.Subject;
import io.featurekv.bench.report.Table;
import java.util.List;

/** The figures that loads are to reach on two cores, beside those that were reached. Pure. */
final class LoadsTargets {
  private static final int PLAIN_ENTRIES = 50_000_000;
  private static final double PLAIN_RATE = 1.0;
  private static final double CPU = 1.8;
  private static final double GROWTH = 0.85;
  private static final double WIDE_RATE = 0.6;
  private static final int WIDE_ENTRIES = 20_000_000;
  private static final double FURTHER_REPLICA = 0.5;

  private final List<Outcome> outcomes;
  private final Table table =
      new Table(
          "targets",
          List.of(
              new Table.Column("figure", 3),
              new Table.Column("target", 3),
              new Table.Column("met", 0)));

  private LoadsTargets(List<Outcome> outcomes) {
    this.outcomes = outcomes;
  }

  static Table table(List<Outcome> outcomes) {
    LoadsTargets targets = new LoadsTargets(outcomes);
    targets.fill();
    return targets.table;
  }

  private void fill() {
    for (Outcome outcome : outcomes) {
      String name = outcome.subject().name() + ", " + outcome.data().title();
      int entries = outcome.data().entries();
      if (LoadsTables.isPlain(outcome) && entries >= PLAIN_ENTRIES) {
        atLeast("Mkeys/s, " + name, outcome.millionKeysPerSecond(), PLAIN_RATE);
        atMost("CPU s/Mkeys, " + name, outcome.cpuPerMillionKeys(), CPU);
      }
      if (LoadsTables.isPlain(outcome) && entries > PLAIN_ENTRIES) {
        LoadsTables.smaller(outcome, outcomes)
            .ifPresent(
                smaller ->
                    atLeast(
                        "rate of that at " + smaller.data().size() + ", " + name,
                        outcome.millionKeysPerSecond() / smaller.millionKeysPerSecond(),
                        GROWTH));
      }
      if (LoadsTables.isWide(outcome) && entries >= WIDE_ENTRIES) {
        atLeast("Mkeys/s, " + name, outcome.millionKeysPerSecond(), WIDE_RATE);
      }
      if (LoadsTables.isSmall(outcome)) {
        fasterThanPlain(outcome, name);
      }
      LoadsTables.oneSect(outcome, outcomes)
          .ifPresent(
              one ->
                  atMost(
                      "further replica, CPU s/Mkeys, " + name,
                      LoadsTables.furtherReplica(one, outcome),
                      FURTHER_REPLICA));
      if (outcome.subject() instanceof Subject.Peer peer && !peer.name().endsWith("-sorted")) {
        cheaperThan(outcome);
      }
      memory(Outcome.LOAD, name, outcome.peakBytes(), outcome.boundBytes(), outcome.held());
      outcome
          .nodes()
          .forEach(
              node -> memory(node.id(), name, node.peakBytes(), node.boundBytes(), node.held()));
    }
    table.note("met: 1 is yes. Rates are for sets of " + PLAIN_ENTRIES / 1_000_000 + "M and more.");
    table.note("Memory: the peak beside the bound just then; met is kept to at every look.");
  }

  private void memory(String process, String name, double peak, double bound, double held) {
    if (Double.isFinite(held)) {
      table.add(
          "peak memory MB of " + process + ", " + name,
          List.of(peak / (1 << 20), bound / (1 << 20), held));
    }
  }

  private void fasterThanPlain(Outcome small, String name) {
    outcomes.stream()
        .filter(
            plain ->
                LoadsTables.isPlain(plain)
                    && plain.subject().equals(small.subject())
                    && plain.data().entries() == PLAIN_ENTRIES)
        .findFirst()
        .ifPresent(
            plain ->
                atLeast(
                    "Mkeys/s, " + name,
                    small.millionKeysPerSecond(),
                    plain.millionKeysPerSecond()));
  }

  private void cheaperThan(Outcome peer) {
    for (Outcome own : outcomes) {
      if (own.data().equals(peer.data()) && LoadsTables.isPlain(own)) {
        atLeast(
            "build time of "
                + peer.subject().name()
                + " by that of "
                + own.subject().name()
                + ", "
                + own.data().title(),
            peer.buildSeconds() / own.buildSeconds(),
            1);
      }
    }
  }

  private void atLeast(String name, double figure, double target) {
    table.add(name, List.of(figure, target, figure >= target ? 1.0 : 0.0));
  }

  private void atMost(String name, double figure, double target) {
    table.add(name, List.of(figure, target, figure <= target ? 1.0 : 0.0));
  }
}
