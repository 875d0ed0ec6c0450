package io.featurekv.protocol;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The 12 bytes before every body.
 *
 * <pre>
 * u32 bodyLength | u8 type | u8 flags | u16 reserved | u32 requestId
 * </pre>
 *
 * The reserved field is written as 0 and not looked at.
 *
 * @param bodyLength bytes that follow the header
 * @param typeCode {@link FrameType#code()}; may be a number that this release does not know
 * @param flags 8 bits whose meaning depends on the type
 * @param requestId chosen by the client, carried by every reply; the 32 bits as they are
 */
public record FrameHeader(int bodyLength, int typeCode, int flags, int requestId) {
  /** Length of the header. */
  public static final int BYTES = 12;

  /** Where the type is. */
  public static final int TYPE_OFFSET = 4;

  /** Where the flags are. */
  public static final int FLAGS_OFFSET = 5;

  /** Where the request id is. */
  public static final int REQUEST_ID_OFFSET = 8;

  /** The header of a frame. */
  public static FrameHeader of(int bodyLength, FrameType type, int flags, int requestId) {
    return new FrameHeader(bodyLength, type.code(), flags, requestId);
  }

  /** Writes the 12 bytes at the position of {@code out}, whatever its byte order. */
  public void encode(ByteBuffer out) {
    ByteBuffer target = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    target
        .putInt(bodyLength)
        .put((byte) typeCode)
        .put((byte) flags)
        .putShort((short) 0)
        .putInt(requestId);
    out.position(target.position());
  }

  /**
   * Reads the 12 bytes at the position of {@code in}, whatever its byte order.
   *
   * @throws FeatureKvException PROTOCOL when there are fewer, TOO_LARGE when the body's length does
   *     not fit 31 bits
   */
  public static FrameHeader decode(ByteBuffer in) {
    ByteBuffer source = Fields.littleEndian(in);
    Fields.need(source, BYTES, "frame header");
    int bodyLength = source.getInt();
    int typeCode = source.get() & 0xFF;
    int flags = source.get() & 0xFF;
    source.getShort();
    int requestId = source.getInt();
    if (bodyLength < 0) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a frame of " + Integer.toUnsignedLong(bodyLength) + " bytes is beyond every limit");
    }
    in.position(source.position());
    return new FrameHeader(bodyLength, typeCode, flags, requestId);
  }
}
