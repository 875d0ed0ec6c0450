package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Matches answers to requests. Confined to the connection's network thread.
 *
 * <p>Invariant: whoever is in {@code open} is ended by an answer, by its alarm, or by the end of
 * the connection; after the end nobody gets in. What is written in one turn of the thread is
 * flushed at the end of that turn, so that requests that come together go out together.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  /** What was written is sent after so many frames, even where the turn goes on. */
  private static final int MAX_FLUSHES_JOINED = 64;

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final Endpoint endpoint;
  private final Channel channel;
  private final NetworkThread thread;
  private final OpenRequests open = new OpenRequests();
  private final Runnable flush = this::flush;
  private int unflushed;
  private boolean pingOpen;
  private @Nullable FeatureKvException end;

  ConnectionHandler(Endpoint endpoint, Channel channel, NetworkThread thread) {
    this.endpoint = endpoint;
    this.channel = channel;
    this.thread = thread;
  }

  static FeatureKvException lost(Endpoint endpoint, Throwable cause) {
    return new FeatureKvException(
        ErrorCode.UNAVAILABLE, "lost the connection to " + endpoint + ": " + cause, cause);
  }

  /** Bytes that were written and have not gone out. Any thread. */
  long unsentBytes() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  /**
   * Sends a request and keeps whoever waits for its answer.
   *
   * @param timeoutMillis 0: no deadline
   */
  void start(OpenRequest request, FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    if (admit(request, timeoutMillis)) {
      write(Frames.encode(channel.alloc(), type, flags, request.requestId, body));
    }
  }

  /** The same for a request that writes itself, of a body of so many bytes. */
  void start(Exchange exchange, int bytes, long timeoutMillis) {
    if (!admit(exchange, timeoutMillis)) {
      return;
    }
    ByteBuf frame = channel.alloc().directBuffer(FrameHeader.BYTES + bytes);
    try {
      Frames.putHeader(frame, bytes, exchange.type(), exchange.flags(), exchange.requestId);
      ByteBuffer body =
          frame.internalNioBuffer(FrameHeader.BYTES, bytes).order(ByteOrder.LITTLE_ENDIAN);
      exchange.writeBody(body, (int) Math.min(Integer.MAX_VALUE, timeoutMillis));
      frame.writerIndex(FrameHeader.BYTES + bytes);
    } catch (RuntimeException e) {
      frame.release();
      forget(exchange);
      exchange.fail(new FeatureKvException(ErrorCode.INTERNAL, "cannot write a request: " + e, e));
      return;
    }
    write(frame);
  }

  private boolean admit(OpenRequest request, long timeoutMillis) {
    if (end != null) {
      request.fail(end);
      return false;
    }
    if (request.isOver()) {
      return false;
    }
    if (open.isFull()) {
      request.fail(new FeatureKvException(ErrorCode.TRY_AGAIN, "too many requests to " + endpoint));
      return false;
    }
    try {
      if (timeoutMillis > 0) {
        thread.set(request, timeoutMillis);
      }
    } catch (RejectedExecutionException e) {
      request.fail(lost(endpoint, e));
      return false;
    }
    request.openIn(this, open.add(request), timeoutMillis);
    return true;
  }

  private void write(ByteBuf frame) {
    // Its failure is the channel's, which ends everything that is open.
    var unused = channel.write(frame, channel.voidPromise());
    unflushed++;
    if (unflushed == MAX_FLUSHES_JOINED) {
      flush();
    } else if (unflushed == 1) {
      thread.execute(flush);
    }
  }

  private void flush() {
    if (unflushed > 0) {
      unflushed = 0;
      var unused = channel.flush();
    }
  }

  /** The deadline of a request has come. */
  void late(OpenRequest request) {
    if (remove(request)) {
      request.fail(
          new FeatureKvException(
              ErrorCode.DEADLINE,
              "no answer from " + endpoint + " within " + request.timeoutMillis + " ms"));
    }
  }

  private boolean remove(OpenRequest request) {
    thread.callOff(request);
    return open.remove(request);
  }

  /** Lets go of a request whose sender does not wait any more; its answer will be ignored. */
  void forget(OpenRequest request) {
    remove(request);
  }

  /** Forgets a stream that its listener has left, and tells the other side. */
  void cancel(OpenRequest.Stream stream) {
    if (remove(stream)) {
      sendCancel(stream.requestId);
    }
  }

  private void sendCancel(int id) {
    write(Frames.encode(channel.alloc(), FrameType.CANCEL, id, EMPTY));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      take((ByteBuf) message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(ByteBuf frame) {
    pingOpen = false;
    int start = frame.readerIndex();
    OpenRequest request = open.get(frame.getIntLE(start + FrameHeader.REQUEST_ID_OFFSET));
    if (request == null) {
      // The answer to a PING, or one that comes after its deadline.
      return;
    }
    int typeCode = frame.getUnsignedByte(start + FrameHeader.TYPE_OFFSET);
    FrameType type = FrameType.ofCode(typeCode);
    if (type == null) {
      remove(request);
      request.fail(
          new FeatureKvException(
              ErrorCode.PROTOCOL, endpoint + " answered with unknown frame type " + typeCode));
      return;
    }
    boolean endsHere = type == FrameType.ERROR || request.endsWithOneFrame();
    if (endsHere) {
      remove(request);
    }
    int flags = frame.getUnsignedByte(start + FrameHeader.FLAGS_OFFSET);
    boolean more = request.take(new ReplyFrame(type, flags, frame));
    if (!more && !endsHere && remove(request)) {
      sendCancel(request.requestId);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      if (pingOpen) {
        finish(
            new FeatureKvException(
                ErrorCode.UNAVAILABLE, endpoint + " has gone silent and does not answer a PING"));
      } else {
        pingOpen = true;
        write(Frames.encode(channel.alloc(), FrameType.PING, OpenRequests.NOBODY, EMPTY));
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish(
        new FeatureKvException(
            ErrorCode.UNAVAILABLE, "the connection to " + endpoint + " was closed"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    finish(lost(endpoint, cause));
  }

  private void finish(FeatureKvException reason) {
    if (end != null) {
      return;
    }
    end = reason;
    var unused = channel.close();
    for (OpenRequest request : open.removeAll()) {
      thread.callOff(request);
      request.fail(reason);
    }
  }
}
