package io.featurekv.node.server;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: HELLO first, then requests to their handlers, in place or as {@link Exchange}s.
 * Confined to its event loop.
 *
 * <p>A connection that does not take its replies is not read from until it does, and what was read
 * from it waits; one with too much in flight gets TRY_AGAIN; one that is idle for long is closed.
 *
 * <p>Invariant: {@code kept} is what was received and not worked through: the beginning of a frame,
 * or frames that wait for the connection to take replies.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
  /** Exchanges of one connection that may be open at once, streams included. */
  static final int MAX_OPEN_REQUESTS = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  private final ServerIdentity identity;
  private final Map<FrameType, RequestHandler> handlers;
  private final Admission admission;
  private final long maxIdleMillis;
  private final AtomicInteger openRequests = new AtomicInteger();
  private @Nullable ByteBuf kept;
  private @Nullable ReplyChannel replies;
  private @Nullable InPlaceRequest request;
  private @Nullable ScheduledFuture<?> idleCheck;
  private @Nullable Hello peer;
  private long lastInFlight;
  private long keptSinceNanos;
  private boolean hasHeard;
  private boolean isBroken;

  ConnectionHandler(
      ServerIdentity identity,
      Map<FrameType, RequestHandler> handlers,
      Admission admission,
      long maxIdleMillis) {
    this.identity = identity;
    this.handlers = handlers;
    this.admission = admission;
    this.maxIdleMillis = maxIdleMillis;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    replies = new ReplyChannel(context.channel(), admission);
    request = new InPlaceRequest(replies);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    checkIdleLater(context);
    context.fireChannelActive();
  }

  private void checkIdleLater(ChannelHandlerContext context) {
    idleCheck =
        context
            .executor()
            .schedule(() -> closeIfIdle(context), maxIdleMillis, TimeUnit.MILLISECONDS);
  }

  private void closeIfIdle(ChannelHandlerContext context) {
    long inFlight = replies == null ? 0 : replies.inFlightBytes();
    long unsent = context.channel().bytesBeforeWritable();
    boolean isWaitedFor = openRequests.get() > 0 || inFlight + unsent != lastInFlight;
    lastInFlight = inFlight + unsent;
    if (!hasHeard && !isWaitedFor) {
      context.close();
    } else {
      hasHeard = false;
      checkIdleLater(context);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf received)) {
      context.fireChannelRead(message);
      return;
    }
    if (isBroken) {
      received.release();
      return;
    }
    hasHeard = true;
    ByteBuf bytes = received;
    long arrivalNanos = System.nanoTime();
    if (kept != null) {
      bytes = kept;
      kept = null;
      try {
        bytes.writeBytes(received);
      } finally {
        received.release();
      }
    }
    work(context, bytes, arrivalNanos);
  }

  /** Works through whole frames, and keeps the rest. */
  private void work(ChannelHandlerContext context, ByteBuf bytes, long arrivalNanos) {
    keptSinceNanos = arrivalNanos;
    int before = bytes.readerIndex();
    try {
      while (!isBroken && context.channel().isWritable() && hasFrame(context, bytes)) {
        takeFrame(context, bytes, arrivalNanos);
      }
    } finally {
      keep(context, bytes, before);
    }
  }

  private void keep(ChannelHandlerContext context, ByteBuf bytes, int before) {
    if (isBroken || !bytes.isReadable() || context.isRemoved()) {
      bytes.release();
    } else if (bytes.readerIndex() == before && bytes.refCnt() == 1) {
      kept = bytes;
    } else {
      // Exchanges may hold what lies before.
      kept = context.alloc().buffer(bytes.readableBytes()).writeBytes(bytes);
      bytes.release();
    }
  }

  private boolean hasFrame(ChannelHandlerContext context, ByteBuf bytes) {
    int readable = bytes.readableBytes();
    if (readable < FrameHeader.BYTES) {
      return false;
    }
    int length = bytes.getIntLE(bytes.readerIndex());
    if (length < 0 || length > Limits.MAX_REQUEST_FRAME_BYTES) {
      isBroken = true;
      refuse(
          context,
          bytes.getIntLE(bytes.readerIndex() + 8),
          ErrorCode.TOO_LARGE,
          "a frame of "
              + Integer.toUnsignedString(length)
              + " bytes is over the limit of "
              + Limits.MAX_REQUEST_FRAME_BYTES);
      return false;
    }
    return readable - FrameHeader.BYTES >= length;
  }

  private void takeFrame(ChannelHandlerContext context, ByteBuf bytes, long nowNanos) {
    int at = bytes.readerIndex();
    int length = bytes.getIntLE(at);
    int typeCode = bytes.getUnsignedByte(at + 4);
    int flags = bytes.getUnsignedByte(at + 5);
    int requestId = bytes.getIntLE(at + 8);
    bytes.skipBytes(FrameHeader.BYTES + length);
    FrameType type = FrameType.ofCode(typeCode);
    RequestHandler handler = type == null ? null : handlers.get(type);
    Hello from = peer;
    if (from != null && handler instanceof InPlaceHandler inPlace) {
      handleInPlace(inPlace, bytes, at + FrameHeader.BYTES, length, flags, requestId, nowNanos);
      return;
    }
    FrameHeader header = new FrameHeader(length, typeCode, flags, requestId);
    if (from == null) {
      greet(context, header, bytes.nioBuffer(at + FrameHeader.BYTES, length));
    } else {
      dispatch(context, from, header, bytes.retainedSlice(at + FrameHeader.BYTES, length), handler);
    }
  }

  private void handleInPlace(
      InPlaceHandler handler,
      ByteBuf bytes,
      int offset,
      int length,
      int flags,
      int requestId,
      long nowNanos) {
    InPlaceRequest read = request;
    if (read == null) {
      throw new AssertionError("a frame before the handler was added");
    }
    ByteBuffer body = bytes.internalNioBuffer(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    long address = bytes.hasMemoryAddress() ? bytes.memoryAddress() + offset - body.position() : 0;
    read.fill(flags, requestId, body, address, nowNanos);
    try {
      handler.handle(read);
    } catch (RuntimeException e) {
      if (FeatureKvException.from(e).code() == ErrorCode.INTERNAL) {
        LOG.error("{} failed", handler.getClass().getSimpleName(), e);
      }
      read.replies().fail(requestId, e);
    }
  }

  private void greet(ChannelHandlerContext context, FrameHeader header, ByteBuffer body) {
    try {
      if (header.typeCode() != FrameType.HELLO.code()) {
        throw new FeatureKvException(ErrorCode.PROTOCOL, "the first frame must be HELLO");
      }
      Hello hello = Hello.decode(body);
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
      var _ = context.writeAndFlush(frame(header.requestId(), FrameType.HELLO_OK, reply.encode()));
    } catch (FeatureKvException e) {
      isBroken = true;
      refuse(context, header.requestId(), e.code(), e.getMessage());
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

  private void dispatch(
      ChannelHandlerContext context,
      Hello from,
      FrameHeader header,
      ByteBuf body,
      @Nullable RequestHandler handler) {
    Exchange exchange =
        new Exchange(context.channel(), from, header, body, openRequests::decrementAndGet);
    if (openRequests.incrementAndGet() > MAX_OPEN_REQUESTS) {
      exchange.fail(
          ErrorCode.TRY_AGAIN, "more than " + MAX_OPEN_REQUESTS + " open requests on a connection");
      return;
    }
    FrameType type = FrameType.ofCode(header.typeCode());
    if (type != null && !type.isOfClients() && from.role() == Hello.Role.CLIENT) {
      exchange.fail(
          ErrorCode.PROTOCOL, "frame type " + header.typeCode() + " is not taken from a client");
      return;
    }
    if (!(handler instanceof MessageHandler answering)) {
      exchange.fail(ErrorCode.PROTOCOL, "frame type " + header.typeCode() + " is not served here");
      return;
    }
    try {
      answering.handle(exchange);
    } catch (RuntimeException e) {
      if (FeatureKvException.from(e).code() == ErrorCode.INTERNAL) {
        LOG.error("frame type {} failed", header.typeCode(), e);
      }
      exchange.fail(e);
    }
  }

  private static ByteBuf frame(int requestId, FrameType type, ByteBuffer body) {
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
    new FrameHeader(body.remaining(), type.code(), 0, requestId).encode(head);
    return Unpooled.wrappedBuffer(head.flip(), body);
  }

  private void refuse(
      ChannelHandlerContext context, int requestId, ErrorCode code, String message) {
    flush();
    context.channel().config().setAutoRead(false);
    context
        .writeAndFlush(frame(requestId, FrameType.ERROR, new ErrorReply(code, message).encode()))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    flush();
    context.fireChannelReadComplete();
  }

  private void flush() {
    if (replies != null) {
      replies.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    boolean isWritable = context.channel().isWritable();
    context.channel().config().setAutoRead(isWritable);
    context.fireChannelWritabilityChanged();
    if (isWritable && kept != null) {
      // Not here: this may be called from within a reply that is being sent.
      context.executor().execute(() -> goOn(context));
    }
  }

  private void goOn(ChannelHandlerContext context) {
    ByteBuf waiting = kept;
    if (waiting != null && !context.isRemoved()) {
      kept = null;
      // What waited here came when it came, and its deadline passes meanwhile.
      work(context, waiting, keptSinceNanos);
      flush();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    isBroken = true;
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
    if (kept != null) {
      kept.release();
      kept = null;
    }
    if (replies != null) {
      replies.discard();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection of {} failed: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
