package io.featurekv.client.transport;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Somebody who waits for frames with one request id. As an alarm it is its own deadline, on the
 * connection's thread.
 */
abstract sealed class OpenRequest extends Alarm
    permits OpenRequest.Call, OpenRequest.Stream, Exchange {
  /** What holds this, while it is open. */
  private ConnectionHandler handler;

  /** The id that it was sent with. */
  int requestId;

  long timeoutMillis;

  @SuppressWarnings("NullAway") // Set before anything else is asked of it.
  OpenRequest() {}

  void openIn(ConnectionHandler newHandler, int newRequestId, long newTimeoutMillis) {
    handler = newHandler;
    requestId = newRequestId;
    timeoutMillis = newTimeoutMillis;
  }

  @Override
  protected final void ring() {
    handler.late(this);
  }

  /** Whether one frame is all that it waits for. */
  abstract boolean endsWithOneFrame();

  /**
   * Takes a frame.
   *
   * @return whether more are expected
   */
  abstract boolean take(ReplyFrame frame);

  /** Ends it. */
  abstract void fail(FeatureKvException error);

  /** Whether nobody waits any more. */
  abstract boolean isOver();

  /** One answer. */
  static final class Call extends OpenRequest {
    private final CompletableFuture<Reply> result;
    private final boolean errorsAreReplies;

    Call(CompletableFuture<Reply> result, boolean errorsAreReplies) {
      this.result = result;
      this.errorsAreReplies = errorsAreReplies;
    }

    @Override
    boolean endsWithOneFrame() {
      return true;
    }

    @Override
    boolean take(ReplyFrame frame) {
      Reply reply = frame.copy();
      if (reply.type() == FrameType.ERROR && !errorsAreReplies) {
        fail(errorOf(reply));
      } else {
        result.complete(reply);
      }
      return false;
    }

    @Override
    void fail(FeatureKvException error) {
      result.completeExceptionally(error);
    }

    @Override
    boolean isOver() {
      return result.isDone();
    }
  }

  /** Any number of answers, until one is an ERROR. */
  static final class Stream extends OpenRequest {
    private final StreamListener listener;
    private final Runnable whenOver;
    private final AtomicBoolean over = new AtomicBoolean();

    Stream(StreamListener listener, Runnable whenOver) {
      this.listener = listener;
      this.whenOver = whenOver;
    }

    /** Marks it as over; true the first time. */
    boolean end() {
      boolean first = over.compareAndSet(false, true);
      if (first) {
        whenOver.run();
      }
      return first;
    }

    @Override
    boolean endsWithOneFrame() {
      return false;
    }

    @Override
    boolean take(ReplyFrame frame) {
      if (isOver()) {
        return false;
      }
      Reply reply = frame.copy();
      if (reply.type() == FrameType.ERROR) {
        fail(errorOf(reply));
        return false;
      }
      try {
        listener.onFrame(reply);
        return true;
      } catch (FeatureKvException e) {
        fail(e);
      } catch (RuntimeException e) {
        fail(new FeatureKvException(ErrorCode.INTERNAL, "a stream's listener failed: " + e, e));
      }
      return false;
    }

    @Override
    void fail(FeatureKvException error) {
      if (end()) {
        listener.onEnd(error);
      }
    }

    @Override
    boolean isOver() {
      return over.get();
    }
  }

  private static FeatureKvException errorOf(Reply frame) {
    try {
      return ErrorReply.decode(frame.body()).toException();
    } catch (FeatureKvException e) {
      return e;
    }
  }
}
