package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of HEARTBEAT: {@code u64 session | u64 metadata index | u8 n, node id}; the reply is a
 * {@link HeartbeatReply}. Every node sends one to every voter, so that a new leader already knows
 * who is there.
 */
public record Heartbeat(String nodeId, long session, long metadataIndex) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out = Fields.allocate(2 * Long.BYTES + Fields.textBytes(nodeId));
    out.putLong(session).putLong(metadataIndex);
    Fields.putText(out, nodeId);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static Heartbeat decode(ByteBuffer body) {
    return Fields.decode(
        "HEARTBEAT",
        body,
        in -> {
          long session = in.getLong();
          long index = in.getLong();
          return new Heartbeat(Fields.getText(in), session, index);
        });
  }
}
