package io.featurekv.metadata;

/** The leader's opinion of a node, as far as it stands in the log. */
public enum NodeState {
  /** It reports to the leader. */
  UP,
  /** It has stopped reporting; its shards stay its own for a while. */
  DOWN,
  /** It has been down for so long that its shards were placed on the other nodes of its sect. */
  TAKEN_OVER
}
