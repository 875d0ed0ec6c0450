package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of OFFERED: {@code u8 linked (0 or 1) | u32 count | count x u32}.
 *
 * @param missing numbers of the pieces that the receiver does not have yet
 * @param linked whether it has linked the file, and these are only to be proved
 */
public record Offered(int[] missing, boolean linked) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(Byte.BYTES + Integer.BYTES * (1 + missing.length));
    out.put((byte) (linked ? 1 : 0)).putInt(missing.length);
    for (int piece : missing) {
      out.putInt(piece);
    }
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static Offered decode(ByteBuffer body) {
    return Fields.decode(
        "OFFERED",
        body,
        in -> {
          boolean linked = in.get() != 0;
          int count = in.getInt();
          if (count != in.remaining() / Integer.BYTES) {
            throw new IllegalArgumentException("count " + count);
          }
          int[] missing = new int[count];
          for (int i = 0; i < count; i++) {
            missing[i] = in.getInt();
          }
          return new Offered(missing, linked);
        });
  }
}
