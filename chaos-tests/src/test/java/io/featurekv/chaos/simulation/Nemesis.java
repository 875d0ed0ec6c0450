package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ChainFile;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.node.wire.FileKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Does harm to a world as a whole, and heals it in the end. */
final class Nemesis {
  private static final long DAY_MILLIS = 24 * 3_600_000L;

  /** By then all that was on its way has come. */
  private static final long LATEST_MILLIS = 91_000;

  private final World world;

  Nemesis(World world) {
    this.world = world;
  }

  /** One fault, or the end of one. */
  void strike() {
    SimulatedNode node = world.chance.of(world.nodes);
    switch (world.chance.below(28)) {
      case 0, 1, 2 -> crash(node);
      case 3, 4, 5, 6, 7 -> startOneThatIsDown();
      case 8 -> {
        if (world.chance.oneIn(6)) {
          world.fired(Fault.CRASH_OF_ALL);
          world.nodes.stream().filter(SimulatedNode::isUp).forEach(SimulatedNode::crash);
          world.nodes.forEach(this::start);
        }
      }
      case 9, 10 -> {
        world.fired(Fault.PAUSE);
        long millis = world.chance.of(List.of(1_000L, 12_000L, 70_000L));
        node.pausedUntilNanos = world.time.nanos() + millis * 1_000_000;
      }
      case 11, 12 -> {
        world.fired(Fault.PARTITION);
        node.isPartitioned = true;
        world.note(() -> node.id + " is cut off");
      }
      case 13, 14 -> world.nodes.forEach(each -> each.isPartitioned = false);
      case 15 -> {
        world.fired(Fault.HEARTBEATS_LOST);
        node.isLosingHeartbeats = true;
        world.time.after(
            world.chance.between(2_000, 20_000), () -> node.isLosingHeartbeats = false);
      }
      case 16, 17 -> world.group.elect(true);
      case 18 -> {
        if (node.voter != null) {
          world.fired(Fault.VOTER_LAGS);
          node.laggingUntilNanos =
              world.time.nanos() + world.chance.between(1_000, 60_000) * 1_000_000;
        }
      }
      case 19 -> {
        world.fired(Fault.CLOCK_OFF);
        node.clockOffMillis = world.chance.between(-DAY_MILLIS, DAY_MILLIS);
      }
      case 20 -> {
        world.fired(Fault.DISK_FULL);
        node.disk.isFull = true;
        world.time.after(world.chance.between(5_000, 60_000), () -> node.disk.isFull = false);
      }
      case 21, 22 -> damage(node, false);
      case 23 -> damage(node, true);
      case 24 -> world.nodes.forEach(SimulatedNode::scrub);
      case 25 -> retire(node);
      default -> snapshot(node);
    }
  }

  private void crash(SimulatedNode node) {
    if (node.isUp()) {
      world.fired(Fault.CRASH);
      node.crash();
      if (world.group.leader() == node) {
        world.group.elect(false);
      }
    }
  }

  private void startOneThatIsDown() {
    List<SimulatedNode> down =
        world.nodes.stream().filter(node -> !node.isUp() && !node.isRetired).toList();
    if (!down.isEmpty()) {
      SimulatedNode node = world.chance.of(down);
      if (world.chance.oneIn(6)) {
        node.weight = 50 + world.chance.below(200);
        world.tally.done(Operation.NODE_REWEIGHED);
      }
      start(node);
    }
  }

  private void start(SimulatedNode node) {
    if (node.isUp() || node.isRetired) {
      return;
    }
    long newest = world.group.length();
    boolean isStale = world.isStruck(3);
    if (isStale) {
      world.fired(Fault.STALE_METADATA_AT_START);
    }
    node.storeMetadata(
        world.group.at(isStale ? newest / 2 : Math.min(newest, node.feed().current().index())));
    node.start();
  }

  private void snapshot(SimulatedNode node) {
    if (node.voter != null && node.isUp()) {
      node.voter.takeSnapshot();
    }
  }

  /** One copy of a file, as long as there is another one that is sound. */
  private void damage(SimulatedNode node, boolean isGone) {
    List<FileKey> keys = new ArrayList<>(node.disk.files.keySet());
    if (keys.isEmpty() || (isGone && node.isUp())) {
      return;
    }
    FileKey key = world.chance.of(keys);
    SimulatedDisk.Whole whole = node.disk.files.get(key);
    boolean isElsewhere =
        world.nodes.stream()
            .filter(other -> other != node && !other.isRetired)
            .map(other -> other.disk.files.get(key))
            .anyMatch(
                other ->
                    other != null
                        && !other.isDamaged
                        && other.content.digest().equals(whole.content.digest()));
    if (!isElsewhere || whole.isDamaged) {
      return;
    }
    if (isGone) {
      world.fired(Fault.FILE_GONE);
      node.disk.vanish(key, world.time.nanos());
    } else {
      world.fired(Fault.FILE_DAMAGED);
      whole.isDamaged = true;
    }
    world.note(() -> key + " on " + node.id + (isGone ? " is gone" : " is damaged"));
  }

  /** A node that nobody needs for its files, nor as a voter, goes for ever. */
  private void retire(SimulatedNode node) {
    long ofSect =
        world.nodes.stream().filter(each -> each.sect.equals(node.sect) && !each.isRetired).count();
    if (node.isVoter || ofSect < 2 || node.isRetired || !canBeMissed(node)) {
      return;
    }
    world.fired(Fault.NODE_RETIRED);
    if (node.isUp()) {
      node.crash();
    }
    node.isRetired = true;
  }

  private boolean canBeMissed(SimulatedNode node) {
    ClusterMetadata metadata = world.group.newest();
    for (TableRecord table : metadata.tables().values()) {
      for (VersionRecord version : table.versions().values()) {
        for (int shard = 0; version.state().isKept() && shard < version.shardCount(); shard++) {
          if (!world.invariants.isRecoverable(table, version, shard, node, _ -> true)) {
            return false;
          }
          for (ChainFile file : table.chain(version, shard)) {
            if (file.holders().equals(java.util.Set.of(node.id))) {
              return false;
            }
          }
          // A copy that another node has but may delete at any time is none to rely on: as long as
          // nobody has noticed that this one is gone, its files count.
          boolean isWithOthersOnly = !version.shards().get(shard).ready().contains(node.id);
          if (!isWithOthersOnly && !isKeptWithout(metadata, node, table, version, shard)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Whether a node that a shard is placed on has it ready, other than one. */
  private boolean isKeptWithout(
      ClusterMetadata metadata,
      SimulatedNode node,
      TableRecord table,
      VersionRecord version,
      int shard) {
    return Placement.sects(metadata).stream()
        .map(sect -> Placement.nodeFor(metadata, sect, table.name(), shard))
        .flatMap(Optional::stream)
        .map(NodeRecord::id)
        .anyMatch(id -> !id.equals(node.id) && version.shards().get(shard).ready().contains(id));
  }

  /** From here on everything works. */
  void heal() {
    world.isCalm = true;
    world.time.advance(LATEST_MILLIS);
    world.note(() -> "everything is healed");
    for (SimulatedNode node : world.nodes) {
      node.isPartitioned = false;
      node.isLosingHeartbeats = false;
      node.pausedUntilNanos = 0;
      node.laggingUntilNanos = 0;
      node.clockOffMillis = 0;
      node.disk.isFull = false;
      start(node);
    }
    world.group.elect(false);
  }
}
