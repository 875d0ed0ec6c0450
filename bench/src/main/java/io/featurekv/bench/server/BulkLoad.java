package io.featurekv.bench.server;

import io.featurekv.bench.data.EntrySet;
import io.featurekv.bench.data.StandardKeys;
import io.featurekv.bench.data.ValueShape;
import io.featurekv.model.Endpoint;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Sends many set commands over one connection, so many at a time before the answers are read. */
final class BulkLoad {
  private static final int WINDOW = 1000;
  private static final int SET_BYTES = 256;
  private static final int VERSION = 1;

  private BulkLoad() {}

  /** How one server is told to keep an entry. */
  interface Dialect {
    void putSet(ByteBuffer out, byte[] key, byte[] value, int valueBytes);

    /** What ends a window of commands. */
    byte[] windowEnd();

    /** What has to be answered to a window of so many. */
    byte[] answer(int sets);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static void run(Endpoint endpoint, EntrySet entries, Dialect dialect) throws IOException {
    ByteBuffer out = ByteBuffer.allocateDirect(WINDOW * SET_BYTES + 64);
    byte[] value = new byte[ValueShape.MAX_BYTES];
    byte[] key = new byte[StandardKeys.KEY_BYTES];
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(endpoint.host(), endpoint.port()))) {
      for (int entry = 0; entry < entries.count(); ) {
        out.clear();
        int sets = Math.min(WINDOW, entries.count() - entry);
        for (int i = 0; i < sets; i++) {
          long id = StandardKeys.id(entry++);
          StandardKeys.write(id, key);
          dialect.putSet(out, key, value, entries.writeValue(id, VERSION, value));
        }
        out.put(dialect.windowEnd()).flip();
        while (out.hasRemaining()) {
          channel.write(out);
        }
        expect(channel, dialect.answer(sets));
      }
    }
  }

  private static void expect(SocketChannel channel, byte[] answer) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(answer.length);
    while (found.hasRemaining()) {
      if (channel.read(found) < 0) {
        throw new EOFException("the server closed the connection while loading");
      }
    }
    if (!Arrays.equals(found.array(), answer)) {
      throw new IOException(
          "a set was answered with '"
              + new String(found.array(), StandardCharsets.ISO_8859_1)
                  .substring(0, Math.min(100, answer.length))
                  .strip()
              + "'");
    }
  }

  /** The answer to one line, once it has the text that ends it. */
  static String ask(Endpoint endpoint, String line, String lastLine) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(endpoint.host(), endpoint.port()))) {
      channel.write(ByteBuffer.wrap(ascii(line + "\r\n")));
      ByteBuffer answer = ByteBuffer.allocate(64 << 10);
      String text = "";
      while (!text.contains(lastLine)) {
        if (channel.read(answer) < 0) {
          throw new EOFException("'" + line + "' was answered with '" + text + "'");
        }
        text = new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
      }
      return text;
    }
  }
}
