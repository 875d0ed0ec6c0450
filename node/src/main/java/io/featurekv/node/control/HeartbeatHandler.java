package io.featurekv.node.control;

import io.featurekv.node.server.Exchange;
import io.featurekv.node.server.MessageHandler;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.HeartbeatReply;
import io.featurekv.protocol.FrameType;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * HEARTBEAT: a sign of life of a node, with what it has counted of trials; a leader tells it the
 * time by which reads expire.
 */
public final class HeartbeatHandler implements MessageHandler {
  private final Liveness liveness;
  private final TrialReports trials;
  private final BooleanSupplier leads;
  private final Predicate<String> isNode;

  /**
   * Tells {@code liveness} and {@code trials}; {@code leads} says whether this node leads the
   * metadata group.
   *
   * @param isNode whether a node of this id has registered; of others nothing is kept, so that what
   *     is kept has a bound
   */
  public HeartbeatHandler(
      Liveness liveness, TrialReports trials, BooleanSupplier leads, Predicate<String> isNode) {
    this.liveness = liveness;
    this.trials = trials;
    this.leads = leads;
    this.isNode = isNode;
  }

  @Override
  public void handle(Exchange exchange) {
    Heartbeat beat = Heartbeat.decode(exchange.body());
    if (isNode.test(beat.nodeId())) {
      liveness.heard(beat.nodeId());
      trials.heard(beat);
    }
    long leaderTimeMillis = leads.getAsBoolean() ? System.currentTimeMillis() : 0;
    exchange.reply(FrameType.HEARTBEAT_OK, new HeartbeatReply(leaderTimeMillis).encode());
  }
}
