package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.node.reconcile.WantedChain;
import io.featurekv.node.wire.FileKey;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One simulated cluster, from its forming to where it has come to rest again after its faults: all
 * of it follows from the seed. One thread.
 */
final class Simulation {
  private static final int MAX_NODES = 5;
  private static final int LEAST_STEPS = 20;
  private static final int MOST_STEPS = 50;
  private static final int MOST_STEPS_OF_LONG_WORLDS = 110;

  /** One world out of so many. */
  private static final int LONG_WORLDS = 4;

  private static final long IDLE_ROUND_MILLIS = 22_500;
  private static final int LEAST_IDLE_ROUNDS = 3;
  private static final int MOST_IDLE_ROUNDS = 12;
  private static final int MAX_CALM_ROUNDS = 400;

  /** The grace of a version, and some rounds. */
  private static final long GARBAGE_MILLIS = 70_000;

  private static final long DAY_MILLIS = 24 * 3_600_000L;

  private final World world;
  private final Clients clients;
  private final Nemesis nemesis;
  private final boolean isSlow;

  private Simulation(World world) {
    this.world = world;
    this.clients = new Clients(world);
    this.nemesis = new Nemesis(world);
    this.isSlow = world.chance.oneIn(12);
  }

  /**
   * Runs the world of a seed.
   *
   * @param schedule takes down what happens; null to be faster
   * @return what happened
   * @throws InvariantBroken when something happened that must never be
   */
  static Tally run(long seed, @Nullable Defect defect, @Nullable List<String> schedule) {
    World world = new World(seed, defect, schedule);
    Simulation simulation = new Simulation(world);
    simulation.run();
    world.tally.seeds = 1;
    return world.tally;
  }

  private void run() {
    form();
    int most = world.chance.oneIn(LONG_WORLDS) ? MOST_STEPS_OF_LONG_WORLDS : MOST_STEPS;
    int steps = (int) world.chance.between(LEAST_STEPS, most);
    for (int step = 0; step < steps; step++) {
      step();
    }
    nemesis.heal();
    converge();
    clients.pinThroughDrop(this::letGoBy);
    collectGarbage();
    readAll();
  }

  private void form() {
    world.group.append(
        world.envelope(new Command.FormCluster("simulated", 3), world.time.millis()),
        VoterGroup.Origin.CLIENT);
    int nodes = Math.max(world.sects.size(), 1 + world.chance.below(MAX_NODES - 1));
    boolean haveFollowers = world.chance.oneIn(4);
    for (int i = 0; i < nodes; i++) {
      addNode(i < 3 || !haveFollowers);
    }
    world.group.elect(false);
    for (int round = 0; round < 4; round++) {
      calmRound(500);
    }
  }

  private void addNode(boolean isVoter) {
    int number = world.nodes.size();
    SimulatedNode node =
        new SimulatedNode(
            world, "n" + number, world.sects.get(number % world.sects.size()), isVoter);
    world.nodes.add(node);
    node.start();
  }

  private void step() {
    world.tally.steps++;
    passTime();
    if (world.chance.oneIn(2)) {
      clients.act();
    }
    if (world.chance.oneIn(5)) {
      nemesis.strike();
    }
    if (world.nodes.size() < MAX_NODES && world.chance.oneIn(50)) {
      world.tally.done(Operation.NODE_ADDED);
      addNode(false);
    }
    world.chance.of(world.nodes).tick();
    world.chance.of(world.nodes).tick();
    SimulatedNode leader = world.group.leader();
    if (leader == null || !leader.isReachable()) {
      world.group.elect(false);
    }
    world.chance.of(world.nodes).lead();
    if (leader != null && world.chance.oneIn(2)) {
      leader.tick();
      leader.lead();
    }
  }

  private void passTime() {
    long millis = world.chance.between(50, 1_200);
    if (world.chance.oneIn(12)) {
      millis = world.chance.between(3_000, 20_000);
    } else if (world.chance.oneIn(50)) {
      millis = world.chance.between(61_000, 400_000);
    } else if (isSlow && world.chance.oneIn(3)) {
      millis = world.chance.between(1, 3) * 3_600_000;
    } else if (world.isStruck(400)) {
      world.fired(Fault.DAY_PASSES);
      millis = DAY_MILLIS + world.chance.between(0, 3_600_000);
    }
    world.time.advance(millis);
    world.nodes.forEach(SimulatedNode::beat);
  }

  private void calmRound(long millis) {
    world.time.advance(millis);
    world.nodes.forEach(SimulatedNode::beat);
    world.nodes.forEach(SimulatedNode::tick);
    world.nodes.forEach(SimulatedNode::lead);
  }

  private void letGoBy(long millis) {
    calmRound(500);
    for (long left = millis; left > 0; left -= IDLE_ROUND_MILLIS) {
      calmRound(Math.min(left, IDLE_ROUND_MILLIS));
    }
    calmRound(500);
  }

  /** I11: after everything is healed, the cluster comes to rest in bounded time. */
  private void converge() {
    world.nodes.forEach(SimulatedNode::scrub);
    String missing = "";
    for (int round = 0; round < MAX_CALM_ROUNDS; round++) {
      calmRound(round < 10 ? 500 : round < 30 ? 2_000 : 5_000);
      missing = round % 2 == 1 ? missing().orElse("") : "not looked at";
      if (missing.isEmpty()) {
        world.nodes.forEach(this::compare);
        return;
      }
    }
    world.invariants.broken("I11", "the cluster does not come to rest: " + missing);
  }

