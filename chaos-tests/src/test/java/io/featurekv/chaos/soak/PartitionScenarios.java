package io.featurekv.chaos.soak;

import io.featurekv.chaos.soak.Scenario.Least;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Networks that fall apart (fault 4). */
final class PartitionScenarios {
  /** Over the time after which a silent server is DOWN, and several elections. */
  private static final Duration LONG = Duration.ofSeconds(9);

  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final Duration SHORTEST_FLAP = Duration.ofMillis(200);
  private static final Duration FLAP = Duration.ofMillis(1_500);
  private static final int MAX_FLAPS = 8;
  private static final Least LEAST = new Least(1, 100, 1);

  private PartitionScenarios() {}

  static List<Scenario> all() {
    return List.of(
        scenario(
            "partition-leader",
            "The leader is alone, for clients too half of the time.",
            PartitionScenarios::leaderAlone),
        scenario(
            "partition-one-way",
            "Nobody hears the leader, or it hears nobody.",
            PartitionScenarios::oneWay),
        scenario(
            "partition-bridge",
            "Two servers do not reach each other and a third reaches both.",
            PartitionScenarios::bridge),
        scenario(
            "partition-flapping",
            "The leader, or another, comes and goes faster than leaders are elected.",
            PartitionScenarios::flapping));
  }

  private static Scenario scenario(String name, String about, Strikes.Strike strike) {
    return new Strikes(name, about, Set.of(4), Wires.layout(), LEAST, strike);
  }

  private static void leaderAlone(Harm harm) throws InterruptedException {
    Wires wires = Wires.of(harm);
    int leader = Strikes.leader(harm);
    boolean isWithoutClients = harm.random().nextBoolean();
    try {
      wires.separate(leader, Strikes.others(harm, leader));
      if (isWithoutClients) {
        wires.separate(leader, List.of(Wires.OUTSIDE));
      }
      harm.fired(
          "partition-leader",
          Strikes.node(leader) + " is alone" + (isWithoutClients ? ", for clients too" : ""));
      harm.endure(Strikes.between(harm, SHORT, LONG));
    } finally {
      wires.heal();
    }
  }

  private static void oneWay(Harm harm) throws InterruptedException {
    Wires wires = Wires.of(harm);
    int leader = Strikes.leader(harm);
    boolean isDeaf = harm.random().nextBoolean();
    try {
      for (int other : Strikes.others(harm, leader)) {
        wires.drop(isDeaf ? other : leader, isDeaf ? leader : other);
      }
      harm.fired(
          "partition-one-way",
          Strikes.node(leader) + (isDeaf ? " hears nobody" : " is heard by nobody"));
      harm.endure(Strikes.between(harm, SHORT, LONG));
    } finally {
      wires.heal();
    }
  }

  private static void bridge(Harm harm) throws InterruptedException {
    Wires wires = Wires.of(harm);
    int middle = harm.anyNode();
    List<Integer> ends = Strikes.others(harm, middle);
    try {
      wires.separate(ends.getFirst(), ends.subList(1, ends.size()));
      harm.fired("partition-bridge", Strikes.node(middle) + " is the only way between " + ends);
      harm.endure(Strikes.between(harm, SHORT, LONG));
    } finally {
      wires.heal();
    }
  }

  private static void flapping(Harm harm) throws InterruptedException {
    Wires wires = Wires.of(harm);
    int flaps = 2 + harm.random().nextInt(MAX_FLAPS - 1);
    try {
      for (int i = 0; i < flaps; i++) {
        int victim = harm.random().nextBoolean() ? Strikes.leader(harm) : harm.anyNode();
        wires.separate(victim, Strikes.others(harm, victim));
        harm.fired("partition-flapping", Strikes.node(victim) + " is alone");
        harm.endure(Strikes.between(harm, SHORTEST_FLAP, FLAP));
        wires.heal();
        harm.endure(Strikes.between(harm, Duration.ZERO, FLAP));
      }
    } finally {
      wires.heal();
    }
  }
}
