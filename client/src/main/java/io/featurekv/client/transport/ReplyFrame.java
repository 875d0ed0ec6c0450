package io.featurekv.client.transport;

import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A frame that answers a request, in the memory that it was received into. Lives until the call
 * that it was handed to returns, or as long as its bytes are retained.
 */
public final class ReplyFrame {
  private final FrameType type;
  private final int flags;
  private final ByteBuf frame;

  ReplyFrame(FrameType type, int flags, ByteBuf frame) {
    this.type = type;
    this.flags = flags;
    this.frame = frame;
  }

  /** Bytes that are kept from being used again. */
  public interface Lease extends AutoCloseable {
    /** Gives the bytes back; exactly once. Any thread. */
    @Override
    void close();
  }

  /** What it is. */
  public FrameType type() {
    return type;
  }

  /**
   * The body where it lies, little-endian: for the time of the call, or until the lease of {@link
   * #retain} is closed. Reading later reads other bytes or crashes.
   */
  public ByteBuffer body() {
    int start = frame.readerIndex() + FrameHeader.BYTES;
    return frame.nioBuffer(start, frame.writerIndex() - start).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Keeps the bytes of {@link #body} until the lease is closed. */
  public Lease retain() {
    ByteBuf kept = frame.retain();
    return () -> kept.release();
  }

  /** A copy of the body on the heap, little-endian. */
  public ByteBuffer bodyCopy() {
    return Frames.body(frame);
  }

  /** The same with a body of its own. */
  public Reply copy() {
    return new Reply(type, flags, Frames.body(frame));
  }
}
