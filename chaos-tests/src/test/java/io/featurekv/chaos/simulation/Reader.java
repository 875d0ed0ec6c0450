package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.node.serving.ServedTable;
import io.featurekv.node.serving.ServedVersion;
import io.featurekv.storage.ShardChain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One client session that reads: refuses older routing, pins a version for all of a batch. */
final class Reader {
  private final World world;
  private final List<Pinned> pinned = new ArrayList<>();
  private ClusterMetadata seen = ClusterMetadata.empty();

  private record Pinned(TableRecord table, long version) {}

  Reader(World world) {
    this.world = world;
  }

  /** A batch over all shards of a table, at the version that is active now. */
  void read() {
    SimulatedNode router = router();
    if (router == null) {
      return;
    }
    ClusterMetadata metadata = router.feed().current();
    for (TableRecord table : metadata.tables().values()) {
      TableRecord before = seen.tables().get(table.name());
      neverBack(before, table, metadata.index());
      if (table.activeVersion() != 0) {
        pinned.add(new Pinned(table, table.activeVersion()));
        boolean isAnswered = read(table, table.activeVersion());
        world.tally.done(isAnswered ? Operation.READ : Operation.READ_REFUSED);
      }
      unpinned(table);
    }
    seen = metadata;
  }

  /** A batch at a version that was active once. */
  void readPinned() {
    if (!pinned.isEmpty()) {
      Pinned pin = world.chance.of(pinned);
      boolean isAnswered = read(pin.table(), pin.version());
      world.tally.done(isAnswered ? Operation.PINNED_READ : Operation.READ_REFUSED);
    }
  }

  private @Nullable SimulatedNode router() {
    List<SimulatedNode> routers =
        world.reachable().stream()
            .filter(node -> node.feed().current().index() >= seen.index())
            .toList();
    return routers.isEmpty() ? null : world.chance.of(routers);
  }

  /** I3: back only where somebody said so; and the past is for everybody the same. */
  private void neverBack(@Nullable TableRecord before, TableRecord table, long index) {
    TableRecord right = world.group.at(index).tables().get(table.name());
    if (!world.invariants.holds(right != null && right.activeVersion() == table.activeVersion())) {
      world.invariants.broken(
          "I7", "version " + table.activeVersion() + " is told to be active at index " + index);
    }
    if (before == null
        || before.id() != table.id()
        || before.activeVersion() <= table.activeVersion()) {
      return;
    }
    boolean isSaid = false;
    for (long at = seen.index() + 1; at <= index; at++) {
      Command command = world.group.envelope(at).command();
      isSaid |=
          (command instanceof Command.Rollback back && back.table().equals(table.name()))
              || (command instanceof Command.ActivateVersion activate
                  && !activate.onlyIfReady()
                  && activate.table().equals(table.name()));
    }
    if (!world.invariants.holds(isSaid)) {
      world.invariants.broken(
          "I3",
          "the active version goes back from "
              + before.activeVersion()
              + " to "
              + table.activeVersion()
              + " and nobody said so");
    }
  }

  /** What a node answers with that is asked for no version. */
  private void unpinned(TableRecord table) {
    List<SimulatedNode> nodes = world.reachable();
    if (nodes.isEmpty()) {
      return;
    }
    SimulatedNode node = world.chance.of(nodes);
    var picture = node.picture();
    ServedTable served = picture.table(table.name());
    if (served != null) {
      ClusterMetadata known = world.group.at(picture.metadataIndex());
      TableRecord right = known.tables().get(table.name());
      // A node that is not in the metadata yet is in no sect, so no trial is on it; nobody is sent
      // to it either.
      String sect = known.nodes().containsKey(node.id) ? node.sect : "";
      if (!world.invariants.holds(
          right != null && right.versionIn(sect) == served.activeVersion())) {
        world.invariants.broken(
            "I7",
            node.id + " answers with version " + served.activeVersion() + " of " + table.name());
      }
    }
  }

  /**
   * Reads every shard of a version, each wherever it is to be had.
   *
   * @return false where a part could not be had
   */
  boolean read(TableRecord table, long version) {
    VersionRecord record = table.versions().get(version);
    boolean isWhole = record != null;
    for (int shard = 0; record != null && shard < record.shardCount(); shard++) {
      isWhole &= read(table, record, shard);
    }
    return isWhole;
  }

  private boolean read(TableRecord table, VersionRecord version, int shard) {
    List<String> ready = new ArrayList<>(version.shards().get(shard).ready());
    for (SimulatedNode node : world.nodes) {
      if (!ready.contains(node.id)) {
        ready.add(node.id);
      }
    }
    Collections.rotate(ready, world.chance.below(ready.size()));
    for (String id : ready) {
      SimulatedNode node = world.node(id);
      if (node != null && node.isReachable() && ask(node, table, version.number(), shard, true)) {
        return true;
      }
    }
    return false;
  }

  private boolean ask(
      SimulatedNode node, TableRecord table, long version, int shard, boolean mayForward) {
    ServedTable served = node.picture().table(table.name());
    ServedVersion of = served == null ? null : served.version(version);
    if (served == null || of == null || shard >= of.shardCount()) {
      return false;
    }
    ShardChain chain = of.chains().get(shard);
    if (world.has(Defect.READ_OF_ANOTHER_VERSION) && world.chance.oneIn(4)) {
      ServedVersion other = served.version(version - 1);
      chain = other != null && shard < other.shardCount() ? other.chains().get(shard) : chain;
    }
    if (chain != null && chain.tryAcquire()) {
      chain.release();
      world.invariants.answered(table, version, shard, node.filesOf(chain), node.id);
      return true;
    }
    return mayForward
        && of.elsewhere().get(shard).stream()
            .map(world::node)
            .filter(Objects::nonNull)
            .filter(other -> other.isReachable() && !node.isPartitioned)
            .anyMatch(other -> ask(other, table, version, shard, false));
  }
}
