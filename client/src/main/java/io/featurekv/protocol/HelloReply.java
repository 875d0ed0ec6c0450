package io.featurekv.protocol;

import java.nio.ByteBuffer;

/**
 * Body of HELLO_OK: {@code u16 version | u16 0 | u32 max request frame bytes | u32 max batch keys |
 * u64 metadata index | u8 n, cluster id | u8 n, node id | u8 n, sect}.
 */
public record HelloReply(
    int version,
    int maxRequestFrameBytes,
    int maxBatchKeys,
    long metadataIndex,
    String clusterId,
    String nodeId,
    String sect) {
  private static final int FIXED_BYTES = 2 + 2 + 4 + 4 + 8 + 3;

  /** The bytes. */
  public ByteBuffer encode() {
    byte[] cluster = Body.utf8(clusterId);
    byte[] node = Body.utf8(nodeId);
    byte[] sectName = Body.utf8(sect);
    ByteBuffer out = Body.allocate(FIXED_BYTES + cluster.length + node.length + sectName.length);
    out.putShort((short) version).putShort((short) 0);
    out.putInt(maxRequestFrameBytes).putInt(maxBatchKeys).putLong(metadataIndex);
    Body.putShortText(out, cluster);
    Body.putShortText(out, node);
    Body.putShortText(out, sectName);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static HelloReply decode(ByteBuffer body) {
    return Body.decode(
        "HELLO_OK",
        body,
        in -> {
          int version = Short.toUnsignedInt(in.getShort());
          in.getShort();
          int maxFrame = in.getInt();
          int maxKeys = in.getInt();
          long index = in.getLong();
          String cluster = Body.getShortText(in);
          String node = Body.getShortText(in);
          return new HelloReply(
              version, maxFrame, maxKeys, index, cluster, node, Body.getShortText(in));
        });
  }
}
