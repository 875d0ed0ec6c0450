package io.featurekv.chaos.simulation;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.NodeState;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.TaskRecord;
import io.featurekv.metadata.TaskState;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a version may become, by whose word, and what must not come back. */
final class LifeOfVersions {
  private static final Map<VersionState, Set<VersionState>> NEXT =
      new EnumMap<>(VersionState.class);

  static {
    NEXT.put(
        VersionState.BUILDING,
        EnumSet.of(VersionState.SEALED, VersionState.FAILED, VersionState.DROPPED));
    NEXT.put(
        VersionState.SEALED,
        EnumSet.of(VersionState.LOADING, VersionState.FAILED, VersionState.DROPPED));
    NEXT.put(
        VersionState.LOADING,
        EnumSet.of(VersionState.READY, VersionState.FAILED, VersionState.DROPPED));
    NEXT.put(
        VersionState.READY,
        EnumSet.of(
            VersionState.ACTIVE,
            VersionState.FAILED,
            VersionState.ROLLED_BACK,
            VersionState.DROPPED));
    NEXT.put(VersionState.ACTIVE, EnumSet.of(VersionState.RETAINED, VersionState.ROLLED_BACK));
    NEXT.put(VersionState.RETAINED, EnumSet.of(VersionState.ACTIVE, VersionState.DROPPED));
    NEXT.put(VersionState.ROLLED_BACK, EnumSet.of(VersionState.ACTIVE, VersionState.DROPPED));
    NEXT.put(VersionState.FAILED, EnumSet.of(VersionState.BUILDING, VersionState.DROPPED));
    NEXT.put(VersionState.DROPPED, EnumSet.noneOf(VersionState.class));
  }

  private final Invariants invariants;

  /** The largest version number that a table of a name ever had. */
  private final Map<String, Long> largest = new HashMap<>();

  LifeOfVersions(Invariants invariants) {
    this.invariants = invariants;
  }

  private boolean holds(boolean isSo) {
    return invariants.holds(isSo);
  }

  private void broken(String invariant, String what) {
    invariants.broken(invariant, what);
  }

  /** A table is not what it was. */
  @SuppressWarnings("ReferenceEquality") // Records are replaced when they change.
  void changed(
      ClusterMetadata before,
      @Nullable TableRecord old,
      TableRecord table,
      CommandEnvelope envelope,
      VoterGroup.Origin origin) {
    int active = 0;
    for (VersionRecord version : table.versions().values()) {
      active += version.state() == VersionState.ACTIVE ? 1 : 0;
      VersionRecord was = old == null ? null : old.versions().get(version.number());
      if (was != version) {
        changed(table, was, version, envelope.command());
      }
    }
    VersionRecord now = table.active();
    if (!holds(
        active == (table.activeVersion() == 0 ? 0 : 1)
            && (now == null || now.state() == VersionState.ACTIVE)
            && (now != null || table.activeVersion() == 0))) {
      broken("I7", active + " versions of " + table.name() + " are active");
    }
    if (old == null) {
      if (!holds(table.nextVersion() > largest.getOrDefault(table.name(), 0L))) {
        broken("I1", "version numbers of " + table.name() + " are used again");
      }
      return;
    }
    for (VersionRecord was : old.versions().values()) {
      boolean isTold = table.versions().containsKey(was.number());
      if (!holds(
          isTold || was.state() == VersionState.FAILED || was.state() == VersionState.DROPPED)) {
        broken("I1", "version " + was.number() + ", which is " + was.state() + ", is forgotten");
      }
    }
    if (old.activeVersion() != table.activeVersion()) {
      activated(before, old, table, envelope.command(), origin);
    }
    if (envelope.command() instanceof Command.DropVersion drop) {
      dropped(old, drop, envelope.issuedAtMillis(), origin);
    }
  }

  private void changed(
      TableRecord table, @Nullable VersionRecord was, VersionRecord version, Command command) {
    String name = "version " + version.number() + " of " + table.name();
    if (was == null) {
      if (!holds(version.state() == VersionState.BUILDING)) {
        broken("I1", name + " begins as " + version.state());
      }
      if (!holds(version.number() > largest.getOrDefault(table.name(), 0L))) {
        broken("I1", name + " is used again");
      }
      largest.put(table.name(), version.number());
      return;
    }
    if (!holds(was.state() == version.state() || NEXT.get(was.state()).contains(version.state()))) {
      broken(
          "I1", name + " is " + was.state() + " and becomes " + version.state() + " by " + command);
    }
    if (!version.state().isKept()) {
      return;
    }
    long entries = 0;
    for (var shard : version.shards()) {
      FileManifest manifest = shard.manifest();
      if (!holds(manifest != null)) {
        broken("counts", name + " is " + version.state() + " and has no files");
      }
      entries += manifest == null ? 0 : manifest.entries();
    }
    if (!holds(entries == version.entries())) {
      broken("counts", name + " has other entries than its files");
    }
    if (!holds((version.mode() == UpdateMode.FULL) == (version.parent() == 0))) {
      broken("counts", name + " has the parent " + version.parent());
    }
    for (VersionRecord part : table.chain(version)) {
      if (!holds(part.state().isKept())) {
        broken(
            "I6",
            name + " (" + version.state() + ") builds on " + part.number() + ", " + part.state());
      }
    }
    for (int shard = 0; shard < version.shardCount(); shard++) {
      if (!holds(!table.settledChain(version, shard).isEmpty())) {
        broken("I6", name + " has no chain");
      }
    }
  }

