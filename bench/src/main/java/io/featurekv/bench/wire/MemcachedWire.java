package io.featurekv.bench.wire;

import java.nio.ByteBuffer;

/**
 * memcached's text protocol, in one of two forms: {@code get} with many keys, answered by VALUE
 * lines and END; or a quiet {@code mg} for each key and one {@code mn}, answered by VA lines and
 * MN. Misses are silent in both.
 */
public final class MemcachedWire extends Wire {
  private static final byte[] GET = ascii("get");
  private static final byte[] META_GET = ascii("mg ");
  private static final byte[] META_FLAGS = ascii(" v q\r\n");
  private static final byte[] META_END = ascii("mn\r\n");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final int VALUE_LENGTH_AT = "VALUE 0123456789abcdef 0 ".length();

  private final boolean isMeta;
  private boolean isInReply;

  public MemcachedWire(boolean isMeta) {
    this.isMeta = isMeta;
  }

  @Override
  public int requestBytes(int keys) {
    return 64 + keys * 26;
  }

  @Override
  public void encode(ByteBuffer out, int request, long[] ids, int count) {
    if (isMeta) {
      for (int i = 0; i < count; i++) {
        out.put(META_GET);
        putKey(out, ids[i]);
        out.put(META_FLAGS);
      }
      out.put(META_END);
    } else {
      out.put(GET);
      for (int i = 0; i < count; i++) {
        out.put((byte) ' ');
        putKey(out, ids[i]);
      }
      out.put(LINE_END);
    }
  }

  @Override
  public boolean decode(ByteBuffer in) throws UnexpectedReply {
    if (!isInReply) {
      startReply();
      isInReply = true;
    }
    while (true) {
      int from = in.position();
      int end = lineEnd(in, from);
      if (end < 0) {
        return false;
      }
      byte first = in.get(from);
      if (first == 'V') {
        int length = number(in, from + (isMeta ? 3 : VALUE_LENGTH_AT));
        int next = end + 1 + length + LINE_END.length;
        if (next > in.limit()) {
          return false;
        }
        addValue(in, end + 1, length);
        in.position(next);
      } else if (first == (isMeta ? 'M' : 'E') && in.get(from + 1) == 'N') {
        in.position(end + 1);
        isInReply = false;
        return true;
      } else {
        throw unexpected(in, from);
      }
    }
  }
}
