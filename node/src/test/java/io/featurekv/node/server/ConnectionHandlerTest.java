package io.featurekv.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.Limits;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a connection makes of the bytes that come in, whatever the receiver does. */
class ConnectionHandlerTest {
  private static final int LARGE_REPLY_BYTES = 1 << 20;

  private final AtomicInteger handled = new AtomicInteger();
  private final Admission admission = new Admission(Long.MAX_VALUE);
  private EventLoops loops = EventLoops.start(IoTransport.best(), 1);
  private NodeServer server;

  @BeforeEach
  void start() {
    listen();
  }

  private void listen() {
    Map<FrameType, RequestHandler> handlers =
        Map.of(
            FrameType.BATCH_GET,
            (InPlaceHandler) this::echo,
            FrameType.SCAN,
            (InPlaceHandler) this::answerLarge,
            FrameType.PING,
            (MessageHandler) exchange -> exchange.reply(FrameType.PONG, exchange.body()),
            FrameType.PROPOSE,
            (MessageHandler) exchange -> exchange.reply(FrameType.PROPOSED, exchange.body()));
    server =
        NodeServer.listen(
            loops,
            new Endpoint("127.0.0.1", 0),
            new ServerIdentity("c1", "n1", "a", () -> 1),
            handlers,
            admission);
  }

  @AfterEach
  void stop() {
    server.close();
    loops.close();
  }

  private void echo(InPlaceRequest request) {
    handled.incrementAndGet();
    ByteBuffer body = request.body();
    ByteBuf out =
        request.replies().begin(FrameType.BATCH_VALUES, request.requestId(), body.remaining());
    request.replies().send(out.writeBytes(body.duplicate()));
  }

  private void answerLarge(InPlaceRequest request) {
    handled.incrementAndGet();
    ByteBuf out =
        request.replies().begin(FrameType.SCAN_PAGE, request.requestId(), LARGE_REPLY_BYTES);
    request.replies().send(out.writeZero(LARGE_REPLY_BYTES));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write(frame(FrameType.HELLO, 0, Hello.client("").encode()));
    FrameHeader reply = readHeader(socket);
    assertThat(reply.typeCode()).isEqualTo(FrameType.HELLO_OK.code());
    readBody(socket, reply);
    return socket;
  }

