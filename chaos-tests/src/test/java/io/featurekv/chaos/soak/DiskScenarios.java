package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.PowerCut;
import io.featurekv.chaos.instruments.SmallDisk;
import io.featurekv.failpoint.Failpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/** Disks that lose their power (fault 2) or their room (fault 6). */
final class DiskScenarios {
  private DiskScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Cut(),
        new CutAtFailpoint(),
        new Full("disk-full", false),
        new Full("disk-full-raft", true));
  }

  /** Every server on an ext4 file system of its own that can lose its power. */
  private record PoweredDisks() implements Layout {
    private static final long DISK_BYTES = 1L << 30;

    @Override
    public String name() {
      return "powered-disks";
    }

    @Override
    public Optional<String> missing() {
      return PowerCut.missing();
    }

    @Override
    public Ground arrange(ProcessCluster cluster) throws IOException {
      PoweredGround ground = new PoweredGround(new ArrayList<>());
      try {
        for (int i = 0; i < cluster.size(); i++) {
          Path directory = cluster.directory().resolve("disk" + i);
          PowerCut disk =
              PowerCut.mount(directory, cluster.directory().resolve(i + ".image"), DISK_BYTES);
          ground.disks().add(disk);
          cluster.node(i).data(directory.resolve("node"));
        }
        return ground;
      } catch (RuntimeException e) {
        ground.close();
        throw e;
      }
    }
  }

  private record PoweredGround(List<PowerCut> disks) implements Layout.Ground {
    @Override
    public void heal() {
      // A strike that cuts the power restores it.
    }

    @Override
    public void close() {
      disks.forEach(PowerCut::close);
    }
  }

  private static final Layout POWERED = new PoweredDisks();

  /** Cuts, lets the processes notice for a while, ends them, and mounts the disks again. */
  private static void cut(Harm harm, List<Integer> victims, Duration notice)
      throws InterruptedException {
    PoweredGround ground = (PoweredGround) harm.cluster().ground();
    for (int victim : victims) {
      harm.cluster().expectEnd(victim);
      ground.disks().get(victim).cut();
    }
    harm.endure(notice);
    for (int victim : victims) {
      harm.cluster().kill(victim);
    }
    for (int victim : victims) {
      ground.disks().get(victim).restore();
    }
  }

  private static List<Integer> victims(Harm harm) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < harm.cluster().servers().size(); i++) {
      all.add(i);
    }
    if (harm.random().nextInt(3) == 0) {
      return all;
    }
    Collections.shuffle(all, harm.random());
    return List.of(all.getFirst());
  }

  /** One server's power, or that of all. */
  private record Cut() implements Scenario {
    @Override
    public String name() {
      return "power-cut";
    }

    @Override
    public String about() {
      return "The disk of one server or of all loses its power, then the server ends.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(2, 15);
    }

    @Override
    public Layout layout() {
      return POWERED;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws InterruptedException {
      List<Integer> victims = victims(harm);
      cut(harm, victims, Duration.ofMillis(harm.random().nextInt(700)));
      harm.fired("power-cut", victims.toString());
    }
  }

  /** A server is held at a named point, and its power is cut there. */
  private record CutAtFailpoint() implements Scenario {
    private static final int HOLD_MILLIS = 4_000;
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Override
    public String name() {
      return "power-cut-at";
    }

    @Override
    public String about() {
      return "The disk of a server loses its power while the server is held at a named point.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(1, 2);
    }

    @Override
    public Layout layout() {
      return POWERED;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws IOException, InterruptedException {
      ChaosCluster cluster = harm.cluster();
      List<Failpoint> points = FailpointOrders.points();
      Failpoint point = points.get(harm.random().nextInt(points.size()));
      int victim = harm.anyNode();
      ServerNode node = cluster.servers().get(victim);
      Path directory = cluster.processes().directory();
      Path log = cluster.processes().log(victim);
      long before = count(log, point);
      FailpointOrders.order(directory, node, point.pointName() + ":pause=" + HOLD_MILLIS);
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (count(log, point) == before && System.nanoTime() - end < 0) {
        Thread.sleep(20);
      }
      boolean isHeld = count(log, point) > before;
      FailpointOrders.order(directory, node, "");
      cut(harm, List.of(victim), Duration.ofMillis(harm.random().nextInt(300)));
      harm.fired(
          isHeld ? "power-cut-at-" + point.stage() : "power-cut",
          node.id() + (isHeld ? " held at " : ", which did not come to ") + point.pointName());
    }

    private static long count(Path log, Failpoint point) throws IOException {
      String line = "failpoint " + point.pointName() + ":";
      return Files.readAllLines(log).stream().filter(each -> each.startsWith(line)).count();
    }
  }

  /** Every server with a small disk for its files and a smaller one for its metadata log. */
  private record SmallDisks() implements Layout {
    private static final long DATA_BYTES = 160L << 20;
    private static final long RAFT_BYTES = 48L << 20;

    @Override
    public String name() {
      return "small-disks";
    }

    @Override
    public Optional<String> missing() {
      return SmallDisk.missing();
    }

    @Override
    public Ground arrange(ProcessCluster cluster) {
      SmallGround ground = new SmallGround(new ArrayList<>(), new ArrayList<>());
      try {
        for (int i = 0; i < cluster.size(); i++) {
          Path data = cluster.directory().resolve("disk" + i);
          Path raft = cluster.directory().resolve("raft-disk" + i);
          ground.data().add(SmallDisk.mount(data, DATA_BYTES));
          ground.raft().add(SmallDisk.mount(raft, RAFT_BYTES));
          cluster.node(i).data(data.resolve("node")).raft(raft.resolve("raft"));
        }
        return ground;
      } catch (RuntimeException e) {
        ground.close();
        throw e;
      }
    }
  }

  private record SmallGround(List<SmallDisk> data, List<SmallDisk> raft) implements Layout.Ground {
    @Override
    public void heal() {
      data.forEach(SmallDisk::relieve);
      raft.forEach(SmallDisk::relieve);
    }

    @Override
    public void close() {
      data.forEach(SmallDisk::close);
      raft.forEach(SmallDisk::close);
    }
  }

  private static final Layout SMALL = new SmallDisks();

  /**
   * A disk has hardly any room for a while. A voter that could not write its log has ended and says
   * so; whoever operates it starts it again once there is room.
   */
  private record Full(String name, boolean isRaft) implements Scenario {
    private static final int MAX_LEFT_BYTES = 300 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration STEP = Duration.ofMillis(200);
    private static final Pattern NO_ROOM = Pattern.compile("(?i)no.space|no room");

    @Override
    public String about() {
      return isRaft
          ? "The disk of a server's metadata log is full for a while."
          : "The disk of a server's shard files and builds is full for a while.";
    }

    @Override
    public Set<Integer> faults() {
      return Set.of(6);
    }

    @Override
    public Layout layout() {
      return SMALL;
    }

    @Override
    public Least least() {
      return new Least(1, 100, 1);
    }

    @Override
    public void strike(Harm harm) throws IOException, InterruptedException {
      SmallGround ground = (SmallGround) harm.cluster().ground();
      Random random = harm.random();
      int victim = harm.anyNode();
      SmallDisk disk = (isRaft ? ground.raft() : ground.data()).get(victim);
      harm.cluster().expectEnd(victim);
      long left = random.nextBoolean() ? 0 : random.nextInt(MAX_LEFT_BYTES);
      Path log = harm.cluster().processes().log(victim);
      long logged = Files.size(log);
      long refused = harm.workload().changesEndedWith(NO_ROOM);
      disk.fill(left);
      harm.endure(Duration.ofMillis(2_000 + random.nextInt(4_000)));
      // What is written may fit into what a file had reserved; then nothing has happened yet.
      long end = System.nanoTime() + PATIENCE.toNanos();
      boolean isMet = false;
      while (!isMet && System.nanoTime() - end < 0) {
        isMet =
            harm.workload().changesEndedWith(NO_ROOM) > refused
                || NO_ROOM.matcher(after(log, logged)).find();
        harm.endure(isMet ? Duration.ZERO : STEP);
      }
      String what = "n" + victim + ", " + left + " bytes left";
      if (isMet) {
        harm.fired(name, what);
      } else {
        harm.journal().note("nobody met the full disk of " + what);
      }
      if (random.nextBoolean()) {
        // Ended while it is full, which must not hurt it either.
        harm.cluster().kill(victim);
        disk.relieve();
      } else {
        disk.relieve();
        harm.endure(Duration.ofMillis(random.nextInt(1_000)));
        harm.cluster().kill(victim);
      }
    }

    /** What a server has said since its log had a length. */
    private static String after(Path log, long length) throws IOException {
      try (InputStream in = Files.newInputStream(log)) {
        in.skipNBytes(length);
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      }
    }
  }
}
