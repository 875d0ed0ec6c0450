package io.featurekv.bench.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Redis' protocol: MGET, or GET where one key is asked for. */
public final class RespWire extends Wire {
  private static final byte[] GET = ascii("*2\r\n$3\r\nGET\r\n");
  private static final byte[] MGET = ascii("\r\n$4\r\nMGET\r\n");
  private static final byte[] KEY_LENGTH = ascii("$16\r\n");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] OK = ascii("+OK\r\n");
  private static final int NONE = -1;

  private final boolean isSingle;
  private final int database;
  private int elementsLeft = NONE;

  /**
   * Asks with GET if single, for one key each; else with MGET.
   *
   * @param database to select first; 0: none
   */
  public RespWire(boolean isSingle, int database) {
    this.isSingle = isSingle;
    this.database = database;
  }

  @Override
  public void greet(SocketChannel channel) throws IOException {
    if (database == 0) {
      return;
    }
    channel.write(ByteBuffer.wrap(ascii("SELECT " + database + "\r\n")));
    ByteBuffer answer = ByteBuffer.allocate(128);
    while (answer.position() < OK.length) {
      if (channel.read(answer) < 0) {
        throw new EOFException("the server closed the connection at once");
      }
    }
    if (!answer.flip().equals(ByteBuffer.wrap(OK))) {
      throw unexpected(answer, 0);
    }
  }

  @Override
  public int requestBytes(int keys) {
    return 64 + keys * 23;
  }

  @Override
  public void encode(ByteBuffer out, int request, long[] ids, int count) {
    if (isSingle) {
      out.put(GET);
    } else {
      out.put((byte) '*').put(ascii(Integer.toString(count + 1))).put(MGET);
    }
    for (int i = 0; i < count; i++) {
      out.put(KEY_LENGTH);
      putKey(out, ids[i]);
      out.put(LINE_END);
    }
  }

  @Override
  public boolean decode(ByteBuffer in) throws UnexpectedReply {
    if (elementsLeft == NONE && !beginReply(in)) {
      return false;
    }
    while (elementsLeft > 0) {
      if (!decodeElement(in)) {
        return false;
      }
      elementsLeft--;
    }
    elementsLeft = NONE;
    return true;
  }

  private boolean beginReply(ByteBuffer in) throws UnexpectedReply {
    if (isSingle) {
      elementsLeft = 1;
    } else {
      int end = lineEnd(in, in.position());
      if (end < 0) {
        return false;
      }
      if (in.get(in.position()) != '*') {
        throw unexpected(in, in.position());
      }
      elementsLeft = number(in, in.position() + 1);
      in.position(end + 1);
    }
    startReply();
    return true;
  }

  private boolean decodeElement(ByteBuffer in) throws UnexpectedReply {
    int end = lineEnd(in, in.position());
    if (end < 0) {
      return false;
    }
    if (in.get(in.position()) != '$') {
      throw unexpected(in, in.position());
    }
    int length = number(in, in.position() + 1);
    if (length < 0) {
      in.position(end + 1);
      return true;
    }
    int next = end + 1 + length + LINE_END.length;
    if (next > in.limit()) {
      return false;
    }
    addValue(in, end + 1, length);
    in.position(next);
    return true;
  }
}
