package io.featurekv.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.client.Eventually;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TransportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long PATIENCE_MILLIS = PATIENCE.toMillis();

  private final Transport transport = Transport.start(1);
  private final List<ScriptedServer> servers = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    transport.close();
    for (ScriptedServer server : servers) {
      server.close();
    }
  }

  private Endpoint serve(ScriptedServer.Script script) throws IOException {
    ScriptedServer server = new ScriptedServer(script);
    servers.add(server);
    return server.endpoint();
  }

  private Connection connect(Endpoint endpoint) throws Exception {
    return transport
        .connect(endpoint, Hello.client(""), PATIENCE)
        .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ErrorCode codeOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      throw new AssertionError("it succeeded");
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(FeatureKvException.class);
      return ((FeatureKvException) e.getCause()).code();
    }
  }

  @Test
  void exchangesHello() throws Exception {
    AtomicReference<Hello> seen = new AtomicReference<>();
    Endpoint endpoint =
        serve(
            peer -> {
              ScriptedServer.Frame hello = peer.read();
              seen.set(Hello.decode(hello.body()));
              peer.send(FrameType.HELLO_OK, hello.id(), ScriptedServer.HELLO_REPLY.encode());
              peer.drain();
            });
    Connection connection = connect(endpoint);
    assertThat(seen.get()).isEqualTo(Hello.client(""));
    assertThat(connection.peer()).isEqualTo(ScriptedServer.HELLO_REPLY);
    assertThat(connection.endpoint()).isEqualTo(endpoint);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void connectsByName() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.drain();
            });
    assertThat(connect(new Endpoint("localhost", endpoint.port())).isOpen()).isTrue();
  }

  @Test
  void reportsWhatKeepsAConnectionFromBeingMade() throws Exception {
    Hello hello = Hello.client("c2");
    Endpoint nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = new Endpoint("127.0.0.1", socket.getLocalPort());
    }
    assertThat(codeOf(transport.connect(nobody, hello, PATIENCE))).isEqualTo(ErrorCode.UNAVAILABLE);
    Endpoint silent = serve(ScriptedServer.Peer::drain);
    assertThat(codeOf(transport.connect(silent, hello, Duration.ofMillis(100))))
        .isEqualTo(ErrorCode.DEADLINE);
    Endpoint closing = serve(peer -> peer.read());
    assertThat(codeOf(transport.connect(closing, hello, PATIENCE)))
        .isEqualTo(ErrorCode.UNAVAILABLE);
    Endpoint stranger =
        serve(
            peer -> {
              ErrorReply error = new ErrorReply(ErrorCode.WRONG_CLUSTER, "this is c1");
              peer.send(FrameType.ERROR, peer.read().id(), error.encode());
              peer.drain();
            });
    assertThat(codeOf(transport.connect(stranger, hello, PATIENCE)))
        .isEqualTo(ErrorCode.WRONG_CLUSTER);
    Endpoint later =
        serve(
            peer -> {
              HelloReply reply = new HelloReply(Hello.VERSION + 1, 1, 1, 1, "c2", "n", "s");
              peer.send(FrameType.HELLO_OK, peer.read().id(), reply.encode());
              peer.drain();
            });
    assertThat(codeOf(transport.connect(later, hello, PATIENCE))).isEqualTo(ErrorCode.PROTOCOL);
    Endpoint web =
        serve(
            peer -> {
              peer.read();
              peer.send('T', 0x50545448, 1, text("400 Bad Request"));
              peer.drain();
            });
    assertThat(codeOf(transport.connect(web, hello, PATIENCE)))
        .isIn(ErrorCode.UNAVAILABLE, ErrorCode.PROTOCOL);
  }

  @Test
  void givesEachAnswerToItsCallWhateverTheOrder() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              ScriptedServer.Frame first = peer.read();
              ScriptedServer.Frame second = peer.read();
              peer.send(FrameType.BATCH_VALUES, 999_999, text("nobody asked"));
              peer.send(FrameType.BATCH_VALUES, second.id(), second.body());
              peer.send(FrameType.BATCH_VALUES, first.id(), first.body());
              peer.drain();
            });
    Connection connection = connect(endpoint);
    var one = connection.call(FrameType.BATCH_GET, 0, text("one"), PATIENCE_MILLIS);
    var two = connection.call(FrameType.BATCH_GET, 0, text("two"), PATIENCE_MILLIS);
    Reply reply = one.get();
    assertThat(reply.body()).isEqualTo(text("one"));
    assertThat(reply.body().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThat(reply.body().hasArray()).isTrue();
    assertThat(two.get().body()).isEqualTo(text("two"));
  }

  @Test
  void endsCallsByErrorAndByDeadlineAndStaysUsable() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              ErrorReply error = new ErrorReply(ErrorCode.NOT_FOUND, "no table");
              peer.send(FrameType.ERROR, peer.read().id(), error.encode());
              peer.send(FrameType.ERROR, peer.read().id(), error.encode());
              peer.send(77, 0, peer.read().id(), text(""));
              ScriptedServer.Frame hung = peer.read();
              await(late);
              peer.send(FrameType.BATCH_VALUES, hung.id(), text("too late"));
              peer.send(FrameType.PONG, peer.read().id(), text("well"));
              peer.drain();
            });
    Connection connection = connect(endpoint);
    assertThat(codeOf(connection.call(FrameType.BATCH_GET, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.NOT_FOUND);
    Reply asReply = connection.exchange(FrameType.BATCH_GET, 0, text(""), PATIENCE_MILLIS).get();
    assertThat(asReply.type()).isEqualTo(FrameType.ERROR);
    assertThat(codeOf(connection.call(FrameType.BATCH_GET, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.PROTOCOL);
    assertThat(codeOf(connection.call(FrameType.BATCH_GET, 0, text(""), 50)))
        .isEqualTo(ErrorCode.DEADLINE);
    assertThat(codeOf(connection.call(FrameType.BATCH_GET, 0, text(""), 0)))
        .isEqualTo(ErrorCode.DEADLINE);
    late.countDown();
    assertThat(connection.call(FrameType.PING, 0, text(""), PATIENCE_MILLIS).get().body())
        .isEqualTo(text("well"));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void endsEverythingOpenWhenTheConnectionIsLost() throws Exception {
    CountDownLatch allSent = new CountDownLatch(1);
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              await(allSent);
              peer.close();
            });
    Connection connection = connect(endpoint);
    CountDownLatch closed = new CountDownLatch(1);
    connection.onClose(closed::countDown);
    List<CompletableFuture<Reply>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(connection.call(FrameType.BATCH_GET, 0, text("x"), PATIENCE_MILLIS));
    }
    Recorder recorder = new Recorder();
    connection.subscribe(FrameType.WATCH_ROUTING, 0, text(""), recorder);
    allSent.countDown();
    for (CompletableFuture<Reply> call : calls) {
      assertThat(codeOf(call)).isEqualTo(ErrorCode.UNAVAILABLE);
    }
    await(closed);
    Eventually.holds(() -> recorder.ends.get() == 1);
    assertThat(connection.isOpen()).isFalse();
    assertThat(codeOf(connection.call(FrameType.PING, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.UNAVAILABLE);
    CountDownLatch closedAlready = new CountDownLatch(1);
    connection.onClose(closedAlready::countDown);
    await(closedAlready);
  }

  @Test
  void closesAConnectionThatSendsTooLongAFrame() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.send(
                  FrameType.BATCH_VALUES.code(),
                  Limits.MAX_REPLY_FRAME_BYTES + 1,
                  peer.read().id(),
                  text("and so on"));
              peer.drain();
            });
    Connection connection = connect(endpoint);
    assertThat(codeOf(connection.call(FrameType.BATCH_GET, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void refusesWhatTheOtherSideWouldNotTake() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.drain();
            });
    Connection connection = connect(endpoint);
    int tooLong = ScriptedServer.HELLO_REPLY.maxRequestFrameBytes() + 1;
    assertThat(
            codeOf(
                connection.call(
                    FrameType.BATCH_GET, 0, ByteBuffer.allocate(tooLong), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void boundsOpenRequestsAndFreesTheirPlaces() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.drain();
            });
    Connection connection = connect(endpoint);
    List<CompletableFuture<Reply>> calls = new ArrayList<>();
    for (int i = 0; i < Connection.MAX_OPEN_REQUESTS; i++) {
      calls.add(connection.call(FrameType.BATCH_GET, 0, text("x"), 2_000));
    }
    assertThat(codeOf(connection.call(FrameType.PING, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.TRY_AGAIN);
    for (CompletableFuture<Reply> call : calls) {
      assertThat(codeOf(call)).isEqualTo(ErrorCode.DEADLINE);
    }
    assertThat(codeOf(connection.call(FrameType.PING, 0, text(""), 10)))
        .isEqualTo(ErrorCode.DEADLINE);
  }

  private static final class Recorder implements StreamListener {
    final List<Reply> frames = new ArrayList<>();
    final AtomicInteger count = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    final AtomicReference<FeatureKvException> reason = new AtomicReference<>();

    @Override
    public synchronized void onFrame(Reply frame) {
      frames.add(frame);
      count.incrementAndGet();
      if (frame.body().remaining() == 0) {
        throw new IllegalStateException("the listener gives up");
      }
    }

    @Override
    public void onEnd(FeatureKvException why) {
      reason.set(why);
      ends.incrementAndGet();
    }
  }

  @Test
  void deliversStreamsUntilTheyEnd() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    AtomicInteger cancelledId = new AtomicInteger();
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              int failing = peer.read().id();
              peer.send(FrameType.ROUTING, failing, text("a"));
              peer.send(FrameType.ROUTING, failing, text("b"));
              peer.send(
                  FrameType.ERROR, failing, new ErrorReply(ErrorCode.INTERNAL, "no").encode());
              int left = peer.read().id();
              peer.send(FrameType.ROUTING, left, text("c"));
              ScriptedServer.Frame cancel = peer.read();
              assertThat(cancel.type()).isEqualTo(FrameType.CANCEL);
              cancelledId.set(cancel.id() - left);
              peer.send(FrameType.ROUTING, left, text("not heard"));
              cancelled.countDown();
              peer.drain();
            });
    Connection connection = connect(endpoint);
    Recorder failing = new Recorder();
    connection.subscribe(FrameType.WATCH_ROUTING, 0, text("x"), failing);
    Eventually.holds(() -> failing.ends.get() == 1);
    assertThat(failing.count.get()).isEqualTo(2);
    assertThat(failing.reason.get().code()).isEqualTo(ErrorCode.INTERNAL);

    Recorder left = new Recorder();
    Subscription subscription = connection.subscribe(FrameType.WATCH_ROUTING, 0, text("y"), left);
    Eventually.holds(() -> left.count.get() == 1);
    subscription.close();
    subscription.close();
    await(cancelled);
    assertThat(cancelledId.get()).isZero();
    connection.close();
    Eventually.holds(() -> !connection.isOpen());
    assertThat(left.count.get()).isEqualTo(1);
    assertThat(left.ends.get()).isZero();
  }

  @Test
  void endsAStreamWhoseListenerFails() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.send(FrameType.ROUTING, peer.read().id(), text(""));
              if (peer.read().type() == FrameType.CANCEL) {
                cancelled.countDown();
              }
              peer.drain();
            });
    Recorder recorder = new Recorder();
    connect(endpoint).subscribe(FrameType.WATCH_ROUTING, 0, text("x"), recorder);
    await(cancelled);
    Eventually.holds(() -> recorder.ends.get() == 1);
    assertThat(recorder.reason.get().code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void endsEverythingWhenItIsClosed() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.drain();
            });
    Connection connection = connect(endpoint);
    Endpoint silent = serve(ScriptedServer.Peer::drain);
    var call = connection.call(FrameType.BATCH_GET, 0, text("x"), PATIENCE_MILLIS);
    var connecting = transport.connect(silent, Hello.client(""), PATIENCE);
    transport.close();
    assertThat(codeOf(call)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(codeOf(connecting)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(codeOf(transport.connect(endpoint, Hello.client(""), PATIENCE)))
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(codeOf(connection.call(FrameType.PING, 0, text(""), PATIENCE_MILLIS)))
        .isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void pingsASilentPeerAndGivesItUpWhenItStaysSilent() throws Exception {
    AtomicInteger answered = new AtomicInteger();
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              int call = peer.read().id();
              for (int i = 0; i < 3; i++) {
                ScriptedServer.Frame ping = peer.read();
                assertThat(ping.type()).isEqualTo(FrameType.PING);
                peer.send(FrameType.PONG, ping.id(), text(""));
                answered.incrementAndGet();
              }
              peer.send(FrameType.BATCH_VALUES, call, text("still there"));
              peer.drain();
            });
    try (Transport impatient = Transport.start(1, 100)) {
      Connection connection =
          impatient
              .connect(endpoint, Hello.client(""), PATIENCE)
              .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      var call = connection.call(FrameType.BATCH_GET, 0, text("x"), PATIENCE_MILLIS);
      assertThat(call.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).body())
          .isEqualTo(text("still there"));
      assertThat(answered.get()).isEqualTo(3);
      var unanswered = connection.call(FrameType.BATCH_GET, 0, text("x"), PATIENCE_MILLIS);
      assertThat(codeOf(unanswered)).isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    Endpoint endpoint =
        serve(
            peer -> {
              peer.hello();
              peer.drain();
            });
    connect(new Endpoint("localhost", endpoint.port()));
    transport.close();
    transport.close();
    Eventually.holds(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("featurekv-net")));
  }

  @Test
  void runsTasksOfOneThreadInOrder() throws Exception {
    NetworkThread thread = transport.nextThread();
    List<Integer> order = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    for (int i = 0; i < 100; i++) {
      int number = i;
      thread.execute(() -> order.add(number));
    }
    NetworkThread.Timer cancelled = thread.schedule(50, () -> order.add(-1));
    cancelled.cancel();
    thread.schedule(
        60,
        () -> {
          assertThat(thread.isCurrent()).isTrue();
          assertThat(transport.isNetworkThread()).isTrue();
          done.countDown();
        });
    await(done);
    assertThat(order).hasSize(100).isSorted();
    assertThat(transport.isNetworkThread()).isFalse();
  }
}
