package io.featurekv.node.server;

import java.nio.ByteBuffer;

/**
 * One request as it lies in the receive buffer of its connection. One object per connection, filled
 * anew for each request; valid during {@link InPlaceHandler#handle} only.
 */
public final class InPlaceRequest {
  private final ReplyChannel replies;
  private int flags;
  private int requestId;
  private ByteBuffer body = ByteBuffer.allocate(0);
  private long bodyAddress;
  private long arrivalNanos;

  InPlaceRequest(ReplyChannel replies) {
    this.replies = replies;
  }

  void fill(
      int newFlags, int newRequestId, ByteBuffer newBody, long newAddress, long newArrivalNanos) {
    flags = newFlags;
    requestId = newRequestId;
    body = newBody;
    bodyAddress = newAddress;
    arrivalNanos = newArrivalNanos;
  }

  /** The way back; may be kept, with the {@link #requestId()}, for a reply that comes later. */
  public ReplyChannel replies() {
    return replies;
  }

  /** The frame's flags. */
  public int flags() {
    return flags;
  }

  /** The request's id, which its reply carries. */
  public int requestId() {
    return requestId;
  }

  /** The body: what remains of this little-endian buffer; its position is not 0. */
  public ByteBuffer body() {
    return body;
  }

  /**
   * Address in memory of the byte at index 0 (not at the position) of {@link #body()}; 0 where the
   * bytes are on the heap.
   */
  public long bodyAddress() {
    return bodyAddress;
  }

  /** When its connection was last read from, by {@link System#nanoTime}. */
  public long arrivalNanos() {
    return arrivalNanos;
  }
}
