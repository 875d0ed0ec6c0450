package io.featurekv.client.transport;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.FrameHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Cuts the incoming bytes into frames, bodies copied to the heap. */
final class ReplyDecoder extends ByteToMessageDecoder {
  /** A frame as it came in. */
  record Incoming(FrameHeader header, ByteBuffer body) {}

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < FrameHeader.BYTES) {
      return;
    }
    FrameHeader header = FrameHeader.decode(in.nioBuffer(in.readerIndex(), FrameHeader.BYTES));
    int length = header.bodyLength();
    if (length < 0 || length > Limits.MAX_REPLY_FRAME_BYTES) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL,
          "a frame of "
              + Integer.toUnsignedString(length)
              + " bytes is over the limit of "
              + Limits.MAX_REPLY_FRAME_BYTES);
    }
    if (in.readableBytes() < FrameHeader.BYTES + length) {
      return;
    }
    in.skipBytes(FrameHeader.BYTES);
    byte[] body = new byte[length];
    in.readBytes(body);
    out.add(new Incoming(header, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN)));
  }
}
