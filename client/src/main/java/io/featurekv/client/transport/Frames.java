package io.featurekv.client.transport;

import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Frames between Netty's buffers and the protocol's. */
final class Frames {
  private Frames() {}

  /** A body longer than this is not copied into its frame. */
  private static final int MAX_COPIED_BYTES = 4_096;

  /** A whole frame; a long body is not copied. */
  static ByteBuf encode(
      ByteBufAllocator allocator, FrameType type, int flags, int requestId, ByteBuffer body) {
    int bytes = body.remaining();
    boolean copied = bytes <= MAX_COPIED_BYTES;
    ByteBuf head = allocator.directBuffer(FrameHeader.BYTES + (copied ? bytes : 0));
    putHeader(head, bytes, type, flags, requestId);
    return copied
        ? head.writeBytes(body)
        : allocator
            .compositeBuffer(2)
            .addComponent(true, head)
            .addComponent(true, Unpooled.wrappedBuffer(body));
  }

  /** Writes what {@link FrameHeader} describes. */
  static void putHeader(ByteBuf out, int bodyBytes, FrameType type, int flags, int requestId) {
    out.writeIntLE(bodyBytes)
        .writeByte(type.code())
        .writeByte(flags)
        .writeShort(0)
        .writeIntLE(requestId);
  }

  static ByteBuf encode(
      ByteBufAllocator allocator, FrameType type, int requestId, ByteBuffer body) {
    return encode(allocator, type, 0, requestId, body);
  }

  static FrameHeader header(ByteBuf frame) {
    return FrameHeader.decode(frame.nioBuffer(frame.readerIndex(), FrameHeader.BYTES));
  }

  /** A copy of the body on the heap, little-endian. */
  static ByteBuffer body(ByteBuf frame) {
    byte[] body = new byte[frame.readableBytes() - FrameHeader.BYTES];
    frame.getBytes(frame.readerIndex() + FrameHeader.BYTES, body);
    return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
  }
}
