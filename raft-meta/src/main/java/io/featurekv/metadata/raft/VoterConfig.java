package io.featurekv.metadata.raft;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a node takes part in the Raft group.
 *
 * @param clusterId UUID text; decides the Raft group id
 * @param peerId {@code node id + "-" + incarnation}
 * @param bindAddress host:port to listen on (port 0 is not allowed: peers must know it)
 * @param advertisedAddress host:port that other voters use
 * @param directory where the log, term, vote and snapshots live
 * @param bootstrap true for the first node of a new cluster: it is the whole first configuration;
 *     false for everyone else: start with an empty peer list (or what the directory says)
 * @param snapshotEveryEntries take a snapshot and purge the log after so many entries
 */
public record VoterConfig(
    String clusterId,
    String peerId,
    String bindAddress,
    String advertisedAddress,
    Path directory,
    boolean bootstrap,
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    int snapshotEveryEntries) {}
