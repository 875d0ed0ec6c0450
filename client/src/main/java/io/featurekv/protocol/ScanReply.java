package io.featurekv.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Body of SCAN_PAGE: {@code u64 version | u8 more | u32 count | count x (u16 n, key, u32 n,
 * value)}, in key order.
 */
public record ScanReply(long version, boolean more, List<Entry> entries) {
  private static final int FIXED_BYTES = 8 + 1 + 4;

  /** A key and its value. */
  public record Entry(byte[] key, byte[] value) {}

  public ScanReply {
    entries = List.copyOf(entries);
  }

  /** The bytes. */
  public ByteBuffer encode() {
    int bytes = FIXED_BYTES;
    for (Entry entry : entries) {
      bytes += 2 + entry.key().length + 4 + entry.value().length;
    }
    ByteBuffer out = Body.allocate(bytes);
    out.putLong(version).put((byte) (more ? 1 : 0)).putInt(entries.size());
    for (Entry entry : entries) {
      out.putShort((short) entry.key().length).put(entry.key());
      out.putInt(entry.value().length).put(entry.value());
    }
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static ScanReply decode(ByteBuffer body) {
    return Body.decode(
        "SCAN_PAGE",
        body,
        in -> {
          long version = in.getLong();
          boolean more = in.get() != 0;
          int count = in.getInt();
          List<Entry> entries = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            byte[] key = Body.getBytes(in, Short.toUnsignedInt(in.getShort()));
            entries.add(new Entry(key, Body.getBytes(in, in.getInt())));
          }
          return new ScanReply(version, more, entries);
        });
  }
}
