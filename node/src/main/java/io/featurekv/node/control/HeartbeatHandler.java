package io.featurekv.node.control;

import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;

/** HEARTBEAT: a sign of life of a node. */
public final class HeartbeatHandler implements MessageHandler {
  private final Liveness liveness;

  /** Tells {@code liveness}. */
  public HeartbeatHandler(Liveness liveness) {
    this.liveness = liveness;
  }

  @Override
  public void handle(Exchange exchange) {
    liveness.heard(Heartbeat.decode(exchange.body()).nodeId());
    exchange.reply(FrameType.HEARTBEAT_OK, ByteBuffer.allocate(0));
  }
}
