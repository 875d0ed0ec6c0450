package io.featurekv.chaos.instruments;

import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sends to a port what no client and no peer would send. What is sent is a function of the seed and
 * of the order of calls. Not thread-safe.
 */
public final class HostileBytes {
  private static final int MAX_NOISE_BYTES = 64 << 10;
  private static final int MAX_BODY_BYTES = 4 << 10;
  private static final int MAX_FRAMES = 20;
  private static final int PREFACE_SHARE = 2;
  private static final byte[] HTTP2_PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Random random;
  private final int timeoutMillis;

  /** What the bytes of a conversation are. */
  public enum Kind {
    /** Anything, also where HELLO belongs. */
    NOISE,
    /** A HELLO with bits turned. */
    HELLO,
    /** Good frames of every type, with bodies of noise. */
    BODIES,
    /** Types that there are not. */
    TYPES,
    /** Lengths that promise more than comes, up to all that 32 bits can say. */
    LENGTHS,
    /** A BATCH_GET with bits turned. */
    REQUESTS
  }

  /**
   * How a conversation ended.
   *
   * @param how for a person
   */
  public record Ended(Kind kind, String how) {}

  /**
   * @param timeout for which an answer is awaited
   */
  public HostileBytes(long seed, Duration timeout) {
    random = new Random(seed);
    timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  /** Sends noise to a port of any protocol. */
  public Ended noise(InetSocketAddress port) throws IOException {
    try (Socket socket = connect(port)) {
      if (random.nextInt(PREFACE_SHARE) == 0) {
        send(socket, ByteBuffer.wrap(HTTP2_PREFACE));
      }
      send(socket, noise(1 + random.nextInt(MAX_NOISE_BYTES)));
      return new Ended(Kind.NOISE, awaitEnd(socket));
    }
  }

  /** Sends one kind of broken frames, as a client, a tool or a peer. */
  public Ended conversation(InetSocketAddress port) throws IOException {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    if (kind == Kind.NOISE) {
      return noise(port);
    }
    try (Socket socket = connect(port)) {
      ByteBuffer hello = hello();
      if (kind == Kind.HELLO) {
        turnBits(hello, 1 + random.nextInt(4));
        send(socket, frame(FrameType.HELLO.code(), hello.remaining(), hello));
        return new Ended(kind, awaitEnd(socket));
      }
      send(socket, frame(FrameType.HELLO.code(), hello.remaining(), hello));
      int frames = 1 + random.nextInt(MAX_FRAMES);
      for (int i = 0; i < frames; i++) {
        send(socket, hostileFrame(kind));
      }
      return new Ended(kind, awaitEnd(socket));
    }
  }

  private ByteBuffer hello() {
    return switch (random.nextInt(3)) {
      case 0 -> Hello.client("").encode();
      case 1 -> Hello.tool("").encode();
      default -> Hello.peer("", "n9").encode();
    };
  }

  private ByteBuffer hostileFrame(Kind kind) {
    FrameType[] types = FrameType.values();
    return switch (kind) {
      case NOISE, HELLO -> throw new IllegalArgumentException("no frames of " + kind);
      case BODIES -> {
        ByteBuffer body = noise(random.nextInt(MAX_BODY_BYTES));
        yield frame(types[random.nextInt(types.length)].code(), body.remaining(), body);
      }
      case TYPES -> {
        ByteBuffer body = noise(random.nextInt(MAX_BODY_BYTES));
        yield frame(38 + random.nextInt(256 - 38), body.remaining(), body);
      }
      case LENGTHS -> {
        ByteBuffer body = noise(random.nextInt(MAX_BODY_BYTES));
        int promised = random.nextBoolean() ? random.nextInt() : body.remaining() + 1;
        yield frame(types[random.nextInt(types.length)].code(), promised, body);
      }
      case REQUESTS -> {
        ByteBuffer body = request();
        turnBits(body, 1 + random.nextInt(8));
        yield frame(FrameType.BATCH_GET.code(), body.remaining(), body);
      }
    };
  }

  private ByteBuffer request() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      keys.add(("key" + i).getBytes(StandardCharsets.UTF_8));
    }
    return BatchGetRequest.encode("m", 0, 0, timeoutMillis, keys);
  }

  private ByteBuffer noise(int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return ByteBuffer.wrap(noise);
  }

  private void turnBits(ByteBuffer bytes, int bits) {
    for (int i = 0; i < bits && bytes.hasRemaining(); i++) {
      int at = bytes.position() + random.nextInt(bytes.remaining());
      bytes.put(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(Byte.SIZE))));
    }
  }

  private ByteBuffer frame(int type, int promisedBytes, ByteBuffer body) {
    ByteBuffer frame =
        ByteBuffer.allocate(FrameHeader.BYTES + body.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(promisedBytes).put((byte) type).put((byte) random.nextInt());
    frame.putShort((short) random.nextInt()).putInt(random.nextInt());
    return frame.put(body).flip();
  }

  private Socket connect(InetSocketAddress port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(port, timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** What the other side does not take any more, it has refused. */
  private static void send(Socket socket, ByteBuffer bytes) {
    try {
      byte[] all = new byte[bytes.remaining()];
      bytes.duplicate().get(all);
      socket.getOutputStream().write(all);
    } catch (IOException e) {
      // It broke the connection, as it may.
    }
  }

  /** Half of the time hangs up at once. */
  private String awaitEnd(Socket socket) throws IOException {
    if (random.nextBoolean()) {
      return "hung up";
    }
    try {
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      long bytes = 0;
      byte[] buffer = new byte[MAX_BODY_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
      }
      return bytes + " bytes of answers and the end";
    } catch (SocketTimeoutException e) {
      return "no end within " + timeoutMillis + " ms";
    } catch (IOException e) {
      return "broken: " + e.getMessage();
    }
  }

  /** Opens connections that send half a header, or nothing, and stay until they are closed. */
  public Closeable silence(InetSocketAddress port, int connections) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    Closeable all =
        () -> {
          for (Socket socket : sockets) {
            socket.close();
          }
        };
    for (int i = 0; i < connections; i++) {
      Socket socket = connect(port);
      sockets.add(socket);
      send(socket, noise(random.nextInt(FrameHeader.BYTES)));
    }
    return all;
  }

  /** Whether a well-behaved client gets an answer. */
  public boolean isAnsweringPing(InetSocketAddress port) throws IOException {
    try (Socket socket = connect(port)) {
      ByteBuffer hello = Hello.client("").encode();
      send(socket, frame(FrameType.HELLO.code(), hello.remaining(), hello));
      send(socket, frame(FrameType.PING.code(), 0, ByteBuffer.allocate(0)));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      return takeFrame(in) == FrameType.HELLO_OK.code() && takeFrame(in) == FrameType.PONG.code();
    }
  }

  private static int takeFrame(DataInputStream in) throws IOException {
    byte[] header = new byte[FrameHeader.BYTES];
    in.readFully(header);
    int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
    in.skipNBytes(length);
    return header[Integer.BYTES] & 0xff;
  }
}
