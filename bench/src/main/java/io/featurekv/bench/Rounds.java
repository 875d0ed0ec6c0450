package io.featurekv.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Measures contenders in turns, because machines drift: every round gives each a turn, beginning
 * with another one each time. One more round comes first and does not count.
 */
final class Rounds {
  private Rounds() {}

  /** Does something for about so long, and lets the watch run for what counts. */
  @FunctionalInterface
  interface Turn {
    void run(Stopwatch watch, long nanos);
  }

  record Contender(String name, Turn turn) {}

  /**
   * What a contender's operation cost over all rounds.
   *
   * @param best the round of the least CPU time
   * @param medianThreadNanos CPU time of the thread in the middle round
   */
  record Spread(String name, Stopwatch.Cost best, double medianThreadNanos) {}

  /** Spreads in the order of the contenders. */
  static List<Spread> run(List<Contender> contenders, int rounds, long turnNanos) {
    List<List<Stopwatch.Cost>> costs = new ArrayList<>();
    contenders.forEach(contender -> costs.add(new ArrayList<>()));
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < contenders.size(); i++) {
        int place = (round + i) % contenders.size();
        Stopwatch watch = new Stopwatch();
        contenders.get(place).turn().run(watch, turnNanos);
        if (round > 0) {
          costs.get(place).add(watch.cost());
        }
      }
    }
    List<Spread> spreads = new ArrayList<>();
    for (int i = 0; i < contenders.size(); i++) {
      List<Stopwatch.Cost> sorted = costs.get(i);
      sorted.sort(Comparator.comparingDouble(Stopwatch.Cost::threadNanos));
      spreads.add(
          new Spread(
              contenders.get(i).name(),
              sorted.getFirst(),
              sorted.get(sorted.size() / 2).threadNanos()));
    }
    return spreads;
  }
}
