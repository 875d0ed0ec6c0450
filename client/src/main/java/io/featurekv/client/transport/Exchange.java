package io.featurekv.client.transport;

import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer, without copies on the way: the request writes itself into the
 * memory that is sent, and the answer is looked at in the memory that it was received into. For
 * paths where {@link Connection#exchange} costs too much.
 *
 * <p>It is sent once, by {@link Connection#send}, and ends once: by {@link #onReply} or {@link
 * #onFailure}, by its deadline at the latest, or by {@link #abandon}, after which neither is called
 * (but for a call that is under way on another thread).
 */
public abstract non-sealed class Exchange extends OpenRequest {
  private final FrameType type;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicBoolean counted = new AtomicBoolean();
  private volatile @Nullable Connection connection;

  /** Not sent yet. */
  protected Exchange(FrameType type) {
    this.type = type;
  }

  final FrameType type() {
    return type;
  }

  /** Flags of the request's frame. */
  protected int flags() {
    return 0;
  }

  /** Length of the request's body. */
  protected abstract int bodyBytes();

  /**
   * Writes the body: {@link #bodyBytes} bytes from the position of {@code out}, which is
   * little-endian. On the connection's thread.
   *
   * @param timeoutMillis how long the answer is waited for
   */
  protected abstract void writeBody(ByteBuffer out, int timeoutMillis);

  /** The answer, which may be an ERROR. On the connection's thread. */
  protected abstract void onReply(ReplyFrame reply);

  /**
   * There is no answer: UNAVAILABLE when the connection is lost, DEADLINE when none came in time,
   * TRY_AGAIN when too much is open already, TOO_LARGE when the other side takes no such frame. On
   * the connection's thread, or on the one that sends it.
   */
  protected abstract void onFailure(FeatureKvException error);

  /** Ends it without an answer that was not given yet; one that comes later is dropped. */
  public final void abandon() {
    if (end()) {
      Connection sentOn = connection;
      if (sentOn != null) {
        sentOn.forget(this);
      }
    }
  }

  /** It was counted by a connection, which hears once that it is over; perhaps it is already. */
  final void sentOn(Connection newConnection) {
    connection = newConnection;
    counted.set(true);
    if (over.get()) {
      uncount(newConnection);
    }
  }

  private void uncount(Connection sentOn) {
    if (counted.compareAndSet(true, false)) {
      sentOn.ended();
    }
  }

  /** True the first time. */
  private boolean end() {
    if (!over.compareAndSet(false, true)) {
      return false;
    }
    Connection sentOn = connection;
    if (sentOn != null) {
      uncount(sentOn);
    }
    return true;
  }

  @Override
  final boolean endsWithOneFrame() {
    return true;
  }

  @Override
  final boolean take(ReplyFrame frame) {
    if (end()) {
      onReply(frame);
    }
    return false;
  }

  /** Ends it from outside of any connection, as long as it was not sent or did not end. */
  @Override
  public final void fail(FeatureKvException error) {
    if (end()) {
      onFailure(error);
    }
  }

  @Override
  public final boolean isOver() {
    return over.get();
  }
}
