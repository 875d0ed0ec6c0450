package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that does with each connection what a test says, with plain sockets. */
final class ScriptedServer implements AutoCloseable {
  static final HelloReply HELLO_REPLY =
      new HelloReply(Hello.VERSION, 1 << 20, 100, 5, "c1", "n1", "a");

  /** What to do with a connection. */
  interface Script {
    void run(Peer peer) throws IOException;
  }

  /** A frame that came in. */
  record Frame(FrameHeader header, ByteBuffer body) {
    FrameType type() {
      return FrameType.ofCode(header.typeCode());
    }

    int id() {
      return header.requestId();
    }
  }

  /** One accepted connection. */
  static final class Peer {
    private final Socket socket;
    private final DataInputStream in;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new DataInputStream(socket.getInputStream());
    }

    Frame read() throws IOException {
      byte[] header = new byte[FrameHeader.BYTES];
      in.readFully(header);
      FrameHeader decoded = FrameHeader.decode(ByteBuffer.wrap(header));
      byte[] body = new byte[decoded.bodyLength()];
      in.readFully(body);
      return new Frame(decoded, ByteBuffer.wrap(body));
    }

    void send(FrameType type, int requestId, ByteBuffer body) throws IOException {
      send(type.code(), body.remaining(), requestId, body);
    }

    void send(int typeCode, int bodyLength, int requestId, ByteBuffer body) throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(FrameHeader.BYTES + body.remaining());
      new FrameHeader(bodyLength, typeCode, 0, requestId).encode(frame);
      frame.put(body);
      socket.getOutputStream().write(frame.array());
    }

    void hello() throws IOException {
      Frame hello = read();
      send(FrameType.HELLO_OK, hello.id(), HELLO_REPLY.encode());
    }

    /** Waits until the other side closes; whatever it sends is taken. */
    void drain() throws IOException {
      while (in.read() >= 0) {
        // Not looked at.
      }
    }

    void close() throws IOException {
      socket.close();
    }
  }

  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  ScriptedServer(Script script) throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread acceptor = new Thread(() -> accept(script), "scripted-server");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private void accept(Script script) {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread worker = new Thread(() -> run(script, socket), "scripted-connection");
        worker.setDaemon(true);
        worker.start();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void run(Script script, Socket socket) {
    try (socket) {
      script.run(new Peer(socket));
    } catch (IOException e) {
      // The other side went first.
    }
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", listener.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
