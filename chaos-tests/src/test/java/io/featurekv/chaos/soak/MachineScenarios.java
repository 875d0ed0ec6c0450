package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.FailingDisk;
import io.featurekv.chaos.instruments.FakeClock;
import io.featurekv.chaos.instruments.MemorySqueeze;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Calls of the disk that fail (fault 10), clocks that are wrong (14), too little memory (16). */
final class MachineScenarios {
  private static final Layout SHIMS = new Shims();
  private static final Layout SQUEEZED = new Squeezed();

  private MachineScenarios() {}

  static List<Scenario> all() {
    return List.of(new FailingCalls(), new WrongClock(), new LittleMemory());
  }

  /** Every server with libraries between itself and the C library. */
  private record Shims() implements Layout {
    @Override
    public String name() {
      return "shims";
    }

    @Override
    public Optional<String> missing() {
      return FailingDisk.missing().or(FakeClock::missing);
    }

    @Override
    public Ground arrange(ProcessCluster cluster) throws IOException {
      ShimGround ground = new ShimGround(new ArrayList<>(), new ArrayList<>());
      for (int i = 0; i < cluster.size(); i++) {
        Path directory = cluster.directory().resolve("shims" + i);
        Files.createDirectories(directory);
        FailingDisk disk = FailingDisk.create(directory);
        FakeClock clock = FakeClock.create(directory);
        ground.disks().add(disk);
        ground.clocks().add(clock);
        ServerNode node = cluster.node(i);
        disk.environment().forEach(node::environment);
        clock.environment().forEach(node::environment);
        node.environment(
            "LD_PRELOAD",
            disk.environment().get("LD_PRELOAD") + ":" + clock.environment().get("LD_PRELOAD"));
      }
      return ground;
    }
  }

  private record ShimGround(List<FailingDisk> disks, List<FakeClock> clocks)
      implements Layout.Ground {
    @Override
    public void heal() {
      disks.forEach(FailingDisk::heal);
      clocks.forEach(clock -> clock.offset(Duration.ZERO));
    }

    @Override
    public void close() {
      disks.forEach(FailingDisk::close);
    }
  }

  private static <T> T any(List<T> all, Random random) {
    return all.get(random.nextInt(all.size()));
  }

  /**
   * Some calls on some of a server's files fail. A voter whose log could not be written has ended
   * and says so; it is started again.
   */
  private record FailingCalls() implements Scenario {
    private static final List<String> PLACES =
        List.of("/raft/", "/tables/", "/build/", "metadata.snapshot", ".part");

    @Override
    public String name() {
      return "failing-disk";
    }

    @Override
    public String about() {
      return "Reads, writes and forces of a server fail, or write half.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(10);
    }

    @Override
    public Layout layout() {
      return SHIMS;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws InterruptedException {
      Random random = harm.random();
      int victim = harm.anyNode();
      FailingDisk disk = ((ShimGround) harm.cluster().ground()).disks().get(victim);
      FailingDisk.Operation operation = any(List.of(FailingDisk.Operation.values()), random);
      FailingDisk.Failure failure = any(List.of(FailingDisk.Failure.values()), random);
      String place = any(PLACES, random);
      harm.cluster().expectEnd(victim);
      int before = disk.fired();
      disk.fail(operation, failure, 1 + random.nextInt(10), place);
      harm.endure(Duration.ofMillis(2_000 + random.nextInt(3_000)));
      int fired = disk.fired() - before;
      disk.heal();
      String what = "n" + victim + " " + operation + " " + failure + " of " + place;
      if (fired > 0) {
        harm.fired("failing-disk", what + ", " + fired + " times");
      } else {
        harm.journal().note("nothing to fail: " + what);
      }
      if (harm.cluster().processes().isAlive(victim)) {
        harm.cluster().kill(victim);
      }
    }
  }

