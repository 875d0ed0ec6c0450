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

  /** A whole frame; the body is not copied. */
  static ByteBuf encode(
      ByteBufAllocator allocator, FrameType type, int flags, int requestId, ByteBuffer body) {
    FrameHeader header = FrameHeader.of(body.remaining(), type, flags, requestId);
    ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES);
    header.encode(bytes);
    ByteBuf head = Unpooled.wrappedBuffer(bytes.flip());
    if (!body.hasRemaining()) {
      return head;
    }
    return allocator
        .compositeBuffer(2)
        .addComponent(true, head)
        .addComponent(true, Unpooled.wrappedBuffer(body));
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
