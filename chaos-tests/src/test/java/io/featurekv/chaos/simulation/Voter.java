package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.MetadataChange;
import io.featurekv.metadata.MetadataCodec;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One voter's state machine: applies the log from where its last snapshot ends.
 *
 * <p>Most voters apply nothing themselves but take the states that the log is known to make, which
 * is faster; those that are {@code independent} read each entry and apply it, and are held against
 * the others by the hash of their state.
 */
final class Voter {
  /** Every so many entries the states are compared. */
  private static final int COMPARED_EVERY = 8;

  private final World world;
  private ClusterMetadata state = ClusterMetadata.empty();
  private boolean isIndependent;
  private byte @Nullable [] snapshot;
  private boolean isSpoilt;

  Voter(World world) {
    this.world = world;
    this.isIndependent =
        world.provesReplication && (world.chance.oneIn(4) || world.has(Defect.ENTRY_APPLIED_TWICE));
  }

  ClusterMetadata state() {
    return state;
  }

  void takeSnapshot() {
    ClusterMetadata kept = state;
    if (world.has(Defect.SNAPSHOT_FORGETS_OPERATIONS)) {
      kept =
          new ClusterMetadata(
              kept.formatVersion(),
              kept.clusterId(),
              kept.voterTarget(),
              kept.index(),
              kept.expiredBeforeMillis(),
              kept.nodes(),
              kept.tables(),
              kept.tasks(),
              kept.droppedTables(),
              new TreeMap<>(),
              kept.registers());
    } else if (world.has(Defect.SNAPSHOT_SKIPS_AN_ENTRY)
        && kept.index() > 0
        && kept.index() < world.group.length()) {
      kept =
          new ClusterMetadata(
              kept.formatVersion(),
              kept.clusterId(),
              kept.voterTarget(),
              kept.index() + 1,
              kept.expiredBeforeMillis(),
              kept.nodes(),
              kept.tables(),
              kept.tasks(),
              kept.droppedTables(),
              kept.operations(),
              kept.registers());
    }
    snapshot = MetadataCodec.encodeSnapshot(kept);
  }

  /** A new process: what was applied since the snapshot has to be applied again. */
  void restart() {
    if (snapshot == null) {
      isIndependent = false;
      state = world.group.at(state.index() - world.chance.between(0, Math.min(5, state.index())));
      return;
    }
    world.fired(Fault.SNAPSHOT_RESTORED);
    state = MetadataCodec.decodeSnapshot(snapshot);
    isIndependent = true;
    if (!world.provesReplication) {
      compare();
      state = world.group.at(state.index());
      isIndependent = false;
    }
  }

  /** Applies the next entry; null when there is none. */
  @Nullable MetadataChange applyNext() {
    long index = state.index() + 1;
    if (index > world.group.length()) {
      return null;
    }
    byte[] bytes = world.group.entry(index);
    if (isIndependent) {
      CommandEnvelope envelope = MetadataCodec.decodeCommand(bytes);
      if (world.has(Defect.APPLIED_BY_LOCAL_CLOCK)) {
        envelope =
            new CommandEnvelope(
                envelope.operationId(), envelope.issuedAtMillis() + 1, envelope.command());
      }
      ClusterMetadata after = state.apply(envelope, index).metadata();
      boolean isSpoiltNow =
          world.has(Defect.ENTRY_APPLIED_TWICE)
              && !isSpoilt
              && index < world.group.length()
              && world.chance.oneIn(10);
      if (isSpoiltNow) {
        // At one index a second application would change nothing: ids and sessions see to that.
        isSpoilt = true;
        after = after.apply(envelope, index + 1).metadata();
      }
      state = after;
      if (index % COMPARED_EVERY == 0) {
        compare();
      }
    } else {
      state = world.group.at(index);
    }
    return new MetadataChange(bytes, state);
  }

  /** Equal index, equal state. */
  void compare() {
    if (isIndependent) {
      world.invariants.sameState(state, world.group.hash(state.index()));
    }
  }
}
