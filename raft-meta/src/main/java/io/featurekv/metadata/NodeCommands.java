package io.featurekv.metadata;

import io.featurekv.metadata.ClusterMetadata.Applied;
import io.featurekv.model.Endpoint;
import io.featurekv.model.TableName;
import java.util.SortedMap;
import java.util.TreeMap;

/** The cluster as a whole and its nodes. */
final class NodeCommands {
  private static final int MAX_WEIGHT = 1_000_000;

  private NodeCommands() {}

  static Applied formCluster(Step step, Command.FormCluster command) {
    if (step.state().isFormed()) {
      throw Step.conflict("the cluster was formed before, with id " + step.state().clusterId());
    }
    if (command.clusterId().isEmpty() || command.clusterId().length() > TableName.MAX_BYTES) {
      throw Step.invalid("a cluster id has 1 to " + TableName.MAX_BYTES + " characters");
    }
    if (command.voterTarget() < 1 || command.voterTarget() % 2 == 0 || command.voterTarget() > 5) {
      throw Step.invalid("a cluster has 1, 3 or 5 voters, not " + command.voterTarget());
    }
    return step.done(step.state().withIdentity(command.clusterId(), command.voterTarget()));
  }

  static Applied raiseFormat(Step step, Command.RaiseFormat command) {
    int now = step.state().formatVersion();
    if (command.formatVersion() != now + 1) {
      throw Step.conflict(
          "the metadata format is "
              + now
              + " and rises one by one, not to "
              + command.formatVersion());
    }
    if (command.formatVersion() > ClusterMetadata.SUPPORTED_FORMAT) {
      throw Step.conflict(
          "this release supports the metadata formats up to "
              + ClusterMetadata.SUPPORTED_FORMAT
              + ", not "
              + command.formatVersion());
    }
    return step.done(step.state().withFormat(command.formatVersion()));
  }

  static Applied registerNode(Step step, Command.RegisterNode command) {
    check(command);
    NodeRecord known = step.state().nodes().get(command.nodeId());
    if (known != null && command.incarnation() < known.incarnation()) {
      throw Step.conflict(
          "node "
              + command.nodeId()
              + " is at incarnation "
              + known.incarnation()
              + ", this is an older one: "
              + command.incarnation());
    }
    NodeRecord node =
        new NodeRecord(
            command.nodeId(),
            command.incarnation(),
            step.index(),
            command.sect(),
            command.duties(),
            command.listen(),
            command.raftListen(),
            command.httpListen(),
            command.weight(),
            NodeState.UP,
            // A new incarnation is another Raft peer, which nobody has added yet.
            known != null && known.voter() && known.incarnation() == command.incarnation(),
            known == null ? step.nowMillis() : known.joinedAtMillis(),
            known != null && known.state() == NodeState.UP
                ? known.stateSinceMillis()
                : step.nowMillis());
    ClusterMetadata after = step.with(node);
    return step.done(known == null ? after : after.withTables(withoutNews(after, node.id())));
  }

  private static void check(Command.RegisterNode command) {
    TableName.checked("node id", command.nodeId());
    TableName.checked("sect", command.sect());
    if (command.incarnation() < 0) {
      throw Step.invalid("incarnation " + command.incarnation() + " is negative");
    }
    if (command.weight() < 1 || command.weight() > MAX_WEIGHT) {
      throw Step.invalid("weight " + command.weight() + " is not in 1.." + MAX_WEIGHT);
    }
    Endpoint.parse(command.listen());
    if (command.duties().contains(Duty.META)) {
      Endpoint.parse(command.raftListen());
    }
  }

  /**
   * The tables without what a node said about being ready, or unable to be, before it restarted.
   */
  private static SortedMap<String, TableRecord> withoutNews(ClusterMetadata state, String nodeId) {
    SortedMap<String, TableRecord> tables = new TreeMap<>();
    state.tables().forEach((name, table) -> tables.put(name, withoutNews(table, nodeId)));
    return tables;
  }

  private static TableRecord withoutNews(TableRecord table, String nodeId) {
    SortedMap<Long, VersionRecord> versions = new TreeMap<>();
    for (VersionRecord version : table.versions().values()) {
      VersionRecord changed = version;
      if (version.shards().stream().anyMatch(shard -> shard.ready().contains(nodeId))) {
        changed =
            changed.withShards(version.shardList().mapped(shard -> shard.withoutReady(nodeId)));
      }
      if (changed.loadFailures().containsKey(nodeId)) {
        changed = changed.withLoadFailures(SortedMaps.without(changed.loadFailures(), nodeId));
      }
      versions.put(version.number(), changed);
    }
    return table.withVersions(versions);
  }

  static Applied setNodeState(Step step, Command.SetNodeState command) {
    NodeRecord node = step.node(command.nodeId());
    return node.state() == command.state()
        ? step.done(step.state())
        : step.done(step.with(node.withState(command.state(), step.nowMillis())));
  }

  static Applied setVoters(Step step, Command.SetVoters command) {
    command.nodeIds().forEach(step::node);
    SortedMap<String, NodeRecord> nodes = new TreeMap<>();
    for (NodeRecord node : step.state().nodes().values()) {
      nodes.put(node.id(), node.withVoter(command.nodeIds().contains(node.id())));
    }
    return step.done(step.state().withNodes(nodes));
  }
}
