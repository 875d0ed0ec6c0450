package io.featurekv.chaos.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Servers that end at once (faults 1 and 15). */
final class KillScenarios {
  private static final Layout LOOPBACK = new Layout.Loopback();

  private KillScenarios() {}

  static List<Scenario> all() {
    return List.of(new WholeCluster());
  }

  /** Every server at once: the group has to come back from its disks alone. */
  record WholeCluster() implements Scenario {
    @Override
    public String name() {
      return "kill-all";
    }

    @Override
    public String about() {
      return "SIGKILL of all servers at once.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(15);
    }

    @Override
    public Layout layout() {
      return LOOPBACK;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws IOException, InterruptedException {
      ChaosCluster cluster = harm.cluster();
      for (int i = 0; i < cluster.servers().size(); i++) {
        cluster.kill(i);
      }
      harm.fired("kill-all", "all servers");
      harm.endure(Duration.ofMillis(harm.random().nextInt(500)));
    }
  }
}
