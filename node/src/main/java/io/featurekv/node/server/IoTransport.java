package io.featurekv.node.server;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

/** How the node's port talks to the kernel. Figures for each are in decision 0010. */
public enum IoTransport {
  /** Linux epoll, by native code. */
  EPOLL,
  /** Linux io_uring, by native code; needs a kernel that allows it. */
  IO_URING,
  /** The JDK's selectors; everywhere. */
  NIO;

  /** The best one that works here. */
  public static IoTransport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /**
   * This one, if it works here.
   *
   * @throws FeatureKvException INVALID_ARGUMENT telling why it does not
   */
  public IoTransport required() {
    Throwable cause =
        switch (this) {
          case EPOLL -> Epoll.unavailabilityCause();
          case IO_URING -> IoUring.unavailabilityCause();
          case NIO -> null;
        };
    if (cause != null) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the transport " + this + " does not work here: " + cause,
          cause);
    }
    return this;
  }

  IoHandlerFactory handlers() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  Class<? extends ServerChannel> serverChannel() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
      case NIO -> NioServerSocketChannel.class;
    };
  }
}
