package io.featurekv.node.server;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The threads that the node's ports share, and how they talk to the kernel. */
public final class EventLoops implements AutoCloseable {
  private static final int STOP_SECONDS = 5;

  private final IoTransport transport;
  private final EventLoopGroup group;

  private EventLoops(IoTransport transport, EventLoopGroup group) {
    this.transport = transport;
    this.group = group;
  }

  /** Starts so many threads. */
  public static EventLoops start(IoTransport transport, int threads) {
    return new EventLoops(
        transport,
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("serve", true), transport.handlers()));
  }

  IoTransport transport() {
    return transport;
  }

  EventLoopGroup group() {
    return group;
  }

  @Override
  public void close() {
    group
        .shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(2L * STOP_SECONDS, TimeUnit.SECONDS);
  }
}
