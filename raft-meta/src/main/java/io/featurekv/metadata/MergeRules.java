package io.featurekv.metadata;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** When merged files may take the place of what they were made from: pure functions. */
public final class MergeRules {
  private MergeRules() {}

  /**
   * Whether a shard's merged file may stand in for the version's own file and its ancestors for
   * good, so that these may be deleted.
   *
   * <p>The rule: its holders that are up are in as many sects as sealing a version asks for, and
   * every serving node that holds the version's own file, or is ready with the shard, holds the
   * merged file too. A node that is down counts until its shards are taken over: until then it may
   * come back with nothing but the old chain. So whoever could answer before still can, without
   * fetching a byte.
   */
  public static boolean mayComplete(ClusterMetadata metadata, VersionRecord version, int shard) {
    ShardRecord record = version.shards().get(shard);
    MergedFile merged = record.merged();
    if (merged == null || !version.state().isKept()) {
      return false;
    }
    SortedSet<String> sects = new TreeSet<>();
    for (String holder : merged.holders()) {
      NodeRecord node = metadata.nodes().get(holder);
      if (node != null && node.state() == NodeState.UP) {
        sects.add(node.sect());
      }
    }
    return sects.size() >= SectRules.sectsNeeded(metadata)
        && allHold(metadata, merged, record.holders().keySet())
        && allHold(metadata, merged, record.ready());
  }

  private static boolean allHold(ClusterMetadata metadata, MergedFile merged, Set<String> nodeIds) {
    for (String id : nodeIds) {
      NodeRecord node = metadata.nodes().get(id);
      boolean counts = node != null && node.serves() && node.state() != NodeState.TAKEN_OVER;
      if (counts && !merged.holders().contains(id)) {
        return false;
      }
    }
    return true;
  }
}
