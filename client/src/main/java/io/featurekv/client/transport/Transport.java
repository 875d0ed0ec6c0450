package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.Hello;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A few network threads, and the connections that live on them. Thread-safe.
 *
 * <p>Names are looked up on threads of their own, because a lookup may block for seconds and every
 * deadline depends on the network threads.
 */
public final class Transport implements AutoCloseable {
  /** After this long without a byte from the other side it is sent a PING; twice that ends it. */
  static final long PING_AFTER_MILLIS = 5_000;

  private static final int LOOKUP_THREADS = 2;
  private static final int LOOKUP_QUEUE = 256;
  private static final long CLOSE_TIMEOUT_MILLIS = 2_000;

  private final long pingAfterMillis;
  private final MultiThreadIoEventLoopGroup loops;
  private final List<NetworkThread> threads;
  private final AtomicInteger threadTurn = new AtomicInteger();
  private final ThreadPoolExecutor lookups;
  private final Bootstrap bootstrap;
  // Closed for good by close(): a channel that is added later is closed at once.
  private final ChannelGroup channels;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Map<Long, CompletableFuture<Connection>> connecting = new ConcurrentHashMap<>();
  private final AtomicLong connectCount = new AtomicLong();

  private Transport(int threads, long pingAfterMillis, ByteBufAllocator allocator) {
    this.pingAfterMillis = pingAfterMillis;
    loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("featurekv-net", true), NioIoHandler.newFactory());
    List<NetworkThread> all = new ArrayList<>(threads);
    for (EventExecutor loop : loops) {
      all.add(new NetworkThread((EventLoop) loop, all.size()));
    }
    this.threads = List.copyOf(all);
    lookups =
        new ThreadPoolExecutor(
            LOOKUP_THREADS,
            LOOKUP_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(LOOKUP_QUEUE),
            new DefaultThreadFactory("featurekv-lookup", true));
    lookups.allowCoreThreadTimeOut(true);
    channels = new DefaultChannelGroup(loops.next(), true);
    bootstrap =
        new Bootstrap()
            .channel(NioSocketChannel.class)
            .option(ChannelOption.ALLOCATOR, allocator)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true);
  }

  /** Starts this many network threads; they are daemons. */
  public static Transport start(int threads) {
    return start(threads, PING_AFTER_MILLIS);
  }

  static Transport start(int threads, long pingAfterMillis) {
    return start(threads, pingAfterMillis, ByteBufAllocator.DEFAULT);
  }

  static Transport start(int threads, long pingAfterMillis, ByteBufAllocator allocator) {
    return new Transport(threads, pingAfterMillis, allocator);
  }

  /** One of the network threads, in turn. */
  public NetworkThread nextThread() {
    return threads.get(Math.floorMod(threadTurn.getAndIncrement(), threads.size()));
  }

  /** All of them. */
  public List<NetworkThread> threads() {
    return threads;
  }

  /** Whether the caller runs on one of the network threads, where it must not block. */
  public boolean isNetworkThread() {
    for (NetworkThread thread : threads) {
      if (thread.isCurrent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Connects and exchanges HELLO.
   *
   * @param timeout for all of it, the lookup of the name included
   * @return completes on a network thread, by the timeout on every path; with a {@link
   *     FeatureKvException}: UNAVAILABLE when nobody answers there, DEADLINE when it takes too
   *     long, or what the other side said in its ERROR
   */
  public CompletableFuture<Connection> connect(Endpoint endpoint, Hello hello, Duration timeout) {
    return connect(endpoint, hello, timeout, nextThread());
  }

  /** The same with a thread of the caller's choice for the connection. */
  public CompletableFuture<Connection> connect(
      Endpoint endpoint, Hello hello, Duration timeout, NetworkThread thread) {
    CompletableFuture<Connection> result = new CompletableFuture<>();
    Long number = connectCount.incrementAndGet();
    connecting.put(number, result);
    var unused = result.whenComplete((connection, error) -> connecting.remove(number));
    long timeoutMillis = Math.max(1, timeout.toMillis());
    try {
      NetworkThread.Timer timer =
          thread.schedule(
              timeoutMillis,
              () ->
                  result.completeExceptionally(
                      new FeatureKvException(
                          ErrorCode.DEADLINE,
                          "no HELLO_OK from " + endpoint + " within " + timeoutMillis + " ms")));
      var unusedTimer = result.whenComplete((connection, error) -> timer.cancel());
      lookUp(endpoint, address -> open(thread, endpoint, address, hello, result), result);
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(unreachable(endpoint, e));
    }
    return result;
  }

  private void lookUp(
      Endpoint endpoint, Consumer<InetAddress> then, CompletableFuture<Connection> result) {
    String host = endpoint.socketHost();
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal != null) {
      try {
        then.accept(InetAddress.getByAddress(host, literal));
      } catch (UnknownHostException e) {
        result.completeExceptionally(unreachable(endpoint, e));
      }
      return;
    }
    lookups.execute(
        () -> {
          try {
            then.accept(InetAddress.getByName(host));
          } catch (UnknownHostException | RejectedExecutionException e) {
            result.completeExceptionally(unreachable(endpoint, e));
          }
        });
  }

  private void open(
      NetworkThread thread,
      Endpoint endpoint,
      InetAddress address,
      Hello hello,
      CompletableFuture<Connection> result) {
    bootstrap
        .clone(thread.loop())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channels.add(channel);
                channel
                    .pipeline()
                    .addLast(new IdleStateHandler(pingAfterMillis, 0, 0, TimeUnit.MILLISECONDS))
                    .addLast(new FrameDecoder(Limits.MAX_REPLY_FRAME_BYTES))
                    .addLast(new HelloHandler(endpoint, hello, thread, result));
                closeIfFailed(result, channel);
              }
            })
        .connect(new InetSocketAddress(address, endpoint.port()))
        .addListener(
            (ChannelFutureListener)
                done -> {
                  if (!done.isSuccess()) {
                    result.completeExceptionally(unreachable(endpoint, done.cause()));
                  }
                });
  }

  /** Whoever gives up first, the timer or the other side, leaves no socket behind. */
  private static void closeIfFailed(CompletableFuture<Connection> result, Channel channel) {
    var unused =
        result.exceptionally(
            error -> {
              var unusedClosing = channel.close();
              return null;
            });
  }

  static FeatureKvException unreachable(Endpoint endpoint, Throwable cause) {
    return new FeatureKvException(
        ErrorCode.UNAVAILABLE, "cannot connect to " + endpoint + ": " + cause.getMessage(), cause);
  }

  /**
   * Closes every connection and ends the threads; open calls end with UNAVAILABLE. Waits for the
   * threads for a bounded time, unless called on one of them.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    lookups.shutdownNow();
    // Threads that end while connections are open do not always close these first.
    var closing =
        channels
            .close()
            .addListener(
                done -> {
                  var unused =
                      loops.shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
                });
    // Their timers go with the threads, so that nothing else would end them.
    for (CompletableFuture<Connection> result : connecting.values()) {
      result.completeExceptionally(
          new FeatureKvException(ErrorCode.UNAVAILABLE, "the transport is closed"));
    }
    if (!isNetworkThread()) {
      closing.awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
      loops.terminationFuture().awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
    }
  }
}
