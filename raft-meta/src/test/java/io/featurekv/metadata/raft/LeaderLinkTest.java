package io.featurekv.metadata.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With stand-ins for Ratis that answer nothing, since real ones answer too soon for this. */
class LeaderLinkTest {
  private static final RaftGroupId GROUP = RaftGroupId.randomId();
  private static final RaftPeerId SELF = RaftPeerId.valueOf("n1");
  private static final RaftPeer LEADER =
      RaftPeer.newBuilder().setId("n2").setAddress("127.0.0.1:1").build();

  private final CountDownLatch sent = new CountDownLatch(1);
  private final CompletableFuture<RaftClientReply> underWay = new CompletableFuture<>();

  @Test
  @Timeout(60)
  void closingEndsARequestThatTheClosingOfConnectionsEndsInAnotherThread() throws Exception {
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    LeaderLink link =
        new LeaderLink(server(), GROUP, new RaftProperties(), transport(), scheduler, () -> null);
    try {
      var written = link.write(new byte[] {1}, 3_600_000);
      sent.await();
      link.close();
      assertThat(underWay).isCompletedExceptionally();
      assertThatThrownBy(written::join).hasMessageContaining("may or may not have taken effect");
    } finally {
      scheduler.shutdownNow();
    }
  }

  private RaftTransport transport() {
    return new RaftTransport() {
      @Override
      public void configure(RaftProperties properties) {}

      @Override
      public Parameters parameters() {
        return new Parameters();
      }

      @Override
      public RaftClientRpc newClientRpc(ClientId clientId, RaftProperties properties) {
        return standIn(
            RaftClientRpc.class,
            Map.of("sendRequestAsyncUnordered", this::take, "close", this::endRequests));
      }

      private Object take() {
        sent.countDown();
        return underWay;
      }

      // As Ratis does: in a thread of its own, which is waited for.
      private Object endRequests() {
        Thread closer =
            new Thread(() -> underWay.completeExceptionally(new IOException("closed")), "closer");
        closer.start();
        try {
          closer.join();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        return "";
      }
    };
  }

  private static RaftServer server() {
    DivisionInfo info = standIn(DivisionInfo.class, Map.of("getLeaderId", LEADER::getId));
    RaftConfiguration configuration =
        standIn(RaftConfiguration.class, Map.of("getAllPeers", () -> List.of(LEADER)));
    RaftServer.Division division =
        standIn(
            RaftServer.Division.class,
            Map.of("getInfo", () -> info, "getRaftConf", () -> configuration));
    return standIn(RaftServer.class, Map.of("getId", () -> SELF, "getDivision", () -> division));
  }

  /** Answers the methods that are named, others with nothing. */
  private static <T> T standIn(Class<T> type, Map<String, Supplier<Object>> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Supplier<Object> answer = answers.get(method.getName());
              Object value = answer == null ? null : answer.get();
              return method.getReturnType() == void.class ? null : value;
            }));
  }
}
