package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.Digest;
import io.featurekv.model.FileManifest;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;

/**
 * What nodes say about the files they have. Each report counts only in the session it was made in.
 */
final class ReportCommands {
  private ReportCommands() {}

  static Applied reportHeld(Step step, Command.ReportHeld command) {
    NodeRecord node = reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    if (version.state() != VersionState.BUILDING && !version.state().isKept()) {
      throw Step.conflict(
          "version "
              + version.number()
              + " of "
              + table.name()
              + " is "
              + version.state()
              + ", nobody needs its files");
    }
    checkAttempt(step, version, command.attempt());
    checkShards(table, version, command.digests().keySet());
    for (Map.Entry<Integer, String> held : command.digests().entrySet()) {
      checkDigest(table, version, held.getKey(), held.getValue());
    }
    ShardList shards = version.shardList();
    for (Map.Entry<Integer, String> held : command.digests().entrySet()) {
      String before = shards.get(held.getKey()).holders().get(node.id());
      if (!held.getValue().equals(before)) {
        return shipped(step, table, version.withShards(withHeld(shards, node, command.digests())));
      }
    }
    return step.done(step.state(), version.number(), 0);
  }

  /** With files that have arrived, of which a build that the cluster shares tells. */
  private static Applied shipped(Step step, TableRecord table, VersionRecord version) {
    Step after = step.on(step.with(table.withVersion(version)));
    TaskRecord task = TaskCommands.unfinishedTaskOf(after.state(), version);
    ClusterBuild build = task == null ? null : task.build();
    if (task == null || build == null || task.state() != TaskState.BUILDING || !build.isBuilt()) {
      return step.done(after.state(), version.number(), 0);
    }
    return step.done(after.with(BuildCommands.told(after, task, build)), version.number(), 0);
  }

  private static void checkAttempt(Step step, VersionRecord version, int attempt) {
    TaskRecord task = step.state().tasks().get(version.taskId());
    if (task != null && task.attempt() != attempt) {
      throw Step.conflict(
          "the report is of attempt "
              + attempt
              + " of task "
              + task.id()
              + ", which is at attempt "
              + task.attempt());
    }
  }

  private static ShardList withHeld(
      ShardList shards, NodeRecord node, Map<Integer, String> digests) {
    int[] next = {0};
    return shards.mapped(
        shard -> {
          String digest = digests.get(next[0]++);
          return digest == null ? shard : shard.withHolder(node.id(), digest);
        });
  }

  static Applied reportDropped(Step step, Command.ReportDropped command) {
    NodeRecord node = reporter(step, command.nodeId(), command.session());
    TableRecord table = step.state().tables().get(command.table());
    VersionRecord version = table == null ? null : table.versions().get(command.version());
    if (table == null || version == null) {
      // The metadata forgot them first.
      return step.done(step.state());
    }
    checkShards(table, version, command.shards());
    boolean needed = version.state() == VersionState.BUILDING || version.state().isKept();
    return replaced(
        step,
        table,
        version,
        version
            .shardList()
            .mapped(
                command.shards(),
                shard -> {
                  ShardRecord without = shard.withoutHolder(node.id());
                  return needed || without.isHeld() ? without : ShardRecord.EMPTY;
                }));
  }

  static Applied reportReady(Step step, Command.ReportReady command) {
    NodeRecord node = reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    if (!version.state().isKept()) {
      throw Step.conflict(
          "version "
              + version.number()
              + " of "
              + table.name()
              + " is "
              + version.state()
              + ", nobody can be ready with it");
    }
    checkShards(table, version, command.shards());
    for (int shard : command.shards()) {
      ShardRecord record = version.shards().get(shard);
      if (!record.holders().containsKey(node.id()) && !record.isMergedOn(node.id())) {
        throw Step.conflict(
            "node "
                + node.id()
                + " has not reported that it holds shard "
                + shard
                + " of version "
                + version.number()
                + " of "
                + table.name());
      }
    }
    VersionRecord ready =
        version.withShards(
            version.shardList().mapped(command.shards(), shard -> shard.withReady(node.id())));
    TaskRecord task = TaskCommands.unfinishedTaskOf(step.state(), version);
    return step.done(
        step.with(
            table.withVersion(ready),
            task == null || !task.stage().equals(SealCommand.LOAD)
                ? null
                : task.progressed(
                    SealCommand.LOAD,
                    SealCommand.loaded(step.state(), ready),
                    task.counts(),
                    step.nowMillis())),
        version.number(),
        0);
  }