  /** A server's clock jumps by up to two days and later back. */
  private record WrongClock() implements Scenario {
    @Override
    public String name() {
      return "wrong-clock";
    }

    @Override
    public String about() {
      return "The clock of a server, often the leader, jumps by up to two days, and back.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(14);
    }

    @Override
    public Layout layout() {
      return SHIMS;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws InterruptedException {
      Random random = harm.random();
      int victim =
          random.nextBoolean() ? harm.anyNode() : harm.cluster().leader().orElseGet(harm::anyNode);
      FakeClock clock = ((ShimGround) harm.cluster().ground()).clocks().get(victim);
      Duration offset = Duration.ofMinutes(random.nextInt(4 * 24 * 60) - 2 * 24 * 60);
      long before = clock.readings();
      clock.offset(offset);
      harm.endure(Duration.ofMillis(2_000 + random.nextInt(4_000)));
      long readings = clock.readings() - before;
      clock.offset(Duration.ZERO);
      if (readings > 0) {
        harm.fired("wrong-clock", "n" + victim + " by " + offset + ", read " + readings + " times");
      }
    }
  }

  /** Every server may be put under a bound of its memory. */
  private record Squeezed() implements Layout {
    @Override
    public String name() {
      return "squeezed";
    }

    @Override
    public Optional<String> missing() {
      return MemorySqueeze.missing();
    }

    @Override
    public Ground arrange(ProcessCluster cluster) {
      MemorySqueeze group = MemorySqueeze.create();
      return new SqueezedGround(group);
    }
  }

  private record SqueezedGround(MemorySqueeze group) implements Layout.Ground {
    @Override
    public void heal() {
      group.release();
    }

    @Override
    public void close() {
      group.close();
    }
  }

  /** The kernel takes pages away from a server, and ends it where it cannot do with so few. */
  private record LittleMemory() implements Scenario {
    private static final long STEP_BYTES = 4L << 20;
    private static final int STEPS = 40;
    private static final int MANY_TIMES = 200;

    @Override
    public String name() {
      return "little-memory";
    }

    @Override
    public String about() {
      return "A server gets less and less memory, then enough again.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(16);
    }

    @Override
    public Layout layout() {
      return SQUEEZED;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws InterruptedException {
      int victim = harm.anyNode();
      ChaosCluster cluster = harm.cluster();
      MemorySqueeze group = ((SqueezedGround) cluster.ground()).group();
      // Only what a process takes while it is in the group counts: it enters right at its start.
      cluster.kill(victim);
      cluster.start(victim);
      group.add(cluster.servers().get(victim).process().pid());
      // Those of earlier strikes are still in the group, and any of it may be ended.
      for (int i = 0; i < cluster.servers().size(); i++) {
        if (group.has(cluster.servers().get(i).process().pid())) {
          cluster.expectEnd(i);
        }
      }
      cluster.processes().awaitAnswer(victim);
      harm.endure(Duration.ofMillis(500 + harm.random().nextInt(2_500)));
      long before = group.timesMet();
      long bytes = group.usedBytes();
      int steps = 0;
      while (steps < STEPS && group.timesMet() - before < MANY_TIMES && tryLimit(group, bytes)) {
        harm.endure(Duration.ofMillis(100));
        bytes = Math.min(bytes, group.usedBytes()) - STEP_BYTES;
        steps++;
      }
      harm.endure(Duration.ofMillis(500 + harm.random().nextInt(2_500)));
      long met = group.timesMet() - before;
      group.release();
      if (met > 0) {
        harm.fired("little-memory", "n" + victim + " down to " + bytes + ", met " + met);
      }
    }

    /** False where the kernel cannot take so much away; the bound before is then in force. */
    private static boolean tryLimit(MemorySqueeze group, long bytes) {
      try {
        group.limit(Math.max(STEP_BYTES, bytes));
        return true;
      } catch (UncheckedIOException e) {
        return false;
      }
    }
  }
}
