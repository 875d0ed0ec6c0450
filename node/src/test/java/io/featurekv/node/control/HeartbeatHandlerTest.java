package io.featurekv.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import io.featurekv.node.server.Admission;
import io.featurekv.node.server.EventLoops;
import io.featurekv.node.server.IoTransport;
import io.featurekv.node.server.NodeServer;
import io.featurekv.node.server.ServerIdentity;
import io.featurekv.node.wire.Heartbeat;
import io.featurekv.node.wire.HeartbeatReply;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a voter keeps of the signs of life that it is sent. */
class HeartbeatHandlerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void signsOfLifeOfWhoNeverRegisteredAreAnsweredAndForgotten() {
    Liveness liveness = new Liveness(System::nanoTime);
    HeartbeatHandler handler =
        new HeartbeatHandler(liveness, new TrialReports(), () -> true, "n1"::equals);
    try (EventLoops loops = EventLoops.start(IoTransport.best(), 1);
        NodeServer server =
            NodeServer.listen(
                loops,
                new Endpoint("127.0.0.1", 0),
                new ServerIdentity("c1", "n0", "a", () -> 1),
                Map.of(FrameType.HEARTBEAT, handler),
                new Admission(Long.MAX_VALUE));
        Transport transport = Transport.start(1);
        Connection connection =
            transport
                .connect(new Endpoint("127.0.0.1", server.port()), Hello.peer("c1", "n1"), PATIENCE)
                .join()) {
      for (String id : List.of("n1", "nobody")) {
        Heartbeat beat = new Heartbeat(id, 1, 1, 7, List.of());
        HeartbeatReply reply =
            HeartbeatReply.decode(
                connection
                    .call(FrameType.HEARTBEAT, 0, beat.encode(), PATIENCE.toMillis())
                    .join()
                    .body());
        assertThat(reply.leaderTimeMillis()).isPositive();
      }
    }
    assertThat(liveness.heardWithin("n1", PATIENCE.toMillis())).isTrue();
    assertThat(liveness.heardWithin("nobody", PATIENCE.toMillis())).isFalse();
  }
}
