package io.featurekv.client.transport;

import io.featurekv.protocol.FrameHeader;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.nio.ByteOrder;

/**
 * Cuts a stream of bytes into frames, header included. Memory grows with the bytes that arrive, not
 * with the length that a header claims. A body beyond the limit raises {@link
 * io.netty.handler.codec.TooLongFrameException} as soon as its header is read.
 */
public final class FrameDecoder extends LengthFieldBasedFrameDecoder {
  private static final int LENGTH_OFFSET = 0;
  private static final int LENGTH_BYTES = 4;

  /** A decoder for bodies of at most {@code maxBodyBytes}. */
  public FrameDecoder(int maxBodyBytes) {
    super(
        ByteOrder.LITTLE_ENDIAN,
        maxBodyBytes + FrameHeader.BYTES,
        LENGTH_OFFSET,
        LENGTH_BYTES,
        FrameHeader.BYTES - LENGTH_BYTES,
        0,
        true);
  }
}