  private static byte[] frame(FrameType type, int requestId, ByteBuffer body) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.BYTES + body.remaining());
    FrameHeader.of(body.remaining(), type, 0, requestId).encode(frame);
    return frame.put(body).array();
  }

  private static FrameHeader readHeader(Socket socket) throws IOException {
    byte[] bytes = new byte[FrameHeader.BYTES];
    new DataInputStream(socket.getInputStream()).readFully(bytes);
    return FrameHeader.decode(ByteBuffer.wrap(bytes));
  }

  private static byte[] readBody(Socket socket, FrameHeader header) throws IOException {
    byte[] bytes = new byte[header.bodyLength()];
    new DataInputStream(socket.getInputStream()).readFully(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource
  void framesCutAnywhereAreAnsweredOnEveryTransport(IoTransport transport) throws IOException {
    try {
      transport.required();
    } catch (io.featurekv.model.FeatureKvException e) {
      org.junit.jupiter.api.Assumptions.abort(e.getMessage());
    }
    stop();
    loops = EventLoops.start(transport, 1);
    listen();
    long seed = Long.getLong("featurekv.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int frames = 300;
    byte[][] bodies = new byte[frames][];
    for (int i = 0; i < frames; i++) {
      bodies[i] = new byte[random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(50)];
      random.nextBytes(bodies[i]);
      FrameType type = random.nextInt(4) == 0 ? FrameType.PING : FrameType.BATCH_GET;
      all.write(frame(type, i, ByteBuffer.wrap(bodies[i])));
    }
    byte[] bytes = all.toByteArray();
    try (Socket socket = connect()) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    int at = 0;
                    while (at < bytes.length) {
                      int some = 1 + random.nextInt(random.nextInt(5) == 0 ? 100_000 : 30);
                      int length = Math.min(bytes.length - at, some);
                      try {
                        socket.getOutputStream().write(bytes, at, length);
                      } catch (IOException e) {
                        return;
                      }
                      at += length;
                    }
                  });
      for (int i = 0; i < frames; i++) {
        FrameHeader header = readHeader(socket);
        assertThat(readBody(socket, header)).isEqualTo(bodies[header.requestId()]);
      }
      join(writer);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void receiverThatTakesNothingIsNotAnsweredFurtherAndThenGetsAll() throws IOException {
    int requests = 100;
    try (Socket socket = connect()) {
      for (int i = 0; i < requests; i++) {
        socket.getOutputStream().write(frame(FrameType.SCAN, i, ByteBuffer.allocate(0)));
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> admission.bytes() >= NodeServer.UNSENT_BYTES.high());
      // What the kernel took, and the high water mark with one reply beyond it.
      assertThat(handled).hasValueLessThan(requests);
      for (int i = 0; i < requests; i++) {
        FrameHeader header = readHeader(socket);
        assertThat(header.requestId()).isEqualTo(i);
        assertThat(readBody(socket, header)).hasSize(LARGE_REPLY_BYTES);
      }
      assertThat(handled).hasValue(requests);
      await().atMost(Duration.ofSeconds(30)).until(() -> admission.bytes() == 0);
    }
  }

  @Test
  void tooLongFrameIsRefusedAndEndsTheConnection() throws IOException {
    try (Socket socket = connect()) {
      ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
      FrameHeader.of(Limits.MAX_REQUEST_FRAME_BYTES + 1, FrameType.BATCH_GET, 0, 7).encode(head);
      socket.getOutputStream().write(head.array());
      FrameHeader header = readHeader(socket);
      assertThat(header.requestId()).isEqualTo(7);
      assertThat(ErrorReply.decode(ByteBuffer.wrap(readBody(socket, header))).code())
          .isEqualTo(ErrorCode.TOO_LARGE);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void nothingIsAnsweredBeforeHello() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(frame(FrameType.BATCH_GET, 3, ByteBuffer.allocate(9)));
      FrameHeader header = readHeader(socket);
      assertThat(ErrorReply.decode(ByteBuffer.wrap(readBody(socket, header))).code())
          .isEqualTo(ErrorCode.PROTOCOL);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void framesOfNodesAndToolsAreNotTakenFromClients() throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(frame(FrameType.PROPOSE, 4, ByteBuffer.allocate(9)));
      socket.getOutputStream().write(frame(FrameType.PING, 5, ByteBuffer.allocate(0)));
      FrameHeader refused = readHeader(socket);
      assertThat(refused.requestId()).isEqualTo(4);
      ErrorReply error = ErrorReply.decode(ByteBuffer.wrap(readBody(socket, refused)));
      assertThat(error.code()).isEqualTo(ErrorCode.PROTOCOL);
      assertThat(error.message()).contains("type 16", "client");
      assertThat(readHeader(socket).requestId()).isEqualTo(5);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(frame(FrameType.HELLO, 0, Hello.tool("").encode()));
      readBody(socket, readHeader(socket));
      socket.getOutputStream().write(frame(FrameType.PROPOSE, 6, ByteBuffer.allocate(9)));
      assertThat(readHeader(socket).typeCode()).isEqualTo(FrameType.PROPOSED.code());
    }
  }

  @Test
  void connectionThatGoesInMidFrameLeavesNothingBehind() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (Socket socket = connect()) {
        byte[] frame = frame(FrameType.BATCH_GET, i, ByteBuffer.allocate(100_000));
        socket.getOutputStream().write(frame, 0, 50_000);
      }
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> server.connectionCount() == 0);
    assertThat(handled).hasValue(0);
  }
}
