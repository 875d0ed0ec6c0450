package io.featurekv.bench;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.bench.server.Server;
import io.featurekv.bench.wire.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;

/** Reads some thousands of entries back, all bytes, and as many absent ones. */
final class SampleCheck {
  private static final int BATCHES = 50;
  private static final int VERSION = 1;

  private final Wire wire;
  private final EntrySet entries;
  private final byte[] value = new byte[ValueShape.MAX_BYTES];
  private final long[] ids;
  private int wrong;

  private SampleCheck(Wire wire, EntrySet entries, int batch) {
    this.wire = wire;
    this.entries = entries;
    this.ids = new long[batch];
    wire.listen(this::check);
  }

  /** In every dialect of a server. */
  static void run(Server server, EntrySet entries, int batch) throws IOException {
    for (Server.Dialect dialect : server.dialects(batch)) {
      new SampleCheck(dialect.maker().wire(), entries, batch).run(server);
    }
  }

  private void run(Server server) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    try (SocketChannel channel =
        SocketChannel.open(
            new InetSocketAddress(server.endpoint().host(), server.endpoint().port()))) {
      wire.greet(channel);
      for (int i = 0; i < BATCHES; i++) {
        boolean isPresent = i % 2 == 0;
        for (int k = 0; k < ids.length; k++) {
          int entry = random.nextInt(entries.count());
          ids[k] = StandardKeys.id(isPresent ? entry : StandardKeys.FIRST_ABSENT + entry);
        }
        ask(channel, i);
        int expected = isPresent ? ids.length : 0;
        if (wire.found() != expected || wrong > 0) {
          throw new IOException(
              server.name()
                  + ": expected "
                  + expected
                  + " of "
                  + ids.length
                  + " keys, found "
                  + wire.found()
                  + ", "
                  + wrong
                  + " of them with another value");
        }
      }
    }
  }

  private void ask(SocketChannel channel, int request) throws IOException {
    ByteBuffer out =
        ByteBuffer.allocate(wire.requestBytes(ids.length)).order(ByteOrder.LITTLE_ENDIAN);
    wire.encode(out, request, ids, ids.length);
    out.flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    ByteBuffer in =
        ByteBuffer.allocate(wire.replyBytes(ids.length, ValueShape.MAX_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    in.flip();
    while (!wire.decode(in)) {
      in.compact();
      if (channel.read(in) < 0) {
        throw new IOException("the server closed the connection");
      }
      in.flip();
    }
  }

  private void check(int n, ByteBuffer reply, int at, int length) {
    int expected = entries.writeValue(ids[n], VERSION, value);
    boolean isSame = length == expected;
    for (int i = 0; isSame && i < length; i++) {
      isSame = reply.get(at + i) == value[i];
    }
    wrong += isSame ? 0 : 1;
  }
}
