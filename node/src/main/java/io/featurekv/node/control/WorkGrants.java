package io.featurekv.node.control;

import io.featurekv.metadata.BuilderCheck;
import io.featurekv.metadata.ClusterBuild;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.Placement;
import io.featurekv.metadata.ShardFigures;
import io.featurekv.metadata.ShardWork;
import io.featurekv.metadata.SplitFigures;
import io.featurekv.metadata.SplitRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.WorkLease;
import io.featurekv.metadata.WorkRecord;
import io.featurekv.metadata.WorkState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who works on what next in one build. Splits go out in the order of the inputs, to the builder
 * with the most room; shards go to builders that will hold them, as far as those have room. When
 * nothing is left to be begun, builders with room begin again what others are slow with.
 */
final class WorkGrants {
  /** So many times as long as others took for as much is slow. */
  private static final int SLOW_FACTOR = 3;

  private final ClusterMetadata metadata;
  private final TaskRecord task;
  private final ClusterBuild build;
  private final long nowMillis;
  private final long slowMillis;
  private final Map<String, Room> rooms = new TreeMap<>();

  /** A builder and what it may still be given. */
  private static final class Room {
    final NodeRecord node;
    int free;
    final SortedSet<Integer> splits = new TreeSet<>();
    final SortedSet<Integer> shards = new TreeSet<>();

    Room(NodeRecord node, int free) {
      this.node = node;
      this.free = free;
    }
  }

  /** {@code slowMillis}: what has been under way for less is not slow. */
  WorkGrants(
      ClusterMetadata metadata,
      TaskRecord task,
      ClusterBuild build,
      List<NodeRecord> builders,
      long nowMillis,
      long slowMillis) {
    this.metadata = metadata;
    this.task = task;
    this.build = build;
    this.nowMillis = nowMillis;
    this.slowMillis = slowMillis;
    for (NodeRecord node : builders) {
      BuilderCheck check = build.checks().get(node.id());
      if (check != null && check.session() == node.session() && check.mayBuild()) {
        rooms.put(node.id(), new Room(node, check.slots() - held(node.id())));
      }
    }
  }

  private int held(String nodeId) {
    int held = 0;
    for (SplitRecord split : build.splits()) {
      held += isHeldBy(split.work(), nodeId) ? 1 : 0;
    }
    for (ShardWork shard : build.shards()) {
      held += isHeldBy(shard.work(), nodeId) ? 1 : 0;
    }
    return held;
  }

  private static boolean isHeldBy(WorkRecord work, String nodeId) {
    return work.leases().stream().anyMatch(lease -> lease.nodeId().equals(nodeId));
  }

  List<Command> commands() {
    if (build.isRead()) {
      grantShards();
    } else {
      grantSplits();
    }
    List<Command> commands = new ArrayList<>();
    for (Room room : rooms.values()) {
      if (!room.splits.isEmpty() || !room.shards.isEmpty()) {
        commands.add(
            new Command.LeaseWork(
                task.id(),
                task.attempt(),
                room.node.id(),
                room.node.session(),
                room.splits,
                room.shards));
      }
    }
    return commands;
  }

  private void grantSplits() {
    for (int i = 0; i < build.splits().size(); i++) {
      WorkRecord work = build.splits().get(i).work();
      boolean waits = build.splits().get(i).doubted() && build.startOf(i) < 0;
      if (work.state() == WorkState.PENDING && !waits) {
        int index = i;
        roomFor(work, each -> true).ifPresent(room -> give(room, room.splits, index));
      }
    }
    double millisPerByte = splitMillisPerByte();
    for (int i = 0; i < build.splits().size(); i++) {
      SplitRecord split = build.splits().get(i);
      if (isSlow(split.work(), millisPerByte * split.planned().bytes())) {
        int index = i;
        roomFor(split.work(), each -> true).ifPresent(room -> give(room, room.splits, index));
      }
    }
  }

  private void grantShards() {
    List<Integer> rest = new ArrayList<>();
    for (int i = 0; i < build.shards().size(); i++) {
      WorkRecord work = build.shards().get(i).work();
      if (work.state() == WorkState.PENDING) {
        SortedSet<String> holders = new TreeSet<>();
        Placement.nodesFor(metadata, task.table(), i).forEach(node -> holders.add(node.id()));
        Optional<Room> room = roomFor(work, each -> holders.contains(each.node.id()));
        if (room.isPresent()) {
          give(room.get(), room.get().shards, i);
        } else {
          rest.add(i);
        }
      }
    }
    for (int i : rest) {
      roomFor(build.shards().get(i).work(), each -> true)
          .ifPresent(room -> give(room, room.shards, i));
    }
    double millisPerRow = shardMillisPerRow();
    for (int i = 0; i < build.shards().size(); i++) {
      WorkRecord work = build.shards().get(i).work();
      if (isSlow(work, millisPerRow * build.parsed().get(i).rows())) {
        int index = i;
        roomFor(work, each -> true).ifPresent(room -> give(room, room.shards, index));
      }
    }
  }

  private static void give(Room room, SortedSet<Integer> units, int index) {
    units.add(index);
    room.free--;
  }

  /**
   * The builder with the most room among those that do not work on it already; where there is
   * another one, not the one on which it failed last.
   */
  private Optional<Room> roomFor(WorkRecord work, Predicate<Room> isWanted) {
    boolean mayAvoid = work.failures() > 0 && rooms.size() > 1;
    return rooms.values().stream()
        .filter(room -> room.free > 0 && isWanted.test(room))
        .filter(room -> !isHeldBy(work, room.node.id()))
        .filter(room -> !mayAvoid || !room.node.id().equals(work.failedOn()))
        .min(
            Comparator.comparingInt((Room room) -> -room.free)
                .thenComparing(room -> room.node.id()));
  }

  private boolean isSlow(WorkRecord work, double usualMillis) {
    if (work.state() != WorkState.LEASED || work.leases().size() >= WorkRecord.MAX_LEASES) {
      return false;
    }
    WorkLease lease = work.leases().getFirst();
    double limitMillis = Math.max((double) slowMillis, SLOW_FACTOR * usualMillis);
    return nowMillis - lease.sinceMillis() > limitMillis;
  }

  private double splitMillisPerByte() {
    long millis = 0;
    long bytes = 0;
    for (SplitRecord split : build.splits()) {
      SplitFigures figures = split.figures();
      if (figures != null) {
        millis += figures.millis();
        bytes += split.planned().bytes();
      }
    }
    return bytes == 0 ? 0 : (double) millis / bytes;
  }

  private double shardMillisPerRow() {
    long millis = 0;
    long rows = 0;
    for (int i = 0; i < build.shards().size(); i++) {
      ShardFigures figures = build.shards().get(i).figures();
      if (figures != null) {
        millis += figures.millis();
        rows += build.parsed().get(i).rows();
      }
    }
    return rows == 0 ? 0 : (double) millis / rows;
  }
}