  private void compare(SimulatedNode node) {
    if (node.voter != null) {
      node.voter.compare();
    }
  }

  /** What is still to come in a world that has not come to rest. */
  private Optional<String> missing() {
    ClusterMetadata metadata = world.group.newest();
    for (SimulatedNode node : world.nodes) {
      NodeRecord record = metadata.nodes().get(node.id);
      boolean isKnown =
          record != null && record.state() == NodeState.UP && record.session() == node.session();
      if (!node.isRetired && !isKnown) {
        return Optional.of(node.id + " is not known as it is: " + record);
      }
      if (!node.isRetired && node.feed().current().index() != metadata.index()) {
        return Optional.of(node.id + " has not caught up");
      }
    }
    for (TaskRecord task : metadata.tasks().values()) {
      if (!task.state().isFinal() && !isLost(metadata, task)) {
        return Optional.of("task " + task.id() + " is " + task.state());
      }
    }
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        Optional<String> missing = missing(metadata, table, version);
        if (missing.isPresent()) {
          return missing;
        }
      }
    }
    return Optional.empty();
  }

  /** Whether nobody has a file any more that a version needs: it waits for one that has. */
  private boolean isLost(TableRecord table, VersionRecord version) {
    for (int shard = 0; shard < version.shardCount(); shard++) {
      if (version.state().isKept() && !world.invariants.isRecoverable(table, version, shard)) {
        return true;
      }
    }
    return false;
  }

  private boolean isLost(ClusterMetadata metadata, TaskRecord task) {
    TableRecord table = metadata.tables().get(task.table());
    VersionRecord version = table == null ? null : table.versions().get(task.version());
    return version != null && isLost(table, version);
  }

  private Optional<String> missing(
      ClusterMetadata metadata, TableRecord table, VersionRecord version) {
    String name = "version " + version.number() + " of " + table.name();
    boolean isOnItsWay =
        version.state() == VersionState.SEALED
            || version.state() == VersionState.LOADING
            || (version.state() == VersionState.READY && version.activateWhenReady());
    if (isOnItsWay && !isLost(table, version)) {
      return Optional.of(name + " is " + version.state());
    }
    for (int shard = 0; version.state().isKept() && shard < version.shardCount(); shard++) {
      if (!world.invariants.isRecoverable(table, version, shard)) {
        continue;
      }
      for (String sect : Placement.sects(metadata)) {
        Optional<NodeRecord> placed = Placement.nodeFor(metadata, sect, table.name(), shard);
        SimulatedNode node = placed.isEmpty() ? null : world.node(placed.get().id());
        boolean isThere =
            node == null
                // One that is gone for ever has to be taken over first.
                || (!node.isRetired
                    && node.hasOpen(new WantedChain.Key(table.name(), version.number(), shard))
                    && version.shards().get(shard).ready().contains(node.id));
        if (!isThere) {
          return Optional.of(
              "shard " + shard + " of " + name + " (" + version.state() + ") on " + node.id);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Once the grace is over nothing is left of what is no longer kept. A chain is let go of by one
   * ancestor after the other, each with a grace of its own.
   */
  private void collectGarbage() {
    letGoBy(LEAST_IDLE_ROUNDS * IDLE_ROUND_MILLIS);
    Optional<String> garbage = garbage();
    for (int round = LEAST_IDLE_ROUNDS; garbage.isPresent() && round < MOST_IDLE_ROUNDS; round++) {
      letGoBy(IDLE_ROUND_MILLIS);
      garbage = garbage();
    }
    if (garbage.isPresent()) {
      world.invariants.broken("I11", garbage.get());
    }
  }

  private Optional<String> garbage() {
    ClusterMetadata metadata = world.group.newest();
    for (SimulatedNode node : world.nodes) {
      for (FileKey key : node.isRetired ? List.<FileKey>of() : node.disk.allStored()) {
        TableRecord table = metadata.tables().get(key.id().table());
        VersionRecord version = table == null ? null : table.versions().get(key.id().version());
        boolean isRecent =
            version != null && world.time.millis() - version.retiredAtMillis() < GARBAGE_MILLIS;
        if (!world.invariants.holds(isRecent || (version != null && version.state().isKept()))) {
          return Optional.of(
              key
                  + " is still on "
                  + node.id
                  + ", its version is "
                  + (version == null ? "forgotten" : version.state()));
        }
      }
    }
    return Optional.empty();
  }

  /** In a calm world every key of every active version is answered. */
  private void readAll() {
    ClusterMetadata metadata = world.group.newest();
    for (TableRecord table : metadata.tables().values()) {
      VersionRecord active = table.active();
      if (active == null) {
        continue;
      }
      for (Reader reader : clients.readers()) {
        reader.read();
      }
      boolean isRecoverable = true;
      for (int shard = 0; shard < active.shardCount(); shard++) {
        isRecoverable &= world.invariants.isRecoverable(table, active, shard);
      }
      if (!world.invariants.holds(
          !isRecoverable || clients.readers().getFirst().read(table, active.number()))) {
        world.invariants.broken(
            "I11", "version " + active.number() + " of " + table.name() + " is not answered");
      }
    }
  }
}
