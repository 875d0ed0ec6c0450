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
import org.jspecify.annotations.Nullable;

/**
 * Decides who is asked. Pure: the same routing, health and turn give the same answer.
 *
 * @param view the routing
 * @param version the pinned version in it
 * @param avoided which addresses failed lately
 * @param turn a number that differs from read to read, to spread them
 */
record Replicas(RoutingView view, Version version, Predicate<Endpoint> avoided, int turn) {

  /**
   * The sect to read any shards from: the preferred one, else one in turn, of those that have all
   * shards at healthy nodes; null when there is none such.
   */
  @Nullable Sect wholeSect(String preferredSect) {
    List<Sect> sects = version.sects(view.nodes());
    int start = Math.floorMod(turn, Math.max(1, sects.size()));
    Sect found = null;
    for (int i = 0; i < sects.size(); i++) {
      Sect sect = sects.get((start + i) % sects.size());
      if ((found == null || sect.name().equals(preferredSect)) && isWell(sect)) {
        found = sect;
      }
    }
    return found;
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
