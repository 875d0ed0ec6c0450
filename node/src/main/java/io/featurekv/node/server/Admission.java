package io.featurekv.node.server;

import io.featurekv.model.Limits;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of reads that are in flight: keys of requests that wait for a thread or another
 * node, and replies that were not taken by their receiver yet. Above a bound new reads are refused
 * with TRY_AGAIN at once, which costs little, instead of waiting where nobody can answer them in
 * time. Any thread.
 */
public final class Admission {
  /** Most bytes in flight of one connection. */
  public static final long MAX_CONNECTION_BYTES = 4L * Limits.REPLY_SOFT_LIMIT_BYTES;

  /** Share of the memory for direct buffers that reads in flight may take. */
  private static final int SHARE_OF_DIRECT_MEMORY = 2;

  private static final String PROPERTY = "featurekv.reads.in.flight.bytes";

  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();

  /** Bounds all connections together to so many bytes. */
  public Admission(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Half of the memory for direct buffers, unless the property {@code
   * featurekv.reads.in.flight.bytes} says otherwise.
   */
  public static Admission byMemory() {
    return new Admission(
        Long.getLong(PROPERTY, PlatformDependent.maxDirectMemory() / SHARE_OF_DIRECT_MEMORY));
  }

  /** Whether another read may begin. */
  boolean admits(long connectionBytes) {
    return connectionBytes <= MAX_CONNECTION_BYTES && bytes.get() <= maxBytes;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }

  /** Bytes in flight now. */
  public long bytes() {
    return bytes.get();
  }

  /** Most bytes in flight. */
  public long maxBytes() {
    return maxBytes;
  }
}
