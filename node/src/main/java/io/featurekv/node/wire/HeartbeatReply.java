package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of HEARTBEAT_OK: {@code u64 leaderTimeMillis}.
 *
 * @param leaderTimeMillis what the clock of the node that answers shows, in ms since 1970, if it
 *     leads the metadata group; else 0
 */
public record HeartbeatReply(long leaderTimeMillis) {
  /** The bytes. */
  public ByteBuffer encode() {
    return Fields.allocate(Long.BYTES).putLong(leaderTimeMillis).flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static HeartbeatReply decode(ByteBuffer body) {
    return Fields.decode("HEARTBEAT_OK", body, in -> new HeartbeatReply(in.getLong()));
  }
}
