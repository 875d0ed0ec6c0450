package io.featurekv.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Body of SCAN, one page of one shard: {@code u32 timeoutMillis | u64 version | u32 shard | u32 max
 * entries | u32 max bytes | u8 bits | u8 n, table | [u16 n, from] | [u16 n, to]}. Bits: 1 has from,
 * 2 from is included, 4 has to (which is not included).
 */
public record ScanRequest(
    int timeoutMillis,
    long version,
    int shard,
    int maxEntries,
    int maxBytes,
    String table,
    byte @Nullable [] from,
    boolean fromInclusive,
    byte @Nullable [] to) {
  private static final int FIXED_BYTES = 4 + 8 + 4 + 4 + 4 + 1 + 1;
  private static final int HAS_FROM = 1;
  private static final int FROM_INCLUSIVE = 2;
  private static final int HAS_TO = 4;

  /** The same at a definite version. */
  public ScanRequest withVersion(long pinned) {
    return new ScanRequest(
        timeoutMillis, pinned, shard, maxEntries, maxBytes, table, from, fromInclusive, to);
  }

  /** The bytes. */
  public ByteBuffer encode() {
    byte[] name = Body.utf8(table);
    int bytes = FIXED_BYTES + name.length;
    bytes += from == null ? 0 : 2 + from.length;
    bytes += to == null ? 0 : 2 + to.length;
    ByteBuffer out = Body.allocate(bytes);
    out.putInt(timeoutMillis).putLong(version).putInt(shard).putInt(maxEntries).putInt(maxBytes);
    int bits = (from == null ? 0 : HAS_FROM) | (fromInclusive ? FROM_INCLUSIVE : 0);
    out.put((byte) (bits | (to == null ? 0 : HAS_TO)));
    Body.putShortText(out, name);
    if (from != null) {
      out.putShort((short) from.length).put(from);
    }
    if (to != null) {
      out.putShort((short) to.length).put(to);
    }
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static ScanRequest decode(ByteBuffer body) {
    return Body.decode(
        "SCAN",
        body,
        in -> {
          int timeoutMillis = in.getInt();
          long version = in.getLong();
          int shard = in.getInt();
          int maxEntries = in.getInt();
          int maxBytes = in.getInt();
          int bits = in.get();
          String table = Body.getShortText(in);
          byte[] from = (bits & HAS_FROM) != 0 ? bound(in) : null;
          byte[] to = (bits & HAS_TO) != 0 ? bound(in) : null;
          return new ScanRequest(
              timeoutMillis,
              version,
              shard,
              maxEntries,
              maxBytes,
              table,
              from,
              (bits & FROM_INCLUSIVE) != 0,
              to);
        });
  }

  private static byte[] bound(ByteBuffer in) {
    return Body.getBytes(in, Short.toUnsignedInt(in.getShort()));
  }
}