  private void activated(
      ClusterMetadata before,
      TableRecord old,
      TableRecord table,
      Command command,
      VoterGroup.Origin origin) {
    boolean isByWord =
        command instanceof Command.ActivateVersion || command instanceof Command.Rollback;
    if (!holds(isByWord)) {
      broken("I1", "another version is active by " + command);
    }
    VersionRecord chosen = Objects.requireNonNull(table.active(), "no version is active any more");
    VersionRecord was = Objects.requireNonNull(old.versions().get(chosen.number()));
    invariants.answerable(before, old, was);
    if (origin == VoterGroup.Origin.LEADER) {
      boolean isNewer =
          was.state() == VersionState.READY
              && chosen.number() > old.activeVersion()
              && (chosen.parent() == 0 || chosen.parent() == old.activeVersion());
      if (!holds(isNewer)) {
        broken(
            "I1",
            "version "
                + chosen.number()
                + " ("
                + was.state()
                + ") of "
                + table.name()
                + " becomes active by itself over "
                + old.activeVersion());
      }
    }
  }

  /** I6: the leader drops only what is beyond the table's number or older than its TTL. */
  private void dropped(
      TableRecord old, Command.DropVersion drop, long nowMillis, VoterGroup.Origin origin) {
    VersionRecord was = old.versions().get(drop.version());
    if (origin != VoterGroup.Origin.LEADER || was == null || was.state() == VersionState.DROPPED) {
      return;
    }
    long newer =
        old.versions().tailMap(was.number() + 1).values().stream()
            .filter(
                other ->
                    other.activatedAtMillis() != 0
                        && (other.state() == VersionState.RETAINED
                            || other.state() == VersionState.ROLLED_BACK))
            .count();
    long ttl = old.options().versionTtlMillis();
    boolean isOld = ttl > 0 && nowMillis - was.retiredAtMillis() > ttl;
    boolean isEndedCanary = was.activatedAtMillis() == 0;
    if (!holds(isOld || isEndedCanary || newer >= old.options().retain())) {
      broken(
          "I6",
          "version "
              + was.number()
              + " ("
              + was.state()
              + ") of "
              + old.name()
              + " is collected, although only "
              + newer
              + " newer ones are retained of "
              + old.options().retain());
    }
  }

  /** Counts what took effect. */
  void count(
      ClusterMetadata before, ClusterMetadata after, Command command, VoterGroup.Origin origin) {
    boolean isByLeader = origin == VoterGroup.Origin.LEADER;
    Operation operation =
        switch (command) {
          case Command.CreateTable _ -> Operation.CREATE_TABLE;
          case Command.AlterTable _ -> Operation.ALTER_TABLE;
          case Command.DropTable _ -> Operation.DROP_TABLE;
          case Command.SealBuild _ -> Operation.SHARED_LOAD;
          case Command.SealVersion c -> {
            TaskRecord task = after.tasks().get(c.taskId());
            yield task != null && task.mode() == UpdateMode.FULL
                ? Operation.FULL_LOAD
                : Operation.INCREMENTAL_LOAD;
          }
          case Command.StartCanary _ -> Operation.CANARY_STARTED;
          case Command.ActivateVersion _ ->
              isByLeader ? Operation.AUTOMATIC_ACTIVATION : Operation.ACTIVATE;
          case Command.Rollback _ -> Operation.ROLLBACK;
          case Command.DropVersion _ ->
              isByLeader ? Operation.COLLECTED_VERSION : Operation.DROP_VERSION;
          case Command.FailTask c ->
              isByLeader
                  ? Operation.TASK_FAILED_BY_LEADER
                  : c.cancelled() ? Operation.CANCEL_TASK : null;
          case Command.CompleteMerge _ -> Operation.MERGE_COMPLETED;
          case Command.SetNodeState c ->
              c.state() == NodeState.TAKEN_OVER ? Operation.NODE_TAKEN_OVER : null;
          case Command.BeginTask c -> {
            TaskRecord task = before.tasks().get(c.taskId());
            yield task != null && task.state() != TaskState.BUILDING ? Operation.RETRY_TASK : null;
          }
          default -> null;
        };
    if (operation != null) {
      invariants.world().tally.done(operation);
    }
    for (TableRecord table : before.tables().values()) {
      TableRecord now = after.tables().get(table.name());
      if (table.canary() != null && now != null && now.canary() == null) {
        invariants.world().tally.done(Operation.CANARY_ENDED);
      }
    }
  }
}
