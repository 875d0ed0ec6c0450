package io.featurekv.node.server;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One port of the node, and the connections that came in by it. */
public final class NodeServer implements AutoCloseable {
  /** A connection without a frame for so long, and without an open request, is closed. */
  static final long MAX_IDLE_MILLIS = TimeUnit.SECONDS.toMillis(60);

  /**
   * Unsent bytes of one connection above which nothing more is read from it, and below which it is
   * read from again.
   */
  static final WriteBufferWaterMark UNSENT_BYTES = new WriteBufferWaterMark(1 << 20, 8 << 20);

  private static final int BACKLOG_CONNECTIONS = 1024;

  private final ChannelGroup connections;
  private final Channel listener;

  private NodeServer(ChannelGroup connections, Channel listener) {
    this.connections = connections;
    this.listener = listener;
  }

  /**
   * Listens for clients, peers and tools.
   *
   * @throws FeatureKvException CONFLICT when the address is taken or not ours
   */
  public static NodeServer listen(
      EventLoops loops,
      Endpoint address,
      ServerIdentity identity,
      Map<FrameType, ? extends RequestHandler> handlers,
      Admission admission) {
    Map<FrameType, RequestHandler> known = Map.copyOf(handlers);
    return listen(
        loops,
        address,
        "--listen",
        () -> new ConnectionHandler(identity, known, admission, MAX_IDLE_MILLIS));
  }

  /**
   * Listens for connections that speak whatever {@code handler} does.
   *
   * @param option how the address is configured, for the message
   * @param handler makes the one handler of each connection
   * @throws FeatureKvException CONFLICT when the address is taken or not ours
   */
  public static NodeServer listen(
      EventLoops loops, Endpoint address, String option, Supplier<ChannelHandler> handler) {
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.transport().serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG_CONNECTIONS)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_BYTES)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.add(channel);
                    channel.pipeline().addLast(handler.get());
                  }
                });
    var bound =
        bootstrap
            .bind(new InetSocketAddress(address.socketHost(), address.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "cannot listen on " + address + " (" + option + "): " + bound.cause().getMessage(),
          bound.cause());
    }
    return new NodeServer(connections, bound.channel());
  }

  /** The port that was bound. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Connections that are open. */
  public int connectionCount() {
    return connections.size();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }
}
