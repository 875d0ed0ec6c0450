package io.featurekv.chaos.soak;

import static org.awaitility.Awaitility.await;

import io.featurekv.chaos.ProcessCluster;
import io.featurekv.chaos.instruments.Damage;
import io.featurekv.chaos.soak.Scenario.Least;
import io.featurekv.metadata.ActivateWhen;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.TableOptions;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.TableKind;
import io.featurekv.node.admin.ClusterAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Voters that come and are replaced while the network is in parts (fault 8). */
final class MembershipScenarios {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CUT = Duration.ofSeconds(4);
  private static final Least LEAST = new Least(1, 100, 1);
  private static final int MOST_VOTERS = 5;

  private MembershipScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Strikes(
            "replace-voter",
            "A voter comes back as a new peer while the two others reach each other at times only.",
            Set.of(8),
            Wires.layout(),
            LEAST,
            MembershipScenarios::replaceVoter),
        new Strikes(
            "membership",
            "A second cluster grows from 1 voter to 3 and 5, falls to 3 and grows again, in parts.",
            Set.of(8),
            new Layout.Loopback(),
            LEAST,
            MembershipScenarios::growAndShrink));
  }

  private static void replaceVoter(Harm harm) throws IOException, InterruptedException {
    ChaosCluster cluster = harm.cluster();
    Wires wires = Wires.of(harm);
    int leader = Strikes.leader(harm);
    List<Integer> followers = Strikes.others(harm, leader);
    int victim = followers.get(harm.random().nextInt(followers.size()));
    int third = followers.get(0) == victim ? followers.get(1) : followers.get(0);
    String id = cluster.servers().get(victim).id();
    int before = node(cluster.admin(), id).incarnation();
    cluster.kill(victim);
    forgetTermAndVote(cluster.servers().get(victim).raft());
    try {
      cluster.start(victim);
      for (int i = 0; i < 3; i++) {
        wires.drop(leader, third);
        if (harm.random().nextBoolean()) {
          wires.drop(third, leader);
        }
        harm.endure(Strikes.between(harm, Duration.ZERO, CUT));
        wires.heal();
        harm.endure(Strikes.between(harm, Duration.ZERO, Duration.ofSeconds(1)));
      }
    } finally {
      wires.heal();
    }
    await()
        .atMost(ProcessCluster.PATIENCE)
        .ignoreExceptionsInstanceOf(FeatureKvException.class)
        .until(
            () -> {
              NodeRecord now = node(cluster.admin(), id);
              return now.incarnation() > before && now.voter();
            });
    harm.fired("replace-voter", id + " votes again under a new incarnation");
  }

  private static NodeRecord node(ClusterAdmin admin, String id) {
    NodeRecord found = admin.read().metadata().nodes().get(id);
    if (found == null) {
      throw new FeatureKvException(ErrorCode.NOT_FOUND, "no node " + id);
    }
    return found;
  }

  /** Leaves the file of term and vote empty, as a full disk does. */
  private static void forgetTermAndVote(Path raft) throws IOException {
    List<Path> found = Damage.files(raft.getParent(), Damage.Kind.RAFT_META);
    if (found.isEmpty()) {
      throw new IOException("no raft-meta in " + raft);
    }
    Files.write(found.getFirst(), new byte[0]);
  }

  /** Stands beside the cluster of the workload, with five servers of its own. */
  private static void growAndShrink(Harm harm) throws IOException, InterruptedException {
    Path directory =
        Files.createTempDirectory(harm.cluster().processes().directory(), "membership");
    ProcessCluster servers = new ProcessCluster(directory);
    for (int i = 0; i < MOST_VOTERS; i++) {
      servers.add("s" + i % 2);
      servers
          .node(i)
          .javaOptions(
              "-Xmx192m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              // Beside those of the workload's servers, where they are looked for.
              "-XX:ErrorFile=" + directory.resolveSibling("hs_err_membership_%p.log"));
    }
    servers.node(0).arguments("--voters", Integer.toString(MOST_VOTERS));
    try (Wires wires = (Wires) Wires.layout().arrange(servers);
        servers) {
      servers.spawn(0);
      servers.awaitAnswer(0);
      List<Endpoint> endpoints = servers.endpoints().stream().map(Endpoint::parse).toList();
      try (ClusterAdmin admin = ClusterAdmin.connect(endpoints, CALL_TIMEOUT)) {
        new Growth(harm, servers, wires, admin).run();
      }
    }
  }

  /** The course of one such cluster. Every step makes a table, and none may ever be missing. */
  private record Growth(Harm harm, ProcessCluster servers, Wires wires, ClusterAdmin admin) {
    void run() throws IOException, InterruptedException {
      List<String> tables = new ArrayList<>();
      awaitVoters(1);
      tables.add(createTable("one"));
      servers.spawn(1);
      servers.spawn(2);
      cut();
      awaitVoters(3);
      tables.add(createTable("three"));
      servers.spawn(3);
      servers.spawn(4);
      cut();
      awaitVoters(5);
      tables.add(createTable("five"));
      List<Integer> victims = twoFollowers();
      for (int victim : victims) {
        servers.kill(victim);
        forgetTermAndVote(servers.node(victim).raft());
      }
      tables.add(createTable("three-left"));
      victims.forEach(servers::spawn);
      cut();
      awaitNewPeers(victims);
      awaitVoters(5);
      tables.add(createTable("five-again"));
      await().atMost(ProcessCluster.PATIENCE).until(() -> isSameEverywhere(tables));
      for (int i = 0; i < servers.size(); i++) {
        if (!servers.isAlive(i)) {
          harm.checks().violated(12, servers.id(i) + " of the second cluster ended by itself");
        }
      }
      harm.fired("membership", "1, 3, 5, 3 and 5 voters");
    }

    /** One server and the leader lose sight of each other for a while. */
    private void cut() throws InterruptedException {
      try {
        int leader = leader();
        int other = (leader + 1 + harm.random().nextInt(MOST_VOTERS - 1)) % MOST_VOTERS;
        wires.drop(leader, other);
        if (harm.random().nextBoolean()) {
          wires.drop(other, leader);
        }
        harm.endure(Strikes.between(harm, Duration.ofSeconds(1), CUT));
      } finally {
        wires.heal();
      }
    }

    private int leader() {
      String leader = admin.read().leader();
      for (int i = 0; i < servers.size(); i++) {
        if (servers.id(i).equals(leader)) {
          return i;
        }
      }
      return 0;
    }

    private List<Integer> twoFollowers() {
      int leader = leader();
      List<Integer> followers = new ArrayList<>();
      for (int i = 0; i < MOST_VOTERS; i++) {
        if (i != leader) {
          followers.add(i);
        }
      }
      Collections.shuffle(followers, harm.random());
      return followers.subList(0, 2);
    }

    private void awaitVoters(long count) {
      await()
          .atMost(ProcessCluster.PATIENCE)
          .ignoreExceptionsInstanceOf(FeatureKvException.class)
          .until(
              () ->
                  admin.read().metadata().nodes().values().stream()
                          .filter(NodeRecord::voter)
                          .count()
                      == count);
    }

    private void awaitNewPeers(List<Integer> victims) {
      await()
          .atMost(ProcessCluster.PATIENCE)
          .ignoreExceptionsInstanceOf(FeatureKvException.class)
          .until(
              () ->
                  victims.stream()
                      .map(victim -> node(admin, servers.id(victim)))
                      .allMatch(node -> node.incarnation() > 0 && node.voter()));
    }

    /** Acknowledged, however long it takes. */
    private String createTable(String name) {
      TableOptions options =
          new TableOptions(1, 1, 0, Limits.MAX_VALUE_BYTES, new ActivateWhen.All());
      await()
          .atMost(ProcessCluster.PATIENCE)
          .ignoreExceptionsMatching(
              e ->
                  e instanceof FeatureKvException known
                      && known.code() != ErrorCode.CONFLICT
                      && known.code() != ErrorCode.INVALID_ARGUMENT)
          .until(
              () -> {
                if (!admin.read().metadata().tables().containsKey(name)) {
                  admin.propose(new Command.CreateTable(name, TableKind.MEM, options));
                }
                return true;
              });
      return name;
    }

    /** Every server has every table; a state that lacks one is wrong for good once it is fresh. */
    private boolean isSameEverywhere(List<String> tables) {
      for (int i = 0; i < servers.size(); i++) {
        try (ClusterAdmin one =
            ClusterAdmin.connect(List.of(Endpoint.parse(servers.endpoint(i))), CALL_TIMEOUT)) {
          ClusterAdmin.MetadataView view = one.read();
          ClusterMetadata metadata = view.metadata();
          if (view.fresh() && !metadata.tables().keySet().containsAll(tables)) {
            harm.checks()
                .violated(
                    1, tables + " were acknowledged, there are " + metadata.tables().keySet());
            return true;
          }
          if (!view.fresh()) {
            return false;
          }
        } catch (FeatureKvException e) {
          return false;
        }
      }
      return true;
    }
  }
}
