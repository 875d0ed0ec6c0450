package io.featurekv.chaos.simulation;

import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.OperationIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All that the parts of one simulated world share. One thread. */
final class World {
  /** One world out of so many. */
  private static final int PROVING_REPLICATION = 8;

  final long seed;
  final Chance chance;
  final SimulatedTime time = new SimulatedTime();
  final Tally tally = new Tally();
  final @Nullable Defect defect;
  final Invariants invariants;
  final VoterGroup group;
  final List<SimulatedNode> nodes = new ArrayList<>();

  /** Every file that was ever made, by the digest in hex. */
  final Map<String, FileContent> contents = new HashMap<>();

  /**
   * Whether commands go over the wire in this world, and voters and streams apply them for
   * themselves and are held against one another. The other worlds take the states that the log is
   * known to make, which is much faster.
   */
  final boolean provesReplication;

  /** Names of the sects that nodes may be in. */
  final List<String> sects;

  /** From here on nothing goes wrong any more. */
  boolean isCalm;

  private final @Nullable List<String> schedule;

  /** {@code schedule} takes down what happens; null to be faster. */
  World(long seed, @Nullable Defect defect, @Nullable List<String> schedule) {
    this.seed = seed;
    this.defect = defect;
    this.schedule = schedule;
    this.chance = new Chance(seed);
    this.provesReplication = defect != null || seed % PROVING_REPLICATION == 0;
    this.sects = List.of("a", "b", "c").subList(0, 1 + chance.below(3));
    this.invariants = new Invariants(this);
    this.group = new VoterGroup(this);
  }

  /** Whether a fault strikes now that would once in so many times; it has to be told of then. */
  boolean isStruck(int oneIn) {
    return !isCalm && chance.oneIn(oneIn);
  }

  void fired(Fault fault) {
    tally.fired(fault);
    note(() -> "fault: " + fault);
  }

  void note(Supplier<String> what) {
    if (schedule != null) {
      schedule.add(String.format("%,15.3f s  %s", time.nanos() / 1e9, what.get()));
    }
  }

  boolean has(Defect planted) {
    return defect == planted;
  }

  CommandEnvelope envelope(Command command, long nowMillis) {
    return new CommandEnvelope(
        OperationIds.next(nowMillis, chance.generator()), nowMillis, command);
  }

  @Nullable SimulatedNode node(String id) {
    for (SimulatedNode node : nodes) {
      if (node.id.equals(id)) {
        return node;
      }
    }
    return null;
  }

  /** Nodes that somebody can talk to now. */
  List<SimulatedNode> reachable() {
    return nodes.stream().filter(SimulatedNode::isReachable).toList();
  }
}
