package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.FileManifest;
import io.featurekv.model.Limits;
import io.featurekv.model.UpdateMode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The step from files that a builder made to a version that the cluster keeps. */
final class SealCommand {
  private SealCommand() {}

  static Applied sealVersion(Step step, Command.SealVersion command) {
    TaskRecord task = step.task(command.taskId(), command.attempt());
    if (task.state() != TaskState.BUILDING) {
      throw Step.conflict(
          "task " + task.id() + " is " + task.state() + ", only one that is BUILDING can seal");
    }
    TableRecord table = step.table(task.table());
    VersionRecord version = step.version(table, task.version());
    List<FileManifest> manifests = command.manifests();
    if (manifests.size() != version.shardCount()) {
      throw Step.invalid(
          name(table, version)
              + " has "
              + version.shardCount()
              + " shards, the seal has "
              + manifests.size()
              + " manifests");
    }
    long parent = version.mode() == UpdateMode.FULL ? 0 : parentFor(table, version);
    List<ShardRecord> shards = new ArrayList<>(manifests.size());
    SortedSet<String> sectsUp = sectsUp(step.state());
    for (int shard = 0; shard < manifests.size(); shard++) {
      FileManifest manifest = manifests.get(shard);
      checkCounts(manifest, shard);
      ShardRecord sealed = version.shards().get(shard).sealed(manifest);
      checkHolders(step, name(table, version), shard, sealed, sectsUp);
      shards.add(sealed);
    }
    VersionRecord sealed = sealed(version, parent, shards, manifests, step.nowMillis());
    String refusals =
        GateRules.text(
            GateRules.refusals(
                table,
                GateRules.Candidate.of(version.mode(), manifests, command.counts()),
                task.ignoredGates()));
    return refusals.isEmpty()
        ? step.done(
            step.with(
                table.withVersion(
                    sealed.withDataCheck(DataCheck.of(table, sealed, task.ignoredGates()))),
                task.progressed("load", command.counts(), step.nowMillis())
                    .withState(TaskState.LOADING, step.nowMillis())),
            version.number(),
            0)
        : refused(
            step,
            table,
            sealed,
            task.progressed("gates", command.counts(), step.nowMillis()),
            refusals);
  }

  /** The version has come to its end; its figures stay, for whoever wonders. */
  private static Applied refused(
      Step step, TableRecord table, VersionRecord version, TaskRecord task, String refusals) {
    String why = Step.cut(refusals, Step.MAX_TEXT_CHARS);
    return step.done(
        step.with(
            table.withVersion(version.retired(VersionState.FAILED, why, step.nowMillis())),
            task.ended(TaskState.FAILED, why, step.nowMillis())),
        version.number(),
        0);
  }

  private static VersionRecord sealed(
      VersionRecord version,
      long parent,
      List<ShardRecord> shards,
      List<FileManifest> manifests,
      long nowMillis) {
    return new VersionRecord(
        version.number(),
        version.mode(),
        parent,
        VersionState.SEALED,
        shards,
        manifests.stream().mapToLong(FileManifest::entries).sum(),
        manifests.stream().mapToLong(FileManifest::tombstones).sum(),
        manifests.stream().mapToLong(FileManifest::lengthBytes).sum(),
        version.createdAtMillis(),
        nowMillis,
        0,
        0,
        version.activateWhenReady(),
        version.taskId(),
        version.loadFailures(),
        "",
        null);
  }

  /** The active version, if an increment with these shards can go on top of it now. */
  private static long parentFor(TableRecord table, VersionRecord version) {
    VersionRecord active = table.active();
    if (active == null) {
      throw Step.conflict("table " + table.name() + " has no active version to build on any more");
    }
    if (active.shardCount() != version.shardCount()) {
      throw Step.conflict(
          name(table, version)
              + " was built with "
              + version.shardCount()
              + " shards, the active"
              + " version "
              + active.number()
              + " has "
              + active.shardCount()
              + "; run the increment again");
    }
    int files = table.chain(active).size() + 1;
    if (files > Limits.MAX_CHAIN_FILES) {
      throw Step.conflict(
          name(table, version)
              + " would be a chain of "
              + files
              + " files, at most "
              + Limits.MAX_CHAIN_FILES
              + " are allowed; run it again once they are merged, or run a full load");
    }
    for (VersionRecord other : table.versions().values()) {
      if (other.number() != version.number() && isIncrementOnItsWay(other)) {
        // Two increments side by side on one parent: whichever came last would undo the other.
        throw new FeatureKvException(
            ErrorCode.TRY_AGAIN,
            "increment "
                + other.number()
                + " of "
                + table.name()
                + " is "
                + other.state()
                + " and will become active; increments go one after another");
      }
    }
    return active.number();
  }

  private static boolean isIncrementOnItsWay(VersionRecord version) {
    return version.mode() == UpdateMode.INCREMENTAL
        && version.activateWhenReady()
        && switch (version.state()) {
          case SEALED, LOADING, READY -> true;
          case BUILDING, ACTIVE, RETAINED, ROLLED_BACK, FAILED, DROPPED -> false;
        };
  }

  private static void checkCounts(FileManifest manifest, int shard) {
    if (manifest.lengthBytes() < 0 || manifest.entries() < 0 || manifest.tombstones() < 0) {
      throw Step.invalid("the manifest of shard " + shard + " has a negative number: " + manifest);
    }
  }

  private static void checkHolders(
      Step step, String version, int shard, ShardRecord sealed, SortedSet<String> sectsUp) {
    SortedSet<String> sects = new TreeSet<>();
    for (String holder : sealed.holders().keySet()) {
      NodeRecord node = step.state().nodes().get(holder);
      if (node != null) {
        sects.add(node.sect());
      }
    }
    int needed = sectsNeeded(sectsUp.size());
    if (sects.size() < needed) {
      throw Step.conflict(
          "shard "
              + shard
              + " of "
              + version
              + " is held with the digest of its manifest by "
              + sealed.holders().keySet()
              + " in sects "
              + sects
              + "; sealing needs "
              + needed
              + " of the sects "
              + sectsUp);
    }
  }

  /** In how many sects a file must be before the cluster relies on it. */
  static int sectsNeeded(ClusterMetadata state) {
    return sectsNeeded(sectsUp(state).size());
  }

  private static int sectsNeeded(int sectsUp) {
    return Math.clamp(sectsUp, 1, 2);
  }

  /** Sects with a serving node that is up. */
  private static SortedSet<String> sectsUp(ClusterMetadata state) {
    SortedSet<String> sects = new TreeSet<>();
    for (NodeRecord node : state.nodes().values()) {
      if (node.serves() && node.state() == NodeState.UP) {
        sects.add(node.sect());
      }
    }
    return sects;
  }

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }
}
