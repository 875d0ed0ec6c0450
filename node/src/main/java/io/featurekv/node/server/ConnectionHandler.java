package io.featurekv.node.server;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: HELLO first, then requests to their handlers. A connection that does not take its
 * replies is not read from until it does; one with too many open requests gets TRY_AGAIN; one that
 * is idle for long is closed.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  /** Requests of one connection that may be open at once, streams included. */
  static final int MAX_OPEN_REQUESTS = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private final ServerIdentity identity;
  private final Map<FrameType, MessageHandler> handlers;
  private final AtomicInteger openRequests = new AtomicInteger();
  private @Nullable Hello peer;

  ConnectionHandler(ServerIdentity identity, Map<FrameType, MessageHandler> handlers) {
    this.identity = identity;
    this.handlers = handlers;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof FrameDecoder.TooLong tooLong) {
      refuse(
          context,
          tooLong.header(),
          ErrorCode.TOO_LARGE,
          "a frame of "
              + Integer.toUnsignedString(tooLong.header().bodyLength())
              + " bytes is over the limit of "
              + Limits.MAX_REQUEST_FRAME_BYTES);
    } else if (message instanceof FrameDecoder.Frame frame) {
      if (peer == null) {
        greet(context, frame);
      } else {
        dispatch(context, peer, frame);
      }
    }
  }

  private void greet(ChannelHandlerContext context, FrameDecoder.Frame frame) {
    try {
      if (frame.header().typeCode() != FrameType.HELLO.code()) {
        throw new FeatureKvException(ErrorCode.PROTOCOL, "the first frame must be HELLO");
      }
      Hello hello = Hello.decode(frame.body().nioBuffer());
      checkVersion(hello);
      if (!hello.clusterId().isEmpty() && !hello.clusterId().equals(identity.clusterId())) {
        throw new FeatureKvException(
            ErrorCode.WRONG_CLUSTER,
            "this node belongs to cluster "
                + identity.clusterId()
                + ", the other side to cluster "
                + hello.clusterId());
      }
      peer = hello;
      HelloReply reply =
          new HelloReply(
              Hello.VERSION,
              Limits.MAX_REQUEST_FRAME_BYTES,
              Limits.MAX_BATCH_KEYS,
              identity.metadataIndex().getAsLong(),
              identity.clusterId(),
              identity.nodeId(),
              identity.sect());
      write(context, frame.header(), FrameType.HELLO_OK, reply.encode());
    } catch (FeatureKvException e) {
      refuse(context, frame.header(), e.code(), String.valueOf(e.getMessage()));
    } finally {
      frame.body().release();
    }
  }

  private static void checkVersion(Hello hello) {
    if (hello.minVersion() > Hello.VERSION || hello.maxVersion() < Hello.VERSION) {
      throw new FeatureKvException(
          ErrorCode.PROTOCOL,
          "this node speaks protocol version "
              + Hello.VERSION
              + ", the other side versions "
              + hello.minVersion()
              + " to "
              + hello.maxVersion());
    }
  }

  private void dispatch(ChannelHandlerContext context, Hello from, FrameDecoder.Frame frame) {
    Exchange exchange =
        new Exchange(
            context.channel(), from, frame.header(), frame.body(), openRequests::decrementAndGet);
    if (openRequests.incrementAndGet() > MAX_OPEN_REQUESTS) {
      exchange.fail(
          ErrorCode.TRY_AGAIN, "more than " + MAX_OPEN_REQUESTS + " open requests on a connection");
      return;
    }
    FrameType type = FrameType.ofCode(frame.header().typeCode());
    MessageHandler handler = type == null ? null : handlers.get(type);
    if (handler == null) {
      exchange.fail(
          ErrorCode.PROTOCOL, "frame type " + frame.header().typeCode() + " is not served here");
      return;
    }
    try {
      handler.handle(exchange);
    } catch (RuntimeException e) {
      if (FeatureKvException.from(e).code() == ErrorCode.INTERNAL) {
        LOG.error("{} failed", type, e);
      }
      exchange.fail(e);
    }
  }

  private static void write(
      ChannelHandlerContext context, FrameHeader request, FrameType type, ByteBuffer body) {
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
    new FrameHeader(body.remaining(), type.code(), 0, request.requestId()).encode(head);
    context.writeAndFlush(Unpooled.wrappedBuffer(head.flip(), body));
  }

  private static void refuse(
      ChannelHandlerContext context, FrameHeader request, ErrorCode code, String message) {
    ByteBuffer body = new ErrorReply(code, message).encode();
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
    new FrameHeader(body.remaining(), FrameType.ERROR.code(), 0, request.requestId()).encode(head);
    context
        .writeAndFlush(Unpooled.wrappedBuffer(head.flip(), body))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && openRequests.get() == 0) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection of {} failed: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
