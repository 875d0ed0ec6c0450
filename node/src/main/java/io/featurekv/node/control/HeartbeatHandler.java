package io.featurekv.node.control;

import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.HeartbeatReply;
import io.featurekv.protocol.FrameType;
import java.util.function.BooleanSupplier;

/** HEARTBEAT: a sign of life of a node; a leader tells it the time by which reads expire. */
public final class HeartbeatHandler implements MessageHandler {
  private final Liveness liveness;
  private final BooleanSupplier leads;

  /** Tells {@code liveness}; {@code leads} says whether this node leads the metadata group. */
  public HeartbeatHandler(Liveness liveness, BooleanSupplier leads) {
    this.liveness = liveness;
    this.leads = leads;
  }

  @Override
  public void handle(Exchange exchange) {
    liveness.heard(Heartbeat.decode(exchange.body()).nodeId());
    long leaderTimeMillis = leads.getAsBoolean() ? System.currentTimeMillis() : 0;
    exchange.reply(FrameType.HEARTBEAT_OK, new HeartbeatReply(leaderTimeMillis).encode());
  }
}
