package io.featurekv.metadata.raft;

/**
 * How far a voter has come; none of it ever goes back on a node while its process lives, and the
 * term not even after a restart.
 *
 * @param term the newest that it has heard of
 * @param commitIndex the last log entry that it knows a majority has; -1 for none
 * @param appliedIndex the last one that its state holds; -1 for none
 */
public record RaftPosition(long term, long commitIndex, long appliedIndex) {}
