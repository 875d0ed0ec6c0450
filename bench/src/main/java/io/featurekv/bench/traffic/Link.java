package io.featurekv.bench.traffic;

import io.featurekv.bench.wire.Wire;
import io.featurekv.model.Endpoint;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.HdrHistogram.Histogram;

/**
 * A connection with the requests that are open on it. One thread sends and one receives; they may
 * be the same.
 *
 * <p>Invariants: request number n has the slot {@code n & mask}; a slot holds how many keys its
 * request must find, or {@link #FREE}; only the sender fills a free slot and only the receiver
 * frees one, so that the time in it belongs to whoever may write it.
 */
public final class Link implements AutoCloseable {
  private static final int FREE = -1;
  private static final int READ_BYTES = 256 << 10;
  private static final int WRITE_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final Wire wire;
  private final int batch;
  private final int valueBytes;
  private final int mask;
  private final AtomicIntegerArray expected;
  private final long[] dueNanos;
  private final long[] ids;
  private final ByteBuffer in;
  private final ByteBuffer out;
  // The sender's and the receiver's.
  private int sent;
  private int received;

  /** A reply that does not have what was asked for. */
  public static final class WrongReply extends IOException {
    private static final long serialVersionUID = 1L;

    WrongReply(String message) {
      super(message);
    }
  }

  private Link(SocketChannel channel, Wire wire, int batch, int valueBytes, int slots) {
    this.channel = channel;
    this.wire = wire;
    this.batch = batch;
    this.valueBytes = valueBytes;
    int capacity = Integer.highestOneBit(Math.max(2, slots * 2 - 1));
    this.mask = capacity - 1;
    this.expected = new AtomicIntegerArray(capacity);
    for (int i = 0; i < capacity; i++) {
      expected.set(i, FREE);
    }
    this.dueNanos = new long[capacity];
    this.ids = new long[batch];
    this.in =
        ByteBuffer.allocateDirect(Math.max(READ_BYTES, 2 * wire.replyBytes(batch, valueBytes)))
            .order(ByteOrder.LITTLE_ENDIAN);
    this.out =
        ByteBuffer.allocateDirect(Math.max(WRITE_BYTES, 2 * wire.requestBytes(batch)))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Connects and greets; does not block from then on.
   *
   * @param batch keys of every request
   * @param valueBytes length of every value
   * @param slots most open requests, rounded up to a power of two
   */
  public static Link connect(Endpoint endpoint, Wire wire, int batch, int valueBytes, int slots)
      throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(endpoint.host(), endpoint.port()));
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      wire.greet(channel);
      channel.configureBlocking(false);
      return new Link(channel, wire, batch, valueBytes, slots);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  SocketChannel channel() {
    return channel;
  }

  int batch() {
    return batch;
  }

  /** Whether there are room and a slot for another request. */
  boolean canSend() {
    return expected.getAcquire(sent & mask) == FREE && out.remaining() >= wire.requestBytes(batch);
  }

  /** Encodes a request that was due at some time; {@link #flush} sends it. */
  void send(EntryDraws draws, long due) {
    int present = draws.draw(ids, batch);
    int slot = sent & mask;
    dueNanos[slot] = due;
    expected.setRelease(slot, present);
    wire.encode(out, sent, ids, batch);
    sent++;
  }

  /** Writes what the connection takes; whether that was all. */
  boolean flush() throws IOException {
    out.flip();
    channel.write(out);
    out.compact();
    return out.position() == 0;
  }

  /**
   * Reads what is there.
   *
   * @return replies that are complete now
   */
  int receive(Tally tally, Histogram latency) throws IOException {
    if (channel.read(in) < 0) {
      throw new EOFException("the server closed a connection");
    }
    long now = System.nanoTime();
    in.flip();
    int replies = 0;
    while (in.hasRemaining() && wire.decode(in)) {
      int number = wire.request() < 0 ? received : wire.request();
      received++;
      replies++;
      int slot = number & mask;
      check(expected.getAcquire(slot));
      latency.recordValue(Math.clamp(now - dueNanos[slot], 0, latency.getHighestTrackableValue()));
      tally.add(batch, wire.found());
      expected.setRelease(slot, FREE);
    }
    in.compact();
    return replies;
  }

  private void check(int present) throws WrongReply {
    if (wire.found() != present) {
      throw new WrongReply(
          present == FREE
              ? "a reply to no request"
              : "expected " + present + " of " + batch + " keys, found " + wire.found());
    }
    if (wire.valueBytes() != (long) present * valueBytes) {
      throw new WrongReply(
          "expected values of " + valueBytes + " bytes, found " + wire.valueBytes() + " in all");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
