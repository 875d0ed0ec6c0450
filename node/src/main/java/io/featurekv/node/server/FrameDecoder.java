package io.featurekv.node.server;

import io.featurekv.model.Limits;
import io.featurekv.protocol.FrameHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Cuts the incoming bytes into frames. A frame longer than the limit ends the decoding: the
 * connection cannot be understood any more.
 */
final class FrameDecoder extends ByteToMessageDecoder {
  /** A frame; whoever takes it releases the body. */
  record Frame(FrameHeader header, ByteBuf body) {}

  /** In the place of a frame that is too long. */
  record TooLong(FrameHeader header) {}

  private boolean broken;

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < FrameHeader.BYTES) {
      return;
    }
    ByteBuffer head = in.nioBuffer(in.readerIndex(), FrameHeader.BYTES);
    FrameHeader header = FrameHeader.decode(head);
    if (header.bodyLength() < 0 || header.bodyLength() > Limits.MAX_REQUEST_FRAME_BYTES) {
      broken = true;
      out.add(new TooLong(header));
      return;
    }
    if (in.readableBytes() < FrameHeader.BYTES + header.bodyLength()) {
      return;
    }
    in.skipBytes(FrameHeader.BYTES);
    out.add(new Frame(header, in.readRetainedSlice(header.bodyLength())));
  }
}
