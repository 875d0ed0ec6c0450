package io.featurekv.bench.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** FeatureKV's own protocol, as docs/protocol.md has it: BATCH_GET of the active version. */
public final class FeatureKvWire extends Wire {
  private static final int HEADER_BYTES = 12;
  private static final int HELLO = 1;
  private static final int HELLO_OK = 2;
  private static final int ERROR = 3;
  private static final int BATCH_GET = 6;
  private static final int BATCH_VALUES = 7;
  private static final int ABSENT = 0;
  private static final int FOUND = 1;
  private static final short PROTOCOL = 2;
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final short KEY_BYTES = 16;

  private final byte[] table;
  private int request;
  private long version;

  public FeatureKvWire(String table) {
    this.table = ascii(table);
  }

  @Override
  public void greet(SocketChannel channel) throws IOException {
    ByteBuffer hello = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    putHeader(hello, 11, HELLO, 0);
    hello.put(ascii("FKV1")).putShort(PROTOCOL).putShort(PROTOCOL);
    hello.put((byte) 1).put((byte) 0).put((byte) 0).flip();
    while (hello.hasRemaining()) {
      channel.write(hello);
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, header);
    ByteBuffer body = ByteBuffer.allocate(header.getInt(0));
    readFully(channel, body);
    if (header.get(4) != HELLO_OK) {
      throw new UnexpectedReply("HELLO was answered with a frame of type " + header.get(4));
    }
  }

  private static void readFully(SocketChannel channel, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException("the node closed the connection at once");
      }
    }
  }

  private static void putHeader(ByteBuffer out, int bodyBytes, int type, int request) {
    out.putInt(bodyBytes).put((byte) type).put((byte) 0).putShort((short) 0).putInt(request);
  }

  @Override
  public int requestBytes(int keys) {
    return HEADER_BYTES + 25 + table.length + keys * (2 + KEY_BYTES);
  }

  @Override
  public void encode(ByteBuffer out, int request, long[] ids, int count) {
    putHeader(out, requestBytes(count) - HEADER_BYTES, BATCH_GET, request);
    out.putInt(TIMEOUT_MILLIS).putLong(0).putLong(0);
    out.put((byte) table.length).put(table).putInt(count);
    for (int i = 0; i < count; i++) {
      out.putShort(KEY_BYTES);
      putKey(out, ids[i]);
    }
  }

  @Override
  public boolean decode(ByteBuffer in) throws UnexpectedReply {
    int from = in.position();
    if (in.remaining() < HEADER_BYTES || in.remaining() < HEADER_BYTES + in.getInt(from)) {
      return false;
    }
    int end = from + HEADER_BYTES + in.getInt(from);
    int type = in.get(from + 4);
    if (type != BATCH_VALUES) {
      throw type == ERROR
          ? failure("ERROR", in, from + HEADER_BYTES)
          : new UnexpectedReply("BATCH_GET was answered with a frame of type " + type);
    }
    request = in.getInt(from + 8);
    version = in.getLong(from + HEADER_BYTES);
    startReply();
    int at = from + HEADER_BYTES + 16;
    int count = in.getInt(at);
    at += Integer.BYTES;
    for (int i = 0; i < count; i++) {
      int status = in.get(at++);
      if (status == FOUND) {
        int length = in.getInt(at);
        addValue(in, at + Integer.BYTES, length);
        at += Integer.BYTES + length;
      } else if (status != ABSENT) {
        throw failure("status " + status + " of a key", in, at);
      }
    }
    if (at != end) {
      throw new UnexpectedReply("a reply is " + (end - at) + " bytes longer than its values");
    }
    in.position(end);
    return true;
  }

  private static UnexpectedReply failure(String what, ByteBuffer in, int at) {
    int code = in.getShort(at);
    byte[] message = new byte[in.getShort(at + 2) & 0xFFFF];
    in.get(at + 4, message);
    return new UnexpectedReply(
        what + ", code " + code + ": " + new String(message, StandardCharsets.UTF_8));
  }

  @Override
  public int request() {
    return request;
  }

  /** The version of the last complete reply. */
  public long version() {
    return version;
  }
}
