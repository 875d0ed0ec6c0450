package io.featurekv.protocol;

import java.nio.ByteBuffer;

/**
 * The first frame of a connection.
 *
 * <pre>
 * "FKV1" | u16 minVersion | u16 maxVersion | u8 role | u8 n, cluster id | u8 n, node id
 * </pre>
 *
 * Bytes after these are for later releases and are ignored.
 *
 * @param minVersion lowest protocol version that the sender speaks
 * @param maxVersion highest protocol version that the sender speaks
 * @param role who connects
 * @param clusterId the cluster that is meant; empty: any
 * @param nodeId the sender's node id when it is a peer; else empty
 */
public record Hello(int minVersion, int maxVersion, Role role, String clusterId, String nodeId) {
  /** The protocol version of this release. */
  public static final int VERSION = 2;

  /** The first four bytes, {@code "FKV1"}, as they are read little-endian. */
  public static final int MAGIC = 'F' | 'K' << 8 | 'V' << 16 | '1' << 24;

  /** Who is at the connecting end. */
  public enum Role {
    /** Reads. */
    CLIENT(1),
    /** Another node of the cluster. */
    PEER(2),
    /** The command line: reads, and changes what the cluster does. */
    TOOL(3);

    private final int code;

    Role(int code) {
      this.code = code;
    }

    /** The number on the wire. */
    public int code() {
      return code;
    }
  }

  /** A reader's HELLO; {@code clusterId} empty: any cluster. */
  public static Hello client(String clusterId) {
    return new Hello(VERSION, VERSION, Role.CLIENT, clusterId, "");
  }

  /** A node's HELLO to another node. */
  public static Hello peer(String clusterId, String nodeId) {
    return new Hello(VERSION, VERSION, Role.PEER, clusterId, nodeId);
  }

  /** The command line's HELLO; {@code clusterId} empty: any cluster. */
  public static Hello tool(String clusterId) {
    return new Hello(VERSION, VERSION, Role.TOOL, clusterId, "");
  }

  /** The body of a HELLO frame. */
  public ByteBuffer encode() {
    byte[] cluster = Fields.shortTextBytes(clusterId, "cluster id");
    byte[] node = Fields.shortTextBytes(nodeId, "node id");
    ByteBuffer out = Fields.allocate(4 + 2 + 2 + 1 + 1 + cluster.length + 1 + node.length);
    out.putInt(MAGIC)
        .putShort((short) minVersion)
        .putShort((short) maxVersion)
        .put((byte) role.code());
    Fields.putShortText(out, cluster);
    Fields.putShortText(out, node);
    return out.flip();
  }

  /**
   * Reads the body of a HELLO frame.
   *
   * @throws io.featurekv.model.FeatureKvException PROTOCOL when it is anything else
   */
  public static Hello decode(ByteBuffer body) {
    ByteBuffer in = Fields.littleEndian(body);
    Fields.need(in, 4, "HELLO magic");
    int magic = in.getInt();
    if (magic != MAGIC) {
      throw Fields.malformed(
          "HELLO starts with 0x%08x, expected the bytes \"FKV1\""
              .formatted(Integer.reverseBytes(magic)));
    }
    int minVersion = Fields.u16(in, "HELLO minVersion");
    int maxVersion = Fields.u16(in, "HELLO maxVersion");
    if (minVersion > maxVersion) {
      throw Fields.malformed("HELLO versions " + minVersion + ".." + maxVersion + " are no range");
    }
    Role role = roleOf(Fields.u8(in, "HELLO role"));
    String clusterId = Fields.shortText(in, "HELLO cluster id");
    String nodeId = Fields.shortText(in, "HELLO node id");
    return new Hello(minVersion, maxVersion, role, clusterId, nodeId);
  }

  private static Role roleOf(int code) {
    for (Role role : Role.values()) {
      if (role.code == code) {
        return role;
      }
    }
    throw Fields.malformed("HELLO role " + code + " is none of 1 client, 2 peer, 3 tool");
  }
}
