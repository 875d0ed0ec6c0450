package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of PROPOSE: {@code u32 timeoutMillis | encoded command envelope}. The reply, PROPOSED, is
 * the encoded result. The frame's flag {@link #NO_FORWARD} makes a node that is no voter refuse
 * instead of passing it on.
 */
public record Proposal(int timeoutMillis, byte[] envelope) {
  /** Frame flag: do not pass on. */
  public static final int NO_FORWARD = 1;

  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(Integer.BYTES + envelope.length);
    return out.putInt(timeoutMillis).put(envelope).flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static Proposal decode(ByteBuffer body) {
    return Fields.decode(
        "PROPOSE",
        body,
        in -> {
          int timeoutMillis = in.getInt();
          return new Proposal(timeoutMillis, Fields.getRest(in));
        });
  }
}
