package io.featurekv.client.transport;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;

/** Hands replies to the requests that wait for them, and keeps an idle connection alive. */
final class ReplyHandler extends ChannelInboundHandlerAdapter {
  private final Connection connection;

  ReplyHandler(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ReplyDecoder.Incoming incoming) {
      connection.onFrame(incoming.header(), incoming.body());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent idle) {
      if (idle.state() == IdleState.WRITER_IDLE) {
        connection.ping();
      } else {
        connection.lost(
            new FeatureKvException(
                ErrorCode.UNAVAILABLE,
                connection.endpoint()
                    + " has been silent for "
                    + Transport.GIVE_UP_AFTER_SECONDS
                    + " s"));
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.lost(
        new FeatureKvException(
            ErrorCode.UNAVAILABLE, "the connection to " + connection.endpoint() + " was lost"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    connection.lost(
        new FeatureKvException(
            ErrorCode.UNAVAILABLE,
            "the connection to " + connection.endpoint() + " failed: " + cause.getMessage(),
            cause));
  }
}
