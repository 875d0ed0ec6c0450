package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import io.featurekv.protocol.HelloReply;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Event loops and the connections made on them. Thread-safe. */
public final class Transport implements AutoCloseable {
  /** A connection on which nothing was sent for so long sends a PING. */
  static final int PING_AFTER_SECONDS = 60;

  /** A connection on which nothing arrived for so long, PONGs included, is given up. */
  static final int GIVE_UP_AFTER_SECONDS = 150;

  private final EventLoopGroup loops;

  private Transport(EventLoopGroup loops) {
    this.loops = loops;
  }

  /** Starts {@code threads} event loops; they are daemon threads. */
  public static Transport start(int threads) {
    return new Transport(
        new MultiThreadIoEventLoopGroup(
            threads,
            new DefaultThreadFactory("featurekv-transport", true),
            NioIoHandler.newFactory()));
  }

  /**
   * Connects and greets.
   *
   * @return the connection; or UNAVAILABLE when nobody listens or answers in time, or the other
   *     side's refusal (PROTOCOL, WRONG_CLUSTER)
   */
  public CompletableFuture<Connection> connect(Endpoint endpoint, Hello hello, Duration timeout) {
    Connection connection = new Connection(endpoint);
    CompletableFuture<Connection> result = new CompletableFuture<>();
    if (loops.isShuttingDown()) {
      return CompletableFuture.failedFuture(
          new FeatureKvException(ErrorCode.UNAVAILABLE, "the transport is closed"));
    }
    ChannelFuture connecting =
        bootstrap(connection, timeout)
            .connect(new InetSocketAddress(endpoint.socketHost(), endpoint.port()));
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            result.completeExceptionally(
                new FeatureKvException(
                    ErrorCode.UNAVAILABLE,
                    endpoint + " cannot be reached: " + done.cause().getMessage(),
                    done.cause()));
            return;
          }
          greet(connection, hello, timeout, result);
        });
    return result;
  }

  private Bootstrap bootstrap(Connection connection, Duration timeout) {
    return new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE))
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                connection.attach(channel);
                channel
                    .pipeline()
                    .addLast(
                        new IdleStateHandler(
                            GIVE_UP_AFTER_SECONDS, PING_AFTER_SECONDS, 0, TimeUnit.SECONDS))
                    .addLast(new ReplyDecoder())
                    .addLast(new ReplyHandler(connection));
              }
            });
  }

  private static void greet(
      Connection connection, Hello hello, Duration timeout, CompletableFuture<Connection> result) {
    connection
        .call(FrameType.HELLO, 0, hello.encode(), Math.max(1, timeout.toMillis()))
        .whenComplete(
            (reply, failure) -> {
              if (failure == null) {
                connection.greeted(HelloReply.decode(reply.body()));
                result.complete(connection);
                return;
              }
              connection.close();
              FeatureKvException error = FeatureKvException.from(failure);
              result.completeExceptionally(
                  error.code() == ErrorCode.DEADLINE
                      ? new FeatureKvException(
                          ErrorCode.UNAVAILABLE,
                          connection.endpoint()
                              + " accepts connections but did not greet within "
                              + timeout.toMillis()
                              + " ms",
                          error)
                      : error);
            })
        .exceptionally(
            failure -> {
              connection.close();
              result.completeExceptionally(failure);
              return null;
            });
  }

  /** Closes every connection; open requests end with UNAVAILABLE. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
