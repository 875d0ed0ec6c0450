package io.featurekv.metadata;

/** What a node does; each can be switched off. */
public enum Duty {
  /** Votes on the metadata (a Raft voter, once it is chosen as one). */
  META,
  /** Runs the builder for loads handed to the cluster. */
  BUILD,
  /** Holds shard files and answers reads. */
  SERVE
}
