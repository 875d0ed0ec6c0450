package io.featurekv.node.server;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

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

  /** How many threads there are. */
  public int count() {
    int count = 0;
    for (EventExecutor _ : group) {
      count++;
    }
    return count;
  }

  /**
   * Has each thread say again and again how late it is.
   *
   * @param lateNanos is called on each thread about every {@code periodMillis}, with how much later
   *     than it was due
   */
  public void everyMillis(long periodMillis, LongConsumer lateNanos) {
    long periodNanos = TimeUnit.MILLISECONDS.toNanos(periodMillis);
    for (EventExecutor loop : group) {
      probe(loop, periodNanos, lateNanos);
    }
  }

  private static void probe(EventExecutor loop, long periodNanos, LongConsumer lateNanos) {
    long dueNanos = System.nanoTime() + periodNanos;
    try {
      var _ =
          loop.schedule(
              () -> {
                lateNanos.accept(System.nanoTime() - dueNanos);
                probe(loop, periodNanos, lateNanos);
              },
              periodNanos,
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The loops end, and what is asked of them with them.
    }
  }

  @Override
  public void close() {
    group
        .shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(2L * STOP_SECONDS, TimeUnit.SECONDS);
  }
}
