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

/** The step from files that a builder made to a version that the cluster keeps. */
final class SealCommand {
  /** The stage of a task whose version the nodes make ready. */
  static final String LOAD = "load";

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
    checkProofs(name(table, version), version, command);
    long parent = version.mode() == UpdateMode.FULL ? 0 : parentFor(table, version);
    List<ShardRecord> shards = new ArrayList<>(manifests.size());
    SortedSet<String> sectsUp = SectRules.sectsUp(step.state());
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
                task.progressed(
                        LOAD, loaded(step.state(), sealed), command.counts(), step.nowMillis())
                    .withState(TaskState.LOADING, step.nowMillis())),
            version.number(),
            0)
        : refused(
            step,
            table,
            sealed,
            task.progressed("gates", StageFigures.NONE, command.counts(), step.nowMillis()),
            refusals);
  }

  /**
   * How far the nodes are in making a sealed version ready: what is in shards that are ready in as
   * many sects as sealing needs, each counted once.
   */
  static StageFigures loaded(ClusterMetadata state, VersionRecord sealed) {
    int needed = SectRules.sectsNeeded(state);
    long entries = 0;
    long bytes = 0;
    for (ShardRecord shard : sealed.shards()) {
      FileManifest manifest = shard.manifest();
      if (manifest != null && SectRules.sectsOf(state, shard.ready()).size() >= needed) {
        entries += manifest.entries();
        bytes += manifest.lengthBytes();
      }
    }
    return new StageFigures(entries, sealed.entries(), bytes, sealed.bytes());
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
        null,
        version.verifyFull());
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

  /** What was read is in the files, or was left out on purpose; nothing else is. */
  private static void checkProofs(String name, VersionRecord version, Command.SealVersion command) {
    List<ShardProof> proofs = command.proofs();
    if (proofs.size() != version.shardCount()) {
      throw Step.invalid(
          name
              + " has "
              + version.shardCount()
              + " shards, the seal has proofs of "
              + proofs.size());
    }
    long entries = 0;
    long tombstones = 0;
    for (int shard = 0; shard < proofs.size(); shard++) {
      FileManifest manifest = command.manifests().get(shard);
      proofs.get(shard).check(name, shard, manifest);
      entries += manifest.entries();
      tombstones += manifest.tombstones();
    }
    TaskCounts counts = command.counts();
    long parts = counts.entries() + counts.duplicates() + counts.rejected() + counts.deleted();
    boolean isIncrement = version.mode() == UpdateMode.INCREMENTAL;
    if (counts.rows() != parts
        || counts.entries() != entries
        || (isIncrement ? counts.deleted() : 0) != tombstones) {
      throw Step.conflict(
          "the counts of "
              + name
              + " do not add up: "
              + counts
              + ", where rows are entries, duplicates, rejected and deleted together; its files have "
              + entries
              + " entries and "
              + tombstones
              + " tombstones");
    }
  }

  /** Refuses with CONFLICT while the files are not held by as many nodes as sealing needs. */
  static void requireHeld(Step step, TaskRecord task, List<FileManifest> manifests) {
    TableRecord table = step.table(task.table());
    VersionRecord version = step.version(table, task.version());
    SortedSet<String> sectsUp = SectRules.sectsUp(step.state());
    for (int shard = 0; shard < manifests.size(); shard++) {
      ShardRecord sealed = version.shards().get(shard).sealed(manifests.get(shard));
      checkHolders(step, name(table, version), shard, sealed, sectsUp);
    }
  }

  private static void checkHolders(
      Step step, String version, int shard, ShardRecord sealed, SortedSet<String> sectsUp) {
    SortedSet<String> sects = SectRules.sectsOf(step.state(), sealed.holders().keySet());
    int needed = SectRules.sectsNeeded(step.state());
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

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }
}
