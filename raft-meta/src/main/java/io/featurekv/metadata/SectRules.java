package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/** In which sects files are, and in how many they must be: pure functions. */
public final class SectRules {
  /** In so many sects a file is before the cluster relies on it, where there are so many. */
  private static final int MOST_NEEDED = 2;

  private SectRules() {}

  /** In how many sects a file must be before the cluster relies on it. */
  public static int sectsNeeded(ClusterMetadata state) {
    return Math.clamp(sectsUp(state).size(), 1, MOST_NEEDED);
  }

  /** Sects with a serving node that is up. */
  public static SortedSet<String> sectsUp(ClusterMetadata state) {
    SortedSet<String> sects = new TreeSet<>();
    for (NodeRecord node : state.nodes().values()) {
      if (node.serves() && node.state() == NodeState.UP) {
        sects.add(node.sect());
      }
    }
    return sects;
  }

  /** Sects of these nodes, as far as they are known. */
  static SortedSet<String> sectsOf(ClusterMetadata state, Collection<String> nodeIds) {
    SortedSet<String> sects = new TreeSet<>();
    for (String nodeId : nodeIds) {
      NodeRecord node = state.nodes().get(nodeId);
      if (node != null) {
        sects.add(node.sect());
      }
    }
    return sects;
  }

  /** Sects in which nodes have said that they hold this very file of a shard. */
  public static SortedSet<String> sectsHolding(
      ClusterMetadata state, VersionRecord version, int shard, FileManifest manifest) {
    return sectsOf(state, version.shards().get(shard).sealed(manifest).holders().keySet());
  }
}
