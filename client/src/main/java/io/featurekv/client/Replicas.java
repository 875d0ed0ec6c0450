package io.featurekv.client;

import io.featurekv.client.RoutingView.Node;
import io.featurekv.client.RoutingView.Sect;
import io.featurekv.client.RoutingView.Version;
import io.featurekv.model.Endpoint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides who is asked. Pure: the same routing, health and turn give the same answer.
 *
 * @param view the routing
 * @param version the pinned version in it
 * @param avoided which addresses failed lately
 * @param cost what one more request costs at an address; 0: not known
 * @param turn a number that differs from read to read, to spread them
 */
record Replicas(
    RoutingView view,
    Version version,
    Predicate<Endpoint> avoided,
    ToDoubleFunction<Endpoint> cost,
    int turn) {

  /** Costs that differ by less than this factor are the same. */
  private static final double SAME_COST = 1.25;

  /** One in so many reads goes to a sect whatever it costs, to know what it costs now. */
  private static final int EXPLORES_ONE_IN = 32;

  /**
   * The sect to read any shards from, of those that have all shards at healthy nodes: the preferred
   * one; else the better of two that the turn picks ("the power of two choices", Mitzenmacher 1996:
   * who picks the best of all goes where everybody goes). Null when there is none such.
   */
  @Nullable Sect wholeSect(String preferredSect) {
    List<Sect> sects = version.sects(view.nodes());
    int start = Math.floorMod(turn, Math.max(1, sects.size()));
    Sect first = null;
    Sect second = null;
    for (int i = 0; i < sects.size(); i++) {
      Sect sect = sects.get((start + i) % sects.size());
      if (!isWell(sect)) {
        continue;
      }
      if (sect.name().equals(preferredSect)) {
        return sect;
      }
      if (first == null) {
        first = sect;
      } else if (second == null || isOddTurn(i)) {
        second = sect;
      }
    }
    if (first == null || second == null || Math.floorMod(turn >> 16, EXPLORES_ONE_IN) == 0) {
      return first;
    }
    return cost(first) <= SAME_COST * cost(second) ? first : second;
  }

  /** So that the second is not always the neighbour of the first. */
  private boolean isOddTurn(int bit) {
    return ((turn >> (8 + bit % 8)) & 1) != 0;
  }

  /** A batch is as slow as the slowest of its parts. */
  private double cost(Sect sect) {
    double most = 0;
    for (int index : sect.nodes()) {
      Endpoint endpoint = view.nodes().get(index).endpoint();
      most = endpoint == null ? most : Math.max(most, cost.applyAsDouble(endpoint));
    }
    return most;
  }

  /** A sect, if it has all shards at healthy nodes; else null. */
  @Nullable Sect wholeSectOf(String name) {
    for (Sect sect : version.sects(view.nodes())) {
      if (sect.name().equals(name) && isWell(sect)) {
        return sect;
      }
    }
    return null;
  }

  private boolean isWell(Sect sect) {
    if (!sect.whole()) {
      return false;
    }
    for (int index : sect.nodes()) {
      if (!isHealthy(view.nodes().get(index))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The sect to read these shards from: the preferred one if it has them all at healthy nodes, else
   * one of those that have, in turn, else one that has most of them.
   */
  String sectFor(BitSet shards, String preferredSect) {
    TreeMap<String, Integer> covered = new TreeMap<>();
    for (int shard = shards.nextSetBit(0); shard >= 0; shard = shards.nextSetBit(shard + 1)) {
      Set<String> sects = new HashSet<>();
      for (int index : version.holders().get(shard)) {
        Node node = view.nodes().get(index);
        if (isHealthy(node) && sects.add(node.sect())) {
          covered.merge(node.sect(), 1, Integer::sum);
        }
      }
    }
    int most = covered.isEmpty() ? 0 : Collections.max(covered.values());
    covered.values().removeIf(count -> count < most);
    if (covered.isEmpty() || covered.containsKey(preferredSect)) {
      return preferredSect;
    }
    List<String> sects = List.copyOf(covered.keySet());
    return sects.get(Math.floorMod(turn, sects.size()));
  }

  /** The node of a sect to ask for a shard first, or null when none of it is healthy. */
  @Nullable Node holderIn(String sect, int shard) {
    for (int index : version.holders().get(shard)) {
      Node node = view.nodes().get(index);
      if (node.sect().equals(sect) && isHealthy(node)) {
        return node;
      }
    }
    return null;
  }

  /** The healthy holders of a shard, those of the sect before others. */
  List<Node> healthyHolders(String sect, int shard) {
    List<Node> found = new ArrayList<>();
    List<Node> elsewhere = new ArrayList<>();
    for (int index : version.holders().get(shard)) {
      Node node = view.nodes().get(index);
      if (isHealthy(node)) {
        (node.sect().equals(sect) ? found : elsewhere).add(node);
      }
    }
    Collections.rotate(elsewhere, turn);
    found.addAll(elsewhere);
    return found;
  }

  /**
   * Every node that might answer for a shard, best first: healthy holders (those of the sect before
   * others), healthy nodes that would forward, and then those that are down or failed lately,
   * because they may be back.
   */
  List<Node> candidates(String sect, int shard) {
    List<Node> holders = new ArrayList<>();
    List<Node> elsewhere = new ArrayList<>();
    for (int index : version.holders().get(shard)) {
      Node node = view.nodes().get(index);
      (node.sect().equals(sect) ? holders : elsewhere).add(node);
    }
    Collections.rotate(elsewhere, turn);
    holders.addAll(elsewhere);
    List<Node> forwarders = new ArrayList<>(view.nodes());
    forwarders.removeAll(holders);
    Collections.rotate(forwarders, turn);

    List<Node> candidates = new ArrayList<>(view.nodes().size());
    for (boolean healthy : new boolean[] {true, false}) {
      for (List<Node> group : List.of(holders, forwarders)) {
        for (Node node : group) {
          if (node.endpoint() != null && isHealthy(node) == healthy) {
            candidates.add(node);
          }
        }
      }
    }
    return candidates;
  }

  private boolean isHealthy(Node node) {
    return node.up() && node.endpoint() != null && !avoided.test(node.endpoint());
  }
}
