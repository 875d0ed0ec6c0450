package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;

/**
 * Body of HELLO, the first frame of a connection: {@code "FKV1" | u16 lowest version | u16 highest
 * version | u8 role | u8 n, cluster id | u8 n, node id}.
 *
 * @param role {@link #CLIENT}, {@link #PEER} or {@link #TOOL}
 * @param clusterId the cluster that the sender expects, empty for any
 * @param nodeId id of the sending node, empty for others
 */
public record Hello(int minVersion, int maxVersion, int role, String clusterId, String nodeId) {
  /** The one protocol version of this release. */
  public static final int VERSION = 1;

  /** An application. */
  public static final int CLIENT = 1;

  /** Another node. */
  public static final int PEER = 2;

  /** An operator's tool. */
  public static final int TOOL = 3;

  private static final byte[] MAGIC = {'F', 'K', 'V', '1'};

  /** An application's HELLO. */
  public static Hello client(String clusterId) {
    return new Hello(VERSION, VERSION, CLIENT, clusterId, "");
  }

  /** A node's HELLO. */
  public static Hello peer(String clusterId, String nodeId) {
    return new Hello(VERSION, VERSION, PEER, clusterId, nodeId);
  }

  /** A tool's HELLO. */
  public static Hello tool(String clusterId) {
    return new Hello(VERSION, VERSION, TOOL, clusterId, "");
  }

  /**
   * The highest version that both sides speak.
   *
   * @throws FeatureKvException PROTOCOL when there is none
   */
  public int commonVersion() {
    if (minVersion > VERSION || maxVersion < VERSION) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL,
          "this side speaks protocol version "
              + VERSION
              + ", the other versions "
              + minVersion
              + " to "
              + maxVersion);
    }
    return VERSION;
  }

  /** The bytes. */
  public ByteBuffer encode() {
    byte[] cluster = Body.utf8(clusterId);
    byte[] node = Body.utf8(nodeId);
    ByteBuffer out = Body.allocate(MAGIC.length + 5 + 2 + cluster.length + node.length);
    out.put(MAGIC).putShort((short) minVersion).putShort((short) maxVersion).put((byte) role);
    Body.putShortText(out, cluster);
    Body.putShortText(out, node);
    return out.flip();
  }

  /** Reads what {@link #encode} wrote. */
  public static Hello decode(ByteBuffer body) {
    return Body.decode(
        "HELLO",
        body,
        in -> {
          if (!java.util.Arrays.equals(Body.getBytes(in, MAGIC.length), MAGIC)) {
            throw new FeatureKvException(
                ErrorCode.PROTOCOL,
                "this is not the FeatureKV protocol: HELLO does not begin with FKV1");
          }
          int min = Short.toUnsignedInt(in.getShort());
          int max = Short.toUnsignedInt(in.getShort());
          int role = Byte.toUnsignedInt(in.get());
          String cluster = Body.getShortText(in);
          return new Hello(min, max, role, cluster, Body.getShortText(in));
        });
  }
}
