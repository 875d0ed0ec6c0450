package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Matches answers to requests. Confined to the connection's network thread.
 *
 * <p>Invariant: whoever is in {@code open} is ended by an answer, by its timer, or by the end of
 * the connection; after the end nobody gets in.
 */
final class ConnectionHandler extends SimpleChannelInboundHandler<ByteBuf> {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final Endpoint endpoint;
  private final Channel channel;
  private final Map<Integer, Waiting> open = new HashMap<>();
  private int nextRequestId = 1;
  private boolean pingOpen;
  private @Nullable FeatureKvException end;

  private record Waiting(OpenRequest request, @Nullable ScheduledFuture<?> timer) {
    void stopTimer() {
      if (timer != null) {
        timer.cancel(false);
      }
    }
  }

  ConnectionHandler(Endpoint endpoint, Channel channel) {
    this.endpoint = endpoint;
    this.channel = channel;
  }

  static FeatureKvException lost(Endpoint endpoint, Throwable cause) {
    return new FeatureKvException(
        ErrorCode.UNAVAILABLE, "lost the connection to " + endpoint + ": " + cause, cause);
  }

  /**
   * Sends a request and keeps whoever waits for its answer.
   *
   * @param timeoutMillis 0: no deadline
   * @param whenSent runs once, when the bytes have gone out or never will
   */
  void start(
      OpenRequest request,
      FrameType type,
      int flags,
      ByteBuffer body,
      long timeoutMillis,
      Runnable whenSent) {
    if (end != null || request.isOver()) {
      whenSent.run();
      if (end != null) {
        request.fail(end);
      }
      return;
    }
    int id = freeRequestId();
    ScheduledFuture<?> timer =
        timeoutMillis == 0
            ? null
            : channel
                .eventLoop()
                .schedule(() -> late(id, timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
    open.put(id, new Waiting(request, timer));
    channel
        .writeAndFlush(Frames.encode(channel.alloc(), type, flags, id, body))
        .addListener(done -> whenSent.run());
  }

  private int freeRequestId() {
    while (open.containsKey(nextRequestId)) {
      nextRequestId++;
    }
    return nextRequestId++;
  }

  private void late(int id, long timeoutMillis) {
    Waiting waiting = open.remove(id);
    if (waiting != null) {
      waiting
          .request()
          .fail(
              new FeatureKvException(
                  ErrorCode.DEADLINE,
                  "no answer from " + endpoint + " within " + timeoutMillis + " ms"));
    }
  }

  /** Forgets a stream that its listener has left, and tells the other side. */
  void cancel(OpenRequest.Stream stream) {
    for (Map.Entry<Integer, Waiting> entry : open.entrySet()) {
      if (entry.getValue().request() == stream) {
        int id = entry.getKey();
        open.remove(id);
        sendCancel(id);
        return;
      }
    }
  }

  private void sendCancel(int id) {
    var unused = channel.writeAndFlush(Frames.encode(channel.alloc(), FrameType.CANCEL, id, EMPTY));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    pingOpen = false;
    FrameHeader header = Frames.header(frame);
    int id = header.requestId();
    Waiting waiting = open.get(id);
    if (waiting == null) {
      // The answer to a PING, or one that comes after its deadline.
      return;
    }
    FrameType type = FrameType.ofCode(header.typeCode());
    if (type == null) {
      open.remove(id);
      waiting.stopTimer();
      waiting
          .request()
          .fail(
              new FeatureKvException(
                  ErrorCode.PROTOCOL,
                  endpoint + " answered with unknown frame type " + header.typeCode()));
      return;
    }
    boolean endsHere = type == FrameType.ERROR || waiting.request() instanceof OpenRequest.Call;
    if (endsHere) {
      open.remove(id);
      waiting.stopTimer();
    }
    boolean more = waiting.request().take(new Reply(type, header.flags(), Frames.body(frame)));
    if (!more && !endsHere && open.remove(id) != null) {
      sendCancel(id);
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
        var unused =
            channel.writeAndFlush(
                Frames.encode(channel.alloc(), FrameType.PING, freeRequestId(), EMPTY));
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
    List<Waiting> left = new ArrayList<>(open.values());
    open.clear();
    for (Waiting waiting : left) {
      waiting.stopTimer();
      waiting.request().fail(reason);
    }
  }
}
