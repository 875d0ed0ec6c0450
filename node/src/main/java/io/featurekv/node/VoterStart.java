package io.featurekv.node;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.Duty;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.metadata.raft.VoterConfig;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.control.MetadataFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the voter of a node. A Raft directory that is damaged is set aside, and the node comes
 * back as a new peer under the next incarnation, provided that the cluster has other voters that
 * know what it knew.
 */
final class VoterStart {
  private static final Duration ELECTION_MIN = Duration.ofSeconds(1);
  private static final Duration ELECTION_MAX = Duration.ofSeconds(2);
  private static final int SNAPSHOT_EVERY_ENTRIES =
      Integer.getInteger("featurekv.raft.snapshot.entries", 10_000);
  private static final Logger LOG = LoggerFactory.getLogger(VoterStart.class);

  private VoterStart() {}

  /** A running voter and the identity it runs under, which may be a new incarnation. */
  record Started(MetadataVoter voter, NodeIdentity identity) {}

  static Started start(
      NodeConfig config,
      Endpoint raftListen,
      String advertiseHost,
      NodeIdentity identity,
      Path identityFile,
      MetadataFeed feed) {
    try {
      return new Started(open(config, raftListen, advertiseHost, identity, feed), identity);
    } catch (FeatureKvException e) {
      if (e.code() != ErrorCode.CORRUPT || !hasOtherVoters(feed.current(), identity.nodeId())) {
        throw e;
      }
      LOG.error(
          "the Raft directory is damaged and set aside; rejoining as a new peer: {}",
          e.getMessage());
      // First the new identity: the old peer must never come back with an empty log.
      NodeIdentity next = identity.nextIncarnation();
      next.write(identityFile);
      setAside(config.raftDirectory(), identity.incarnation());
      return new Started(open(config, raftListen, advertiseHost, next, feed), next);
    }
  }

  private static MetadataVoter open(
      NodeConfig config,
      Endpoint raftListen,
      String advertiseHost,
      NodeIdentity identity,
      MetadataFeed feed) {
    VoterConfig voterConfig =
        new VoterConfig(
            identity.clusterId(),
            identity.nodeId() + "-" + identity.incarnation(),
            raftListen.toString(),
            new Endpoint(advertiseHost, raftListen.port()).toString(),
            config.raftDirectory(),
            identity.founder() && !feed.current().isFormed(),
            ELECTION_MIN,
            ELECTION_MAX,
            SNAPSHOT_EVERY_ENTRIES);
    MetadataVoter voter = MetadataVoter.start(voterConfig, feed::onApplied, feed::onSnapshot);
    feed.onSnapshot(voter.current());
    return voter;
  }

  private static boolean hasOtherVoters(ClusterMetadata metadata, String nodeId) {
    return metadata.nodes().values().stream()
        .anyMatch(
            node -> !node.id().equals(nodeId) && node.voter() && node.duties().contains(Duty.META));
  }

  private static void setAside(Path raftDirectory, int incarnation) {
    Path aside =
        raftDirectory.resolveSibling(raftDirectory.getFileName() + ".damaged-" + incarnation);
    try {
      Files.move(raftDirectory, aside);
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INTERNAL,
          raftDirectory + " is damaged and cannot be moved to " + aside + ": " + e,
          e);
    }
  }
}
