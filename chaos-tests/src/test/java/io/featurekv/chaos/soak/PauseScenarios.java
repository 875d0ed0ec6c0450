package io.featurekv.chaos.soak;

import io.featurekv.chaos.instruments.Pause;
import io.featurekv.chaos.soak.Scenario.Least;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Servers that stand still for a while and go on as if nothing had been (fault 7). */
final class PauseScenarios {
  private static final Layout LOOPBACK = new Layout.Loopback();
  private static final Least LEAST = new Least(1, 100, 1);

  private PauseScenarios() {}

  static List<Scenario> all() {
    return List.of(
        pause("pause-1s", Duration.ofSeconds(1), "shorter than an election"),
        pause("pause-12s", Duration.ofSeconds(12), "longer than any timeout of a leader"),
        pause("pause-70s", Duration.ofSeconds(70), "longer than a connection may be idle"));
  }

  private static Scenario pause(String name, Duration time, String length) {
    return new Strikes(
        name,
        "A server, often the leader, stands still for " + time.toSeconds() + " s: " + length + ".",
        Set.of(7),
        LOOPBACK,
        LEAST,
        harm -> pause(harm, name, time));
  }

  private static void pause(Harm harm, String name, Duration time) throws InterruptedException {
    int victim = harm.random().nextBoolean() ? Strikes.leader(harm) : harm.anyNode();
    try (Pause _ = Pause.of(harm.cluster().servers().get(victim).process().pid())) {
      harm.fired(name, Strikes.node(victim) + " stands still");
      harm.endure(time);
    }
  }
}
