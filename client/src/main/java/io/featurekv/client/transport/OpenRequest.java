package io.featurekv.client.transport;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** Somebody who waits for frames with one request id. */
sealed interface OpenRequest {
  /**
   * Takes a frame.
   *
   * @return whether more are expected
   */
  boolean take(Reply frame);

  /** Ends it. */
  void fail(FeatureKvException error);

  /** Whether nobody waits any more. */
  boolean isOver();

  /** One answer. */
  record Call(CompletableFuture<Reply> result, boolean errorsAreReplies) implements OpenRequest {
    @Override
    public boolean take(Reply frame) {
      if (frame.type() == FrameType.ERROR && !errorsAreReplies) {
        fail(errorOf(frame));
      } else {
        result.complete(frame);
      }
      return false;
    }

    @Override
    public void fail(FeatureKvException error) {
      result.completeExceptionally(error);
    }

    @Override
    public boolean isOver() {
      return result.isDone();
    }
  }

  /** Any number of answers, until one is an ERROR. */
  final class Stream implements OpenRequest {
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
    public boolean take(Reply frame) {
      if (isOver()) {
        return false;
      }
      if (frame.type() == FrameType.ERROR) {
        fail(errorOf(frame));
        return false;
      }
      try {
        listener.onFrame(frame);
        return true;
      } catch (FeatureKvException e) {
        fail(e);
      } catch (RuntimeException e) {
        fail(new FeatureKvException(ErrorCode.INTERNAL, "a stream's listener failed: " + e, e));
      }
      return false;
    }

    @Override
    public void fail(FeatureKvException error) {
      if (end()) {
        listener.onEnd(error);
      }
    }

    @Override
    public boolean isOver() {
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
