package io.featurekv.protocol;

import java.nio.ByteBuffer;

/**
 * The answer to HELLO: who this is and what it accepts.
 *
 * <pre>
 * u16 version | u16 0 | u32 maxRequestFrameBytes | u32 maxBatchKeys | u64 metadataIndex
 *   | u8 n, cluster id | u8 n, node id | u8 n, sect
 * </pre>
 *
 * Bytes after these are for later releases and are ignored.
 *
 * @param version the protocol version spoken from here on
 * @param maxRequestFrameBytes longest body of a request
 * @param maxBatchKeys most keys in one BATCH_GET
 * @param metadataIndex index of the metadata that this node has applied
 * @param clusterId the cluster that the node belongs to
 * @param nodeId the node's id
 * @param sect the node's sect
 */
public record HelloReply(
    int version,
    int maxRequestFrameBytes,
    int maxBatchKeys,
    long metadataIndex,
    String clusterId,
    String nodeId,
    String sect) {

  /** The body of a HELLO_OK frame. */
  public ByteBuffer encode() {
    byte[] cluster = Fields.shortTextBytes(clusterId, "cluster id");
    byte[] node = Fields.shortTextBytes(nodeId, "node id");
    byte[] sectName = Fields.shortTextBytes(sect, "sect");
    ByteBuffer out =
        Fields.allocate(
            2 + 2 + 4 + 4 + 8 + 1 + cluster.length + 1 + node.length + 1 + sectName.length);
    out.putShort((short) version)
        .putShort((short) 0)
        .putInt(maxRequestFrameBytes)
        .putInt(maxBatchKeys)
        .putLong(metadataIndex);
    Fields.putShortText(out, cluster);
    Fields.putShortText(out, node);
    Fields.putShortText(out, sectName);
    return out.flip();
  }

  /**
   * Reads the body of a HELLO_OK frame.
   *
   * @throws io.featurekv.model.FeatureKvException PROTOCOL when it is anything else
   */
  public static HelloReply decode(ByteBuffer body) {
    ByteBuffer in = Fields.littleEndian(body);
    int version = Fields.u16(in, "HELLO_OK version");
    Fields.u16(in, "HELLO_OK reserved field");
    return new HelloReply(
        version,
        Fields.u32(in, "HELLO_OK maxRequestFrameBytes"),
        Fields.u32(in, "HELLO_OK maxBatchKeys"),
        Fields.u64(in, "HELLO_OK metadataIndex"),
        Fields.shortText(in, "HELLO_OK cluster id"),
        Fields.shortText(in, "HELLO_OK node id"),
        Fields.shortText(in, "HELLO_OK sect"));
  }
}
