package io.featurekv.node.server;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way back to one connection for replies that are written in place.
 *
 * <p>On the event loop replies are written one behind the other into one buffer, which goes out
 * when what was received has been worked through or the buffer is full: many small replies take one
 * system call. Other threads write frames of their own. Bytes that the receiver has not taken are
 * counted, for itself and in the {@link Admission} of all.
 */
public final class ReplyChannel {
  /** A buffer of replies; one that is full, or would be, is sent before the next is begun. */
  private static final int BUFFER_BYTES = 64 << 10;

  /** Where less than this part of the buffer is filled, a copy of the right size is sent. */
  private static final int COPY_BELOW_SHARE = 4;

  private final Channel channel;
  private final EventLoop loop;
  private final Admission admission;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private @Nullable ByteBuf gathered;

  /** The way back to {@code channel}, whose handler alone uses it. */
  public ReplyChannel(Channel channel, Admission admission) {
    this.channel = channel;
    this.loop = channel.eventLoop();
    this.admission = admission;
  }

  /** Whether the caller runs on the connection's event loop. */
  public boolean isOnLoop() {
    return loop.inEventLoop();
  }

  /** Whether the connection is still there. */
  public boolean isOpen() {
    return channel.isActive();
  }

  /** Whether another read of this connection may begin; if not it is to be refused. */
  public boolean admits() {
    return admission.admits(inFlightBytes.get());
  }

  /** Counts bytes that are kept for a reply that comes later; negative: not kept any more. */
  public void hold(long bytes) {
    inFlightBytes.addAndGet(bytes);
    admission.add(bytes);
  }

  /**
   * Room for one reply frame, its head already written: behind the replies gathered so far on the
   * event loop, else in a buffer of its own. The caller appends exactly {@code bodyBytes} and calls
   * {@link #send}, or {@link #cancel}.
   */
  public ByteBuf begin(FrameType type, int requestId, int bodyBytes) {
    ByteBuf out = room(FrameHeader.BYTES + bodyBytes);
    out.writeIntLE(bodyBytes).writeByte(type.code()).writeByte(0).writeShortLE(0);
    return out.writeIntLE(requestId);
  }

  /**
   * Room to append so many bytes, of replies in whatever protocol; then {@link #send} or {@link
   * #cancel}.
   */
  public ByteBuf room(int bytes) {
    if (!loop.inEventLoop()) {
      // Counted before it is taken, so that what other threads answer is bounded, too.
      hold(bytes);
      try {
        return channel.alloc().directBuffer(bytes);
      } catch (RuntimeException | Error e) {
        hold(-bytes);
        throw e;
      }
    }
    ByteBuf out = gathered;
    if (out != null && out.maxFastWritableBytes() < bytes) {
      flush();
      // What is left is empty: its one reply was taken back.
      discard();
      out = null;
    }
    if (out == null) {
      out = channel.alloc().directBuffer(Math.max(BUFFER_BYTES, bytes));
      gathered = out;
    }
    return out;
  }

  /**
   * Sends what was written after {@link #begin} or {@link #room}, at the latest with {@link
   * #flush}. On other threads than the event loop exactly as many bytes as were asked for.
   */
  public void send(ByteBuf out) {
    if (!isGathered(out)) {
      writeHeld(out, out.readableBytes());
    } else if (out.readableBytes() >= BUFFER_BYTES / 2) {
      flush();
    }
  }

  /**
   * Takes back what was begun.
   *
   * @param from the writer index before {@link #begin}
   * @param bytes how many were asked for
   */
  public void cancel(ByteBuf out, int from, int bytes) {
    if (isGathered(out)) {
      out.writerIndex(from);
    } else {
      out.release();
      hold(-bytes);
    }
  }

  /** Whether it is the one buffer for many replies, which only the event loop has. */
  @SuppressWarnings("ReferenceEquality") // buffers are equal by their content
  private boolean isGathered(ByteBuf out) {
    return loop.inEventLoop() && out == gathered;
  }

  /** Replies with an ERROR. */
  public void fail(int requestId, ErrorCode code, String message) {
    var body = new ErrorReply(code, message).encode();
    ByteBuf out = begin(FrameType.ERROR, requestId, body.remaining());
    send(out.writeBytes(body));
  }

  /** Replies with an ERROR that tells of a failure. */
  public void fail(int requestId, Throwable failure) {
    FeatureKvException error = FeatureKvException.from(failure);
    fail(requestId, error.code(), error.getMessage());
  }

  /** Sends what is gathered; on the event loop. */
  public void flush() {
    ByteBuf out = gathered;
    if (out == null || !out.isReadable()) {
      return;
    }
    gathered = null;
    int bytes = out.readableBytes();
    if (bytes < out.capacity() / COPY_BELOW_SHARE) {
      // A receiver that takes nothing must not pin a large buffer for each small reply.
      try {
        write(channel.alloc().directBuffer(bytes).writeBytes(out), bytes);
      } finally {
        out.release();
      }
    } else {
      write(out, out.capacity());
    }
  }

  private void write(ByteBuf out, int bytes) {
    ChannelFuture written = channel.writeAndFlush(out);
    if (!written.isDone()) {
      hold(bytes);
      written.addListener(_ -> hold(-bytes));
    }
  }

  private void writeHeld(ByteBuf out, int bytes) {
    channel.writeAndFlush(out).addListener(_ -> hold(-bytes));
  }

  /** Ends the connection, where a request cannot even be told that it failed. */
  public void abandon() {
    var _ = channel.close();
  }

  /** Bytes that are kept for replies, or wait to be taken. */
  long inFlightBytes() {
    return inFlightBytes.get();
  }

  /** Frees what was gathered and never sent; on the event loop, when the connection is lost. */
  public void discard() {
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
  }
}
