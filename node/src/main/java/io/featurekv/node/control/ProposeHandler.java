package io.featurekv.node.control;

import io.featurekv.metadata.CommandEnvelope;
import io.featurekv.metadata.MetadataCodec;
import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.Proposal;
import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;

/** PROPOSE: brings a command to the Raft group and answers with its result. */
public final class ProposeHandler implements MessageHandler {
  private final Proposer proposer;

  /** Proposes through {@code proposer}. */
  public ProposeHandler(Proposer proposer) {
    this.proposer = proposer;
  }

  @Override
  public void handle(Exchange exchange) {
    Proposal proposal = Proposal.decode(exchange.body());
    CommandEnvelope envelope = MetadataCodec.decodeCommand(proposal.envelope());
    boolean mayForward = (exchange.flags() & Proposal.NO_FORWARD) == 0;
    proposer
        .propose(envelope, proposal.envelope(), proposal.timeoutMillis(), mayForward)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                exchange.fail(failure);
              } else {
                exchange.reply(
                    FrameType.PROPOSED, ByteBuffer.wrap(MetadataCodec.encodeResult(result)));
              }
            });
  }
}