  static Applied reportFindings(Step step, Command.ReportFindings command) {
    reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    checkShards(table, version, command.findings().keySet());
    DataCheck check = version.dataCheck();
    boolean isWanted =
        version.state() == VersionState.SEALED || version.state() == VersionState.LOADING;
    if (check == null || !isWanted) {
      return step.done(step.state(), version.number(), 0);
    }
    for (Map.Entry<Integer, ShardFindings> entry : command.findings().entrySet()) {
      ShardFindings found = entry.getValue();
      if (found.knownKeys() < 0
          || found.knownKeys() > found.sampledKeys()
          || found.misses().size() > Gates.MAX_GOLDEN_KEYS) {
        throw Step.invalid("what was found in shard " + entry.getKey() + " cannot be: " + found);
      }
    }
    return step.done(
        step.with(table.withVersion(version.withDataCheck(check.with(command.findings())))),
        version.number(),
        0);
  }

  static Applied reportLoadFailure(Step step, Command.ReportLoadFailure command) {
    NodeRecord node = reporter(step, command.nodeId(), command.session());
    TableRecord table = step.table(command.table());
    VersionRecord version = step.version(table, command.version());
    String reason = Step.cut(command.reason(), Step.MAX_TEXT_CHARS);
    VersionRecord changed =
        version.withLoadFailures(
            reason.isEmpty()
                ? SortedMaps.without(version.loadFailures(), node.id())
                : SortedMaps.with(version.loadFailures(), node.id(), reason));
    return step.done(step.with(table.withVersion(changed)), version.number(), 0);
  }

  private static Applied replaced(
      Step step, TableRecord table, VersionRecord version, ShardList shards) {
    return step.done(step.with(table.withVersion(version.withShards(shards))), version.number(), 0);
  }

  static NodeRecord reporter(Step step, String nodeId, long session) {
    NodeRecord node = step.node(nodeId);
    if (node.session() != session) {
      throw Step.conflict(
          "the report is from session "
              + session
              + " of node "
              + nodeId
              + ", which is in session "
              + node.session());
    }
    return node;
  }

  static void checkShards(TableRecord table, VersionRecord version, Collection<Integer> shards) {
    for (int shard : shards) {
      if (shard < 0 || shard >= version.shardCount()) {
        throw Step.invalid(
            "version "
                + version.number()
                + " of "
                + table.name()
                + " has the shards 0 to "
                + (version.shardCount() - 1)
                + ", not "
                + shard);
      }
    }
  }

  private static void checkDigest(
      TableRecord table, VersionRecord version, int shard, String digest) {
    boolean wellFormed =
        digest.length() == 2 * Digest.BYTES
            && digest.chars().allMatch(c -> HexFormat.isHexDigit(c) && !Character.isUpperCase(c));
    if (!wellFormed) {
      throw Step.invalid(
          "the digest of shard "
              + shard
              + " is '"
              + Step.cut(digest, 80)
              + "', expected 64 lower-case hex digits");
    }
    FileManifest manifest = version.shards().get(shard).manifest();
    if (manifest != null && !manifest.digest().hex().equals(digest)) {
      throw Step.conflict(
          "shard "
              + shard
              + " of version "
              + version.number()
              + " of "
              + table.name()
              + " was sealed with digest "
              + manifest.digest()
              + ", the node holds "
              + digest);
    }
  }
}
