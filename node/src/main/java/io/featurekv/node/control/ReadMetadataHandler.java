package io.featurekv.node.control;

import io.featurekv.client.transport.Reply;
import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.metadata.NodeRecord;
import io.featurekv.metadata.raft.MetadataVoter;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.MetadataReply;
import io.featurekv.node.wire.Proposal;
import io.featurekv.protocol.FrameType;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * READ_METADATA: a linearizable read through this node's voter or another one; where no leader can
 * be reached, what this node last knew, marked as not fresh.
 */
public final class ReadMetadataHandler implements MessageHandler {
  private final MetadataFeed feed;
  private final Supplier<Optional<MetadataVoter>> localVoter;
  private final Peers peers;
  private final String nodeId;

  /** {@code localVoter} is empty while this node takes no part in the group. */
  public ReadMetadataHandler(
      MetadataFeed feed, Supplier<Optional<MetadataVoter>> localVoter, Peers peers, String nodeId) {
    this.feed = feed;
    this.localVoter = localVoter;
    this.peers = peers;
    this.nodeId = nodeId;
  }

  @Override
  public void handle(Exchange exchange) {
    int timeoutMillis = MetadataReply.decodeRequest(exchange.body());
    Optional<MetadataVoter> voter = localVoter.get();
    if (voter.isPresent()) {
      voter
          .get()
          .readLinearizable(timeoutMillis)
          .whenComplete(
              (metadata, failure) -> {
                if (failure == null) {
                  answer(exchange, metadata, leader(voter.get(), metadata), true);
                } else {
                  answer(exchange, feed.current(), "", false);
                }
              });
    } else if ((exchange.flags() & Proposal.NO_FORWARD) != 0) {
      answer(exchange, feed.current(), "", false);
    } else {
      forward(exchange, timeoutMillis, peers.otherVoters(), 0);
    }
  }

  private void forward(Exchange exchange, int timeoutMillis, List<NodeRecord> voters, int next) {
    if (next == voters.size()) {
      answer(exchange, feed.current(), "", false);
      return;
    }
    peers
        .call(
            voters.get(next).id(),
            FrameType.READ_METADATA,
            Proposal.NO_FORWARD,
            MetadataReply.encodeRequest(timeoutMillis),
            timeoutMillis)
        .whenComplete(
            (reply, failure) -> {
              if (failure == null && MetadataReply.decode(reply.body()).fresh()) {
                passOn(exchange, reply);
              } else {
                forward(exchange, timeoutMillis, voters, next + 1);
              }
            });
  }

  private static void passOn(Exchange exchange, Reply reply) {
    exchange.reply(FrameType.METADATA, reply.body());
  }

  private void answer(Exchange exchange, ClusterMetadata metadata, String leader, boolean fresh) {
    MetadataReply reply =
        new MetadataReply(fresh, leader, nodeId, MetadataCodec.encodeSnapshot(metadata));
    exchange.reply(FrameType.METADATA, reply.encode());
  }

  /** Node id of the leader as the voter knows it, empty when it does not. */
  static String leader(MetadataVoter voter, ClusterMetadata metadata) {
    String peer = voter.leaderPeerId().orElse("");
    return metadata.nodes().values().stream()
        .filter(node -> node.raftPeerId().equals(peer))
        .map(NodeRecord::id)
        .findFirst()
        .orElse("");
  }
}
