package io.featurekv.node.control;

import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.HeartbeatReply;
import io.featurekv.protocol.FrameType;
import java.util.function.BooleanSupplier;

/**
 * HEARTBEAT: a sign of life of a node, with what it has counted of trials; a leader tells it the
 * time by which reads expire.
 */
public final class HeartbeatHandler implements MessageHandler {
  private final Liveness liveness;
  private final TrialReports trials;
  private final BooleanSupplier leads;

  /**
   * Tells {@code liveness} and {@code trials}; {@code leads} says whether this node leads the
   * metadata group.
   */
  public HeartbeatHandler(Liveness liveness, TrialReports trials, BooleanSupplier leads) {
    this.liveness = liveness;
    this.trials = trials;
    this.leads = leads;
  }

  @Override
  public void handle(Exchange exchange) {
    Heartbeat beat = Heartbeat.decode(exchange.body());
    liveness.heard(beat.nodeId());
    trials.heard(beat);
    long leaderTimeMillis = leads.getAsBoolean() ? System.currentTimeMillis() : 0;
    exchange.reply(FrameType.HEARTBEAT_OK, new HeartbeatReply(leaderTimeMillis).encode());
  }
}
