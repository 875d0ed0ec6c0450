package io.featurekv.bench.wire;

import io.featurekv.bench.data.StandardKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * How one server is asked for keys, and how its replies read. One for each connection. A request is
 * encoded by one thread at a time and a reply decoded by one thread at a time; these may be two.
 *
 * <p>Nothing is allocated for a request or a reply.
 */
public abstract class Wire {
  /** Takes what a reply holds. */
  @FunctionalInterface
  public interface ValueListener {
    /** The n-th found value of a reply, from 0, lies at an index of the buffer, for this call. */
    void found(int n, ByteBuffer reply, int at, int length);
  }

  private static final ValueListener NOBODY = (n, reply, at, length) -> {};

  private ValueListener listener = NOBODY;
  private int found;
  private long valueBytes;

  /** A server said something that no request of ours asks for. */
  public static final class UnexpectedReply extends IOException {
    private static final long serialVersionUID = 1L;

    UnexpectedReply(String message) {
      super(message);
    }
  }

  /** What has to be said first on a connection, which blocks. */
  public void greet(SocketChannel channel) throws IOException {}

  /** Room that a request of so many keys may take. */
  public abstract int requestBytes(int keys);

  /** Room that a reply to so many keys may take, all of them with values of this length. */
  public final int replyBytes(int keys, int valueBytes) {
    return 128 + keys * (valueBytes + 64);
  }

  /**
   * Appends a request to a buffer in {@link ByteOrder#LITTLE_ENDIAN}.
   *
   * @param request its number on this connection
   * @param ids whose keys are asked for
   */
  public abstract void encode(ByteBuffer out, int request, long[] ids, int count);

  /**
   * Reads on, from a buffer in {@link ByteOrder#LITTLE_ENDIAN}, up to the end of one reply at most.
   *
   * @return whether a reply is complete
   * @throws UnexpectedReply for an error, and for what is no reply to such a request
   */
  public abstract boolean decode(ByteBuffer in) throws UnexpectedReply;

  /** The number of the request that the last reply belongs to, or -1: replies come in order. */
  public int request() {
    return -1;
  }

  /** Keys that the last complete reply had a value for. */
  public final int found() {
    return found;
  }

  /** Length of all its values together. */
  public final long valueBytes() {
    return valueBytes;
  }

  /** Who is told of every value from now on. */
  public final void listen(ValueListener newListener) {
    listener = newListener;
  }

  final void startReply() {
    found = 0;
    valueBytes = 0;
  }

  final void addValue(ByteBuffer reply, int at, int length) {
    listener.found(found, reply, at, length);
    found++;
    valueBytes += length;
  }

  /** Appends a key's 16 bytes. */
  static void putKey(ByteBuffer out, long id) {
    out.putLong(Long.reverseBytes(StandardKeys.firstDigits(id)));
    out.putLong(Long.reverseBytes(StandardKeys.lastDigits(id)));
  }

  /** The index of the line feed that ends the line beginning here, or -1 if it is not there yet. */
  static int lineEnd(ByteBuffer in, int from) {
    for (int at = from; at < in.limit(); at++) {
      if (in.get(at) == '\n') {
        return at;
      }
    }
    return -1;
  }

  /** The decimal number that begins here, up to any other byte; may be negative. */
  static int number(ByteBuffer in, int from) {
    int at = from;
    boolean isNegative = in.get(at) == '-';
    if (isNegative) {
      at++;
    }
    int number = 0;
    for (byte digit = in.get(at); digit >= '0' && digit <= '9'; digit = in.get(++at)) {
      number = number * 10 + digit - '0';
    }
    return isNegative ? -number : number;
  }

  /** For messages. */
  static UnexpectedReply unexpected(ByteBuffer in, int from) {
    byte[] bytes = new byte[Math.min(100, in.limit() - from)];
    in.get(from, bytes);
    return new UnexpectedReply(
        "found '" + new String(bytes, StandardCharsets.ISO_8859_1).strip() + "' in a reply");
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
