package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.FileManifest;
import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Merged files: registering them, who has them, and when they replace what they were made from. */
final class MergeCommands {
  private MergeCommands() {}

  static Applied registerMerged(Step step, Command.RegisterMerged command) {
    NodeRecord node = ReportCommands.reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = kept(step, table, command.version());
    if (version.mode() != UpdateMode.INCREMENTAL) {
      throw Step.conflict(
          name(table, version) + " is a full one; only increments are merged with their ancestors");
    }
    ReportCommands.checkShards(table, version, List.of(command.shard()));
    FileManifest manifest = command.manifest();
    if (manifest.lengthBytes() <= 0 || manifest.entries() < 0 || manifest.tombstones() != 0) {
      throw Step.invalid("a merged file is full and has no tombstones, not: " + manifest);
    }
    MergedFile known = version.shards().get(command.shard()).merged();
    boolean isAnother = known != null && !known.manifest().digest().equals(manifest.digest());
    if (known != null && isAnother && (known.complete() || !known.holders().isEmpty())) {
      throw Step.conflict(
          "shard "
              + command.shard()
              + " of "
              + name(table, version)
              + " was merged before, to digest "
              + known.manifest().digest()
              + ", held by "
              + known.holders());
    }
    MergedFile merged =
        known == null || isAnother ? new MergedFile(manifest, new TreeSet<>(), false) : known;
    return replaced(
        step,
        table,
        version,
        version
            .shardList()
            .mapped(
                List.of(command.shard()), shard -> shard.withMerged(merged.withHolder(node.id()))));
  }

  static Applied reportMergedHeld(Step step, Command.ReportMergedHeld command) {
    NodeRecord node = ReportCommands.reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = kept(step, table, command.version());
    ReportCommands.checkShards(table, version, command.digests().keySet());
    for (Map.Entry<Integer, String> held : command.digests().entrySet()) {
      MergedFile merged = version.shards().get(held.getKey()).merged();
      if (merged == null || !merged.manifest().digest().hex().equals(held.getValue())) {
        throw Step.conflict(
            "shard "
                + held.getKey()
                + " of "
                + name(table, version)
                + (merged == null
                    ? " has no merged file"
                    : " was merged to digest " + merged.manifest().digest())
                + ", the node holds "
                + Step.cut(held.getValue(), 80));
      }
    }
    return replaced(
        step,
        table,
        version,
        version
            .shardList()
            .mapped(command.digests().keySet(), shard -> withHolder(shard, node.id())));
  }

  private static ShardRecord withHolder(ShardRecord shard, String nodeId) {
    MergedFile merged = shard.merged();
    return merged == null ? shard : shard.withMerged(merged.withHolder(nodeId));
  }

  static Applied reportMergedDropped(Step step, Command.ReportMergedDropped command) {
    NodeRecord node = ReportCommands.reporter(step, command.nodeId(), command.session());
    TableRecord table = step.state().tables().get(command.table());
    VersionRecord version = table == null ? null : table.versions().get(command.version());
    if (table == null || version == null) {
      // The metadata forgot them first.
      return step.done(step.state());
    }
    ReportCommands.checkShards(table, version, command.shards());
    ShardList shards = version.shardList();
    for (int number : command.shards()) {
      ShardRecord without =
          withoutMerged(step.state(), table, version, number, node.id()).withoutReady(node.id());
      boolean isEnded = version.state() != VersionState.BUILDING && !version.state().isKept();
      ShardRecord left = isEnded && !without.isHeld() ? ShardRecord.EMPTY : without;
      shards = shards.mapped(List.of(number), shard -> left);
    }
    return replaced(step, table, version, shards);
  }

  /**
   * Without one holder. A merged file that nobody has any more is forgotten, so that it can be made
   * anew, where what it was made from is on nodes that are up. Where that is on others only, reads
   * need it again, but so may be the file of whoever has just said that it leaves.
   */
  private static ShardRecord withoutMerged(
      ClusterMetadata metadata,
      TableRecord table,
      VersionRecord version,
      int number,
      String nodeId) {
    ShardRecord shard = version.shards().get(number);
    MergedFile merged = shard.merged();
    if (merged == null) {
      return shard;
    }
    MergedFile fewer = merged.withoutHolder(nodeId);
    if (!fewer.holders().isEmpty()) {
      return shard.withMerged(fewer);
    }
    if (hasWhatItWasMadeFrom(table, version, number, holders -> isAnyUp(metadata, holders))) {
      return shard.withMerged(null);
    }
    return shard.withMerged(
        hasWhatItWasMadeFrom(table, version, number, holders -> !holders.isEmpty())
            ? new MergedFile(fewer.manifest(), fewer.holders(), false)
            : fewer);
  }

  private static boolean hasWhatItWasMadeFrom(
      TableRecord table, VersionRecord version, int shard, Predicate<Set<String>> isHeld) {
    VersionRecord parent = table.versions().get(version.parent());
    if (parent == null || !isHeld.test(version.shards().get(shard).holders().keySet())) {
      return false;
    }
    var ancestors = table.settledChain(parent, shard);
    return !ancestors.isEmpty()
        && ancestors.stream()
            .allMatch(file -> file.version().state().isKept() && isHeld.test(file.holders()));
  }

  private static boolean isAnyUp(ClusterMetadata metadata, Set<String> nodeIds) {
    return nodeIds.stream()
        .map(metadata.nodes()::get)
        .anyMatch(node -> node != null && node.state() == NodeState.UP);
  }

  static Applied completeMerge(Step step, Command.CompleteMerge command) {
    TableRecord table = step.table(command.table());
    VersionRecord version = kept(step, table, command.version());
    ReportCommands.checkShards(table, version, command.shards());
    for (int shard : command.shards()) {
      boolean isComplete = version.shards().get(shard).isMergeComplete();
      if (!isComplete && !MergeRules.mayComplete(step.state(), version, shard)) {
        throw Step.conflict(
            "the merged file of shard "
                + shard
                + " of "
                + name(table, version)
                + " is not where it has to be: "
                + version.shards().get(shard).merged());
      }
    }
    return replaced(
        step,
        table,
        version,
        version.shardList().mapped(command.shards(), MergeCommands::completed));
  }

  private static ShardRecord completed(ShardRecord shard) {
    MergedFile merged = shard.merged();
    return merged == null ? shard : shard.withMerged(merged.completed());
  }

  private static VersionRecord kept(Step step, TableRecord table, long number) {
    VersionRecord version = step.version(table, number);
    if (!version.state().isKept()) {
      throw Step.conflict(
          name(table, version) + " is " + version.state() + ", nobody needs its merged files");
    }
    return version;
  }

  private static Applied replaced(
      Step step, TableRecord table, VersionRecord version, ShardList shards) {
    return step.done(step.with(table.withVersion(version.withShards(shards))), version.number(), 0);
  }

  private static String name(TableRecord table, VersionRecord version) {
    return "version " + version.number() + " of " + table.name();
  }
}
