package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.soak.Publisher.Turn;
import io.featurekv.failpoint.Failpoint;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Servers that end at once (faults 1 and 15). */
final class KillScenarios {
  private static final Layout LOOPBACK = new Layout.Loopback();

  private KillScenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    all.add(new OneServer());
    all.add(new WholeCluster());
    Set<String> stages = new TreeSet<>();
    Arrays.stream(Failpoint.values()).forEach(point -> stages.add(point.stage()));
    stages.forEach(stage -> all.add(new AtFailpoint(stage)));
    return all;
  }

  /** A server at any moment; half of the time the one that leads. */
  record OneServer() implements Scenario {
    @Override
    public String name() {
      return "kill-one";
    }

    @Override
    public String about() {
      return "SIGKILL of one server, often the leader, at any moment.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(1);
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
    public void strike(Harm harm) throws InterruptedException {
      int victim =
          harm.random().nextBoolean()
              ? harm.anyNode()
              : harm.cluster().leader().orElseGet(harm::anyNode);
      harm.cluster().kill(victim);
      harm.fired("kill-one", "n" + victim);
      harm.endure(Duration.ofMillis(harm.random().nextInt(3_000)));
    }
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
    public void strike(Harm harm) throws InterruptedException {
      ChaosCluster cluster = harm.cluster();
      for (int i = 0; i < cluster.servers().size(); i++) {
        cluster.kill(i);
      }
      harm.fired("kill-all", "all servers");
      harm.endure(Duration.ofMillis(harm.random().nextInt(500)));
    }
  }

  /**
   * The first server to come to a named point of a stage, or one chosen beforehand, ends there. The
   * workload brings it there, with loads of one kind only, which nobody disturbs, where others
   * seldom would; points that only a start reaches are reached by a start.
   *
   * @param stage as {@link Failpoint#stage}
   * @param tried how often each point was; the fewest come first
   */
  record AtFailpoint(String stage, Map<Failpoint, Integer> tried) implements Scenario {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    AtFailpoint(String stage) {
      this(stage, new EnumMap<>(Failpoint.class));
    }

    /** The loads that bring a server to the stage, where any would too seldom. */
    private Optional<Turn> loads() {
      return Optional.ofNullable(
          switch (stage) {
            case "merge" -> new Turn(Profile.BLK, UpdateMode.INCREMENTAL, true, true);
            case "spill", "build", "seal" -> new Turn(Profile.MEM, UpdateMode.FULL, true, true);
            case "canary" -> new Turn(Profile.TRIAL, UpdateMode.FULL, false, true);
            default -> null;
          });
    }

    private Failpoint next(Random random) {
      List<Failpoint> points = new ArrayList<>(FailpointOrders.points(stage));
      Collections.shuffle(points, random);
      Failpoint next =
          Collections.min(points, Comparator.comparing(point -> tried.getOrDefault(point, 0)));
      tried.merge(next, 1, Integer::sum);
      return next;
    }

    @Override
    public String name() {
      return "kill-at-" + stage;
    }

    @Override
    public String about() {
      return "SIGKILL at a point of " + stage + "; docs/failpoints.md has them.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(1);
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
      Failpoint point = next(harm.random());
      ChaosCluster cluster = harm.cluster();
      Path directory = cluster.processes().directory();
      List<Integer> chosen = new ArrayList<>();
      // One server alone may never be given a load of one kind.
      boolean isOne = loads().isEmpty() && harm.random().nextBoolean();
      if (FailpointOrders.AT_START.contains(point) || isOne) {
        chosen.add(harm.anyNode());
      } else {
        for (int i = 0; i < cluster.servers().size(); i++) {
          chosen.add(i);
        }
      }
      String order = point.pointName() + ":kill@" + (1 + harm.random().nextInt(2));
      if (FailpointOrders.AT_START.contains(point)) {
        cluster.kill(chosen.getFirst());
        order = point.pointName() + ":kill";
      }
      for (int index : chosen) {
        cluster.expectKill(index);
        FailpointOrders.order(directory, cluster.servers().get(index), order);
      }
      if (FailpointOrders.AT_START.contains(point)) {
        cluster.start(chosen.getFirst());
        cluster.expectKill(chosen.getFirst());
      }
      harm.workload().publisher().prefer(loads());
      harm.workload().changer().spare(loads().map(Turn::table));
      int died;
      try {
        died = awaitEnd(cluster, chosen);
      } finally {
        harm.workload().publisher().prefer(Optional.empty());
        harm.workload().changer().spare(Optional.empty());
      }
      for (ServerNode node : cluster.servers()) {
        FailpointOrders.order(directory, node, "");
      }
      if (died > 0) {
        harm.fired(name(), point.pointName() + ", " + died + " of " + chosen);
        harm.fired("  " + point.pointName(), died + " killed");
      } else {
        harm.journal().note("nobody was killed at " + point.pointName() + " of " + chosen);
      }
    }

    /** How many were killed when the first has ended, or the patience. Other ends are noticed. */
    private static int awaitEnd(ChaosCluster cluster, List<Integer> chosen)
        throws InterruptedException {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() - end < 0) {
        int dead = 0;
        int killed = 0;
        for (int index : chosen) {
          dead += cluster.processes().isAlive(index) ? 0 : 1;
          killed += cluster.wasKilled(index) ? 1 : 0;
        }
        if (dead > 0) {
          return killed;
        }
        Thread.sleep(10);
      }
      return 0;
    }
  }
}
