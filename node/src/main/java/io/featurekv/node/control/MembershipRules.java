package io.featurekv.node.control;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Command;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.NodeState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * What the leader proposes for nodes and voters: pure functions of the metadata, the Raft
 * configuration and the silence of nodes.
 */
public final class MembershipRules {
  /** A node that is silent for so long is down. */
  public static final long DOWN_AFTER_MILLIS = 3_000;

  private MembershipRules() {}

  /**
   * Changes of node states that are due. A node is up again once it is heard of: that a new leader
   * has not missed it for long yet is no sign of life, and would give its shards back to a node
   * that may be gone for good.
   *
   * @param takeOverAfterMillis how long a node is down before its shards are placed elsewhere
   * @param silentMillis how long this leader knows a node (by id) to be silent
   * @param isHeard whether a node was heard of lately, whoever led then
   */
  public static List<Command> nodeStates(
      ClusterMetadata metadata,
      String selfId,
      long nowMillis,
      long takeOverAfterMillis,
      ToLongFunction<String> silentMillis,
      Predicate<String> isHeard) {
    List<Command> commands = new ArrayList<>();
    for (NodeRecord node : metadata.nodes().values()) {
      boolean isSelf = node.id().equals(selfId);
      long silence = isSelf ? 0 : silentMillis.applyAsLong(node.id());
      boolean silent = silence > DOWN_AFTER_MILLIS;
      boolean isBack = !silent && (isSelf || isHeard.test(node.id()));
      // Silence counts by itself too: the time at which the node went down may be of a clock that
      // is ahead.
      boolean isAwayForLong =
          nowMillis - node.stateSinceMillis() > takeOverAfterMillis
              || silence > takeOverAfterMillis;
      switch (node.state()) {
        case UP -> {
          if (silent) {
            commands.add(new Command.SetNodeState(node.id(), NodeState.DOWN));
          }
        }
        case DOWN -> {
          if (isBack) {
            commands.add(new Command.SetNodeState(node.id(), NodeState.UP));
          } else if (silent && isAwayForLong) {
            commands.add(new Command.SetNodeState(node.id(), NodeState.TAKEN_OVER));
          }
        }
        case TAKEN_OVER -> {
          if (isBack) {
            commands.add(new Command.SetNodeState(node.id(), NodeState.UP));
          }
        }
      }
    }
    return commands;
  }

  /** The voter flags as the Raft configuration has them, where they differ. */
  static Optional<Command> voterFlags(ClusterMetadata metadata, Map<String, String> configuration) {
    TreeSet<String> voters = new TreeSet<>();
    TreeSet<String> flagged = new TreeSet<>();
    for (NodeRecord node : metadata.nodes().values()) {
      if (configuration.containsKey(node.raftPeerId())) {
        voters.add(node.id());
      }
      if (node.voter()) {
        flagged.add(node.id());
      }
    }
    return voters.equals(flagged) || voters.isEmpty()
        ? Optional.empty()
        : Optional.of(new Command.SetVoters(voters));
  }

  /**
   * The next Raft configuration (peer id to address), one voter more or less than the present one,
   * or empty when it is as it should be. Voters that are gone for good make way first: peers that
   * no node stands for any more (a node that came back under a new incarnation), then taken-over
   * ones when another node can step in.
   */
  static Optional<Map<String, String>> nextConfiguration(
      ClusterMetadata metadata, Map<String, String> configuration, Set<String> avoided) {
    Map<String, NodeRecord> byPeer = new TreeMap<>();
    metadata.nodes().values().forEach(node -> byPeer.put(node.raftPeerId(), node));
    List<NodeRecord> candidates = candidates(metadata, configuration, byPeer, avoided);
    for (String peer : configuration.keySet()) {
      NodeRecord node = byPeer.get(peer);
      boolean replaced =
          node == null
              || (node.state() == NodeState.TAKEN_OVER
                  && !candidates.isEmpty()
                  && configuration.size() >= metadata.voterTarget());
      if (replaced && configuration.size() > 1) {
        Map<String, String> next = new TreeMap<>(configuration);
        next.remove(peer);
        return Optional.of(next);
      }
    }
    if (configuration.size() < metadata.voterTarget() && !candidates.isEmpty()) {
      NodeRecord chosen = candidates.getFirst();
      Map<String, String> next = new TreeMap<>(configuration);
      next.put(chosen.raftPeerId(), chosen.raftListen());
      return Optional.of(next);
    }
    return Optional.empty();
  }

  /** Nodes that could become voters, those of the sect with the fewest voters first. */
  private static List<NodeRecord> candidates(
      ClusterMetadata metadata,
      Map<String, String> configuration,
      Map<String, NodeRecord> byPeer,
      Set<String> avoided) {
    Map<String, Integer> votersBySect = new TreeMap<>();
    for (String peer : configuration.keySet()) {
      NodeRecord node = byPeer.get(peer);
      if (node != null) {
        votersBySect.merge(node.sect(), 1, Integer::sum);
      }
    }
    return metadata.nodes().values().stream()
        .filter(node -> node.duties().contains(Duty.META) && node.state() == NodeState.UP)
        .filter(node -> !configuration.containsKey(node.raftPeerId()))
        .filter(node -> !avoided.contains(node.raftPeerId()))
        .sorted(
            Comparator.comparingInt((NodeRecord node) -> votersBySect.getOrDefault(node.sect(), 0))
                .thenComparing(NodeRecord::id))
        .toList();
  }
}
