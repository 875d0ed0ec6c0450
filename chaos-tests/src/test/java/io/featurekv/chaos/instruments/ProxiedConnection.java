package io.featurekv.chaos.instruments;

import io.featurekv.chaos.instruments.TcpProxy.Fault;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One connection through a {@link TcpProxy}: two sockets, and for each direction one thread that
 * reads and one that writes, with a bounded queue in between.
 */
final class ProxiedConnection {
  private static final int MAX_QUEUED_CHUNKS = 64;
  private static final Chunk END = new Chunk(0, new byte[0]);
  private static final Chunk RESET = new Chunk(0, new byte[0]);

  private final TcpProxy proxy;
  private final String caller;
  private final String callee;
  private final SocketChannel accepted;
  private final SocketChannel connected;
  private final AtomicInteger directionsOpen = new AtomicInteger(2);
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private volatile boolean hasLostBytes;

  private record Chunk(long dueNanos, byte[] bytes) {}

  ProxiedConnection(
      TcpProxy proxy,
      String caller,
      String callee,
      SocketChannel accepted,
      SocketChannel connected) {
    this.proxy = proxy;
    this.caller = caller;
    this.callee = callee;
    this.accepted = accepted;
    this.connected = connected;
  }

  /** Connects to the target and carries bytes until both sides have ended; blocks meanwhile. */
  void carry(InetSocketAddress target) throws InterruptedException {
    try {
      proxy.link(caller, callee).awaitPassing(this);
      connected.connect(target);
      accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
      connected.setOption(StandardSocketOptions.TCP_NODELAY, true);
    } catch (IOException e) {
      reset();
      return;
    }
    direction(proxy.link(caller, callee), accepted, connected);
    direction(proxy.link(callee, caller), connected, accepted);
  }

  private void direction(Link link, SocketChannel from, SocketChannel to) {
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(MAX_QUEUED_CHUNKS);
    proxy.run(() -> read(link, from, queue));
    proxy.run(() -> write(link, to, queue));
  }

  private void read(Link link, SocketChannel from, BlockingQueue<Chunk> queue)
      throws InterruptedException {
    FrameCursor frames = new FrameCursor();
    ByteBuffer buffer = ByteBuffer.allocate(TcpProxy.CHUNK_BYTES);
    long lastDue = System.nanoTime();
    try {
      while (from.read(buffer.clear()) >= 0) {
        byte[] chunk = new byte[buffer.flip().remaining()];
        buffer.get(chunk);
        FrameCursor.Part part = frames.advance(chunk, chunk.length);
        if (link.isSwallowing()) {
          proxy.counts().add(Fault.SWALLOWED);
          hasLostBytes = true;
          continue;
        }
        Link.Passage passage = link.pass(chunk, part);
        lastDue = Math.max(lastDue, System.nanoTime() + passage.delayNanos());
        put(queue, new Chunk(lastDue, passage.chunk()));
      }
      put(queue, END);
    } catch (IOException e) {
      put(queue, RESET);
    }
  }

  private void put(BlockingQueue<Chunk> queue, Chunk chunk) throws InterruptedException {
    while (isOpen() && !queue.offer(chunk, 100, TimeUnit.MILLISECONDS)) {
      // The writer has closed the connection, or waits itself.
    }
  }

  @SuppressWarnings("ReferenceEquality") // the two marks are equal to any chunk without bytes
  private void write(Link link, SocketChannel to, BlockingQueue<Chunk> queue)
      throws InterruptedException {
    try {
      while (isOpen()) {
        Chunk chunk = queue.poll(100, TimeUnit.MILLISECONDS);
        if (chunk == null) {
          continue;
        }
        awaitTime(chunk.dueNanos());
        link.awaitPassing(this);
        if (chunk == RESET) {
          reset();
        } else if (chunk == END) {
          to.shutdownOutput();
          if (directionsOpen.decrementAndGet() == 0) {
            close();
          }
          return;
        } else {
          send(to, chunk.bytes());
          awaitTime(System.nanoTime() + link.pauseNanos(chunk.bytes().length));
        }
      }
    } catch (IOException e) {
      reset();
    }
  }

  private static void send(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      to.write(left);
    }
  }

  private void awaitTime(long dueNanos) {
    for (long left = dueNanos - System.nanoTime();
        left > 0 && isOpen();
        left = dueNanos - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
    }
  }

  boolean isOpen() {
    return !isClosed.get();
  }

  boolean isBetween(String one, String other) {
    return (caller.equals(one) && callee.equals(other))
        || (caller.equals(other) && callee.equals(one));
  }

  /** Whether bytes of it were swallowed, so that it can never go on. */
  boolean hasLostBytes() {
    return hasLostBytes;
  }

  /** Both sides are told at once that the connection is broken (RST). */
  void reset() {
    for (SocketChannel socket : List.of(accepted, connected)) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException | UnsupportedOperationException e) {
        // Closed already.
      }
    }
    close();
  }

  private void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    for (SocketChannel socket : List.of(accepted, connected)) {
      try {
        socket.close();
      } catch (IOException e) {
        // Nothing more can be done about it.
      }
    }
    proxy.link(caller, callee).wake();
    proxy.link(callee, caller).wake();
    proxy.ended(this);
  }
}
