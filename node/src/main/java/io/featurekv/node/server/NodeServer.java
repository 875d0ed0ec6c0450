package io.featurekv.node.server;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The node's port for clients, peers and tools. */
public final class NodeServer implements AutoCloseable {
  /** A connection without a frame for so long, and without an open request, is closed. */
  static final int MAX_IDLE_SECONDS = 60;

  /**
   * Unsent bytes of one connection above which nothing more is read from it, and below which it is
   * read from again.
   */
  static final WriteBufferWaterMark UNSENT_BYTES = new WriteBufferWaterMark(1 << 20, 8 << 20);

  private static final int BACKLOG_CONNECTIONS = 1024;

  private final EventLoopGroup loops;
  private final ChannelGroup connections;
  private final Channel listener;

  private NodeServer(EventLoopGroup loops, ChannelGroup connections, Channel listener) {
    this.loops = loops;
    this.connections = connections;
    this.listener = listener;
  }

  /**
   * Listens.
   *
   * @throws FeatureKvException CONFLICT when the address is taken or not ours
   */
  public static NodeServer listen(
      Endpoint address, ServerIdentity identity, Map<FrameType, MessageHandler> handlers) {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
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
                    channel
                        .pipeline()
                        .addLast(new IdleStateHandler(MAX_IDLE_SECONDS, 0, 0, TimeUnit.SECONDS))
                        .addLast(new FrameDecoder())
                        .addLast(new ConnectionHandler(identity, handlers));
                  }
                });
    var bound =
        bootstrap
            .bind(new InetSocketAddress(address.socketHost(), address.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "cannot listen on " + address + " (--listen): " + bound.cause().getMessage(),
          bound.cause());
    }
    return new NodeServer(loops, connections, bound.channel());
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
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }
}
