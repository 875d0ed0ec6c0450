package io.featurekv.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What stands before each body: {@code u32 body length | u8 type | u8 flags | u16 reserved (0) |
 * u32 request id}, little-endian.
 *
 * @param bodyLength length of the body alone; as an unsigned number
 * @param typeCode see {@link FrameType#code()}
 */
public record FrameHeader(int bodyLength, int typeCode, int flags, int requestId) {
  /** Length of the header. */
  public static final int BYTES = 12;

  /** Writes the 12 bytes at the buffer's position. */
  public void encode(ByteBuffer out) {
    ByteOrder before = out.order();
    out.order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bodyLength)
        .put((byte) typeCode)
        .put((byte) flags)
        .putShort((short) 0)
        .putInt(requestId)
        .order(before);
  }

  /** Reads 12 bytes from the buffer's position. */
  public static FrameHeader decode(ByteBuffer in) {
    ByteBuffer source = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int bodyLength = source.getInt();
    int typeCode = Byte.toUnsignedInt(source.get());
    int flags = Byte.toUnsignedInt(source.get());
    source.getShort();
    int requestId = source.getInt();
    in.position(in.position() + BYTES);
    return new FrameHeader(bodyLength, typeCode, flags, requestId);
  }
}
