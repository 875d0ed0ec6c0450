package io.featurekv.node.wire;

import java.nio.ByteBuffer;

/**
 * Body of METADATA, the reply to READ_METADATA ({@code u32 timeoutMillis}): {@code u8 fresh | u8 n,
 * leader | u8 n, node | snapshot}.
 *
 * @param fresh whether the snapshot comes from a linearizable read
 * @param leader node id of the leader, empty when unknown
 * @param nodeId the node that answered
 * @param snapshot encoded metadata
 */
public record MetadataReply(boolean fresh, String leader, String nodeId, byte[] snapshot) {
  /** The bytes. */
  public ByteBuffer encode() {
    ByteBuffer out =
        Fields.allocate(1 + Fields.textBytes(leader) + Fields.textBytes(nodeId) + snapshot.length);
    out.put((byte) (fresh ? 1 : 0));
    Fields.putText(out, leader);
    Fields.putText(out, nodeId);
    return out.put(snapshot).flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static MetadataReply decode(ByteBuffer body) {
    return Fields.decode(
        "METADATA",
        body,
        in -> {
          boolean fresh = in.get() != 0;
          String leader = Fields.getText(in);
          String nodeId = Fields.getText(in);
          return new MetadataReply(fresh, leader, nodeId, Fields.getRest(in));
        });
  }

  /** Body of READ_METADATA. */
  public static ByteBuffer encodeRequest(int timeoutMillis) {
    return Fields.allocate(Integer.BYTES).putInt(timeoutMillis).flip();
  }

  /** Reads what {@link #encodeRequest} wrote. */
  public static int decodeRequest(ByteBuffer body) {
    return Fields.decode("READ_METADATA", body, ByteBuffer::getInt);
  }
}
