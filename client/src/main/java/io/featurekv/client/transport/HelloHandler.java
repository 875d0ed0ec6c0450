package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Says HELLO, and gives way to {@link ConnectionHandler} once it is answered. */
final class HelloHandler extends SimpleChannelInboundHandler<ByteBuf> {
  private static final int HELLO_REQUEST_ID = 0;

  private final Endpoint endpoint;
  private final Hello hello;
  private final NetworkThread thread;
  private final CompletableFuture<Connection> result;

  HelloHandler(
      Endpoint endpoint, Hello hello, NetworkThread thread, CompletableFuture<Connection> result) {
    this.endpoint = endpoint;
    this.hello = hello;
    this.thread = thread;
    this.result = result;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ByteBuffer body = hello.encode();
    var unused =
        context.writeAndFlush(
            Frames.encode(context.alloc(), FrameType.HELLO, HELLO_REQUEST_ID, body));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
    FrameHeader header = Frames.header(frame);
    ByteBuffer body = Frames.body(frame);
    FrameType type = FrameType.ofCode(header.typeCode());
    if (type == FrameType.ERROR) {
      fail(ErrorReply.decode(body).toException());
      return;
    }
    if (type != FrameType.HELLO_OK) {
      fail(protocol("answered HELLO with frame type " + header.typeCode()));
      return;
    }
    HelloReply peer = HelloReply.decode(body);
    if (peer.version() < hello.minVersion() || peer.version() > hello.maxVersion()) {
      fail(
          protocol(
              "chose version %d, offered were %d..%d"
                  .formatted(peer.version(), hello.minVersion(), hello.maxVersion())));
      return;
    }
    Connection connection = new Connection(endpoint, peer, context.channel(), thread);
    context.pipeline().replace(this, null, connection.handler());
    if (!result.complete(connection)) {
      var unused = context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(
        new FeatureKvException(
            ErrorCode.UNAVAILABLE, endpoint + " closed the connection before HELLO_OK"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(ConnectionHandler.lost(endpoint, cause));
  }

  private FeatureKvException protocol(String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, endpoint + " " + what);
  }

  private void fail(FeatureKvException error) {
    // A failed result closes the channel.
    result.completeExceptionally(error);
  }
}
