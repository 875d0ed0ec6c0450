package io.featurekv.client;

import io.featurekv.client.transport.Alarm;
import io.featurekv.client.transport.Exchange;
import io.featurekv.client.transport.ReplyFrame;
import io.featurekv.client.transport.ReplyFrame.Lease;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.ValueStatus;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Some keys of a batch, asked of one node once. What it hears it checks on the connection's thread,
 * and hands to its batch on the batch's.
 */
final class Attempt extends Exchange {
  private final BatchCall<?> call;
  private final int epoch;
  private final long version;
  private final int @Nullable [] keys;
  private final NodeLink link;
  private final TryHistory history;
  private final boolean hedge;
  private final long timeoutMillis;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private final Alarm lateAlarm = new LateAlarm();
  private long sentNanos;

  /**
   * Not sent yet.
   *
   * @param epoch which of the batch's versions it belongs to
   * @param keys null: all of the batch
   * @param history what was tried before for these keys
   * @param hedge whether somebody else was asked for them who has not answered
   */
  Attempt(
      BatchCall<?> call,
      int epoch,
      long version,
      int @Nullable [] keys,
      NodeLink link,
      TryHistory history,
      boolean hedge,
      long timeoutMillis) {
    super(FrameType.BATCH_GET);
    this.call = call;
    this.epoch = epoch;
    this.version = version;
    this.keys = keys;
    this.link = link;
    this.history = history;
    this.hedge = hedge;
    this.timeoutMillis = timeoutMillis;
  }

  int epoch() {
    return epoch;
  }

  int @Nullable [] keys() {
    return keys;
  }

  NodeLink link() {
    return link;
  }

  TryHistory history() {
    return history;
  }

  /** Index in the batch of the key at a place of the request. */
  int key(int place) {
    return keys == null ? place : keys[place];
  }

  int count() {
    return keys == null ? call.keys().length : keys.length;
  }

  boolean isHedge() {
    return hedge;
  }

  /** Rings when an answer would be late; on the batch's thread. */
  private final class LateAlarm extends Alarm {
    @Override
    protected void ring() {
      call.hedge(Attempt.this);
    }
  }

  Alarm lateAlarm() {
    return lateAlarm;
  }

  /** Sends it, as one of a turn. */
  void send(int turn) {
    sentNanos = System.nanoTime();
    underWay.set(true);
    link.began();
    link.send(this, timeoutMillis, call.thread(), turn);
  }

  /** Counts it out, once, however it ends. */
  private boolean ended() {
    boolean first = underWay.compareAndSet(true, false);
    if (first) {
      link.ended();
    }
    return first;
  }

  /** Gives it up, because its keys were answered elsewhere. */
  void loseRace() {
    // A hedge that loses says nothing against its node: it began later.
    if (ended() && !hedge) {
      link.outrun(count(), sentNanos);
    }
    abandon();
  }

  /** Gives it up, because there is no time left. */
  void runOutOfTime() {
    if (ended()) {
      link.unanswered(ErrorCode.DEADLINE, count(), (System.nanoTime() - sentNanos) / 1_000_000);
    }
    abandon();
  }

  /** Gives it up for reasons that say nothing about the node. */
  void drop() {
    ended();
    abandon();
  }

  @Override
  protected int flags() {
    return call.columns() == null ? 0 : BatchGetRequest.COLUMNS;
  }

  @Override
  protected int bodyBytes() {
    byte[] columns = call.columns();
    return BatchGetRequest.bodyBytes(call.table(), Keys.requestBytes(call.keys(), keys))
        + (columns == null ? 0 : columns.length);
  }

  @Override
  protected void writeBody(ByteBuffer out, int leftMillis) {
    BatchGetRequest.write(
        out,
        call.table(),
        version,
        call.readTimeMillis(),
        leftMillis,
        call.keys(),
        keys,
        call.columns());
  }

  @Override
  protected void onReply(ReplyFrame reply) {
    ended();
    Lease lease = null;
    try {
      if (reply.type() == FrameType.ERROR) {
        FeatureKvException error = ErrorReply.decode(reply.body()).toException();
        link.answeredError(error.code(), count());
        call.failed(this, error);
        return;
      }
      if (reply.type() != FrameType.BATCH_VALUES) {
        throw protocol("answered BATCH_GET with " + reply.type());
      }
      BatchValues values;
      boolean hasShape = call.columns() != null;
      if (call.outlivesReplies()) {
        values = BatchValues.decode(reply.bodyCopy(), hasShape);
      } else {
        lease = reply.retain();
        values = BatchValues.decode(reply.body(), hasShape);
      }
      check(values);
      tellOf(values);
      Lease handedOver = lease;
      lease = null;
      call.answered(this, values, handedOver);
    } catch (FeatureKvException e) {
      // It does not speak the protocol, or answers something else than was asked.
      link.avoid();
      call.failed(this, e);
    } finally {
      if (lease != null) {
        lease.close();
      }
    }
  }

  private void check(BatchValues values) {
    if (values.version() != version || values.count() != count()) {
      throw protocol(
          "answered with %d keys of version %d, expected %d of version %d"
              .formatted(values.count(), values.version(), count(), version));
    }
  }

  FeatureKvException protocol(String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, link.endpoint() + " " + what);
  }

  /** A reply without a single answer is one that failed. */
  private void tellOf(BatchValues values) {
    int place = 0;
    while (place < values.count() && values.status(place) == ValueStatus.FAILED) {
      place++;
    }
    if (place > 0 && place == values.count()) {
      link.answeredError(values.errorCode(0), count());
    } else {
      link.answered(count(), sentNanos);
    }
  }

  @Override
  protected void onFailure(FeatureKvException error) {
    if (ended()) {
      link.unanswered(error.code(), count(), timeoutMillis);
    }
    call.failed(this, error);
  }
}
