package io.featurekv.chaos.soak;

import io.featurekv.chaos.ProcessCluster.ServerNode;
import io.featurekv.chaos.instruments.Damage;
import io.featurekv.chaos.soak.Scenario.Least;
import io.featurekv.failpoint.Failpoint;
import io.featurekv.metadata.Command;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.admin.ClusterAdmin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Voters that were away for so long that the others have purged the log that they lack, and that
 * are killed while they catch up by a snapshot (fault 13).
 */
final class LaggingScenarios {
  /** As many as make the others keep several snapshots meanwhile. */
  private static final int ENTRIES = 700;

  /** All together fill several segments of the log, of 4 MiB each: only whole ones are purged. */
  private static final int ENTRY_BYTES = 32 << 10;

  private static final int MAX_KILLS = 3;
  private static final Duration LONGEST_START = Duration.ofSeconds(4);
  private static final Duration LONGEST_CATCH_UP = Duration.ofSeconds(30);
  private static final Least LEAST = new Least(1, 100, 1);

  private LaggingScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Strikes(
            "snapshot-to-lagging",
            "A voter comes back to a log that was purged, and is killed while it gets a snapshot.",
            Set.of(13),
            new Layout.Loopback(),
            LEAST,
            LaggingScenarios::strike));
  }

  private static void strike(Harm harm) throws IOException, InterruptedException {
    ChaosCluster cluster = harm.cluster();
    int victim = cluster.follower();
    cluster.kill(victim);
    long before = cluster.admin().read().metadata().index();
    int taken = fillLog(cluster.admin());
    Path leader = cluster.servers().get(Strikes.leader(harm)).raft();
    long oldest = oldestLogIndex(leader);
    if (oldest <= before) {
      harm.journal()
          .note(
              "the log still begins at " + oldest + ", before " + before + "; " + taken + " sent");
      return;
    }
    if (!killWhileInstalling(cluster, victim)) {
      harm.journal().note(Strikes.node(victim) + " did not begin to install a snapshot");
      return;
    }
    int kills = harm.random().nextInt(MAX_KILLS);
    for (int i = 0; i < kills; i++) {
      cluster.start(victim);
      harm.endure(Strikes.between(harm, Duration.ZERO, LONGEST_START));
      cluster.kill(victim);
    }
    harm.fired(
        "snapshot-to-lagging",
        Strikes.node(victim)
            + " knows up to "
            + before
            + ", the log begins at "
            + oldest
            + "; killed as it installed a snapshot, and "
            + kills
            + " times more");
  }

  /** Whether it came to install one. */
  private static boolean killWhileInstalling(ChaosCluster cluster, int victim)
      throws IOException, InterruptedException {
    Path directory = cluster.processes().directory();
    ServerNode node = cluster.servers().get(victim);
    FailpointOrders.order(directory, node, Failpoint.SNAPSHOT_BEFORE_INSTALL.pointName() + ":kill");
    cluster.start(victim);
    cluster.expectKill(victim);
    long began = System.nanoTime();
    while (cluster.processes().isAlive(victim)
        && System.nanoTime() - began < LONGEST_CATCH_UP.toNanos()) {
      Thread.sleep(10);
    }
    FailpointOrders.order(directory, node, "");
    return cluster.wasKilled(victim);
  }

  /** Commands that are refused, and are in the log all the same; returns how many were taken. */
  private static int fillLog(ClusterAdmin admin) {
    String text = "x".repeat(ENTRY_BYTES);
    int taken = 0;
    for (int i = 0; i < ENTRIES; i++) {
      try {
        admin.propose(
            new Command.LoseWork("no-such-task", 1, "n0", new TreeSet<>(), new TreeSet<>(), text));
        taken++;
      } catch (FeatureKvException e) {
        taken += e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.CONFLICT ? 1 : 0;
      }
    }
    return taken;
  }

  /** Where the log on a disk begins, by the names of its segments. */
  private static long oldestLogIndex(Path raft) throws IOException {
    Path data = raft.getParent();
    try (Stream<Path> segments = Damage.files(data, Damage.Kind.RAFT_LOG).stream()) {
      return segments
          .map(segment -> segment.getFileName().toString())
          .map(name -> name.replaceFirst("log_(inprogress_)?", "").replaceFirst("-.*", ""))
          .mapToLong(Long::parseLong)
          .min()
          .orElse(0);
    }
  }
}
