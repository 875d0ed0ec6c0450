package io.featurekv.node.server;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.DefaultFileRegion;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request and the way back to whoever sent it. The body lives until {@link #close}, which every
 * handler calls once, on any thread, when it has replied; a stream closes when it ends.
 */
public final class Exchange implements AutoCloseable {
  private final Channel channel;
  private final Hello peer;
  private final FrameHeader header;
  private final ByteBuf body;
  private final Runnable onClose;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over one reference of {@code body}. */
  Exchange(Channel channel, Hello peer, FrameHeader header, ByteBuf body, Runnable onClose) {
    this.channel = channel;
    this.peer = peer;
    this.header = header;
    this.body = body;
    this.onClose = onClose;
  }

  /** Who asks. */
  public Hello peer() {
    return peer;
  }

  /** The frame's flags. */
  public int flags() {
    return header.flags();
  }

  /** The request's id. */
  public int requestId() {
    return header.requestId();
  }

  /** The body, in place; valid until {@link #close}. */
  public ByteBuffer body() {
    return body.nioBuffer();
  }

  /** The connection. */
  public Channel channel() {
    return channel;
  }

  /** Sends the one reply and closes. */
  public void reply(FrameType type, ByteBuffer replyBody) {
    send(type, replyBody);
    close();
  }

  /** Sends a frame of a stream. */
  public void send(FrameType type, ByteBuffer replyBody) {
    channel.writeAndFlush(
        Unpooled.wrappedBuffer(
            head(type, replyBody.remaining()), Unpooled.wrappedBuffer(replyBody)));
  }

  /**
   * Replies with a prefix and a region of a file, from the page cache to the socket without a copy.
   * Closes the file when done.
   */
  public void replyFile(
      FrameType type, ByteBuffer prefix, FileChannel file, long offset, int length) {
    int prefixBytes = prefix.remaining();
    channel
        .eventLoop()
        .execute(
            () -> {
              channel.write(
                  Unpooled.wrappedBuffer(
                      head(type, prefixBytes + length), Unpooled.wrappedBuffer(prefix)));
              channel.writeAndFlush(new DefaultFileRegion(file, offset, length));
            });
    close();
  }

  /** Replies with an ERROR and closes. */
  public void fail(ErrorCode code, String message) {
    reply(FrameType.ERROR, new ErrorReply(code, message).encode());
  }

  /** Replies with an ERROR that tells of a failure and closes. */
  public void fail(Throwable failure) {
    FeatureKvException error = FeatureKvException.from(failure);
    fail(error.code(), String.valueOf(error.getMessage()));
  }

  private ByteBuf head(FrameType type, int bodyBytes) {
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
    new FrameHeader(bodyBytes, type.code(), 0, header.requestId()).encode(head);
    return Unpooled.wrappedBuffer(head.flip());
  }

  /** Gives the body back. Idempotent. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      body.release();
      onClose.run();
    }
  }
}
