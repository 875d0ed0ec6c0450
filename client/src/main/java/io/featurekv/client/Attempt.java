package io.featurekv.client;

import io.featurekv.client.transport.Exchange;
import io.featurekv.client.transport.ReplyFrame;
import io.featurekv.client.transport.ReplyFrame.Lease;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import java.nio.ByteBuffer;
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
  private final long timeoutMillis;

  /**
   * Not sent yet.
   *
   * @param epoch which of the batch's versions it belongs to
   * @param keys null: all of the batch
   * @param history what was tried before for these keys
   */
  Attempt(
      BatchCall<?> call,
      int epoch,
      long version,
      int @Nullable [] keys,
      NodeLink link,
      TryHistory history,
      long timeoutMillis) {
    super(FrameType.BATCH_GET);
    this.call = call;
    this.epoch = epoch;
    this.version = version;
    this.keys = keys;
    this.link = link;
    this.history = history;
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

  void send() {
    link.send(this, timeoutMillis, call.thread());
  }

  @Override
  protected int bodyBytes() {
    return BatchGetRequest.bodyBytes(call.table(), Keys.requestBytes(call.keys(), keys));
  }

  @Override
  protected void writeBody(ByteBuffer out, int leftMillis) {
    BatchGetRequest.write(
        out, call.table(), version, call.readTimeMillis(), leftMillis, call.keys(), keys);
  }

  @Override
  protected void onReply(ReplyFrame reply) {
    link.answered();
    Lease lease = null;
    try {
      if (reply.type() == FrameType.ERROR) {
        failed(ErrorReply.decode(reply.body()).toException());
        return;
      }
      if (reply.type() != FrameType.BATCH_VALUES) {
        throw protocol("answered BATCH_GET with " + reply.type());
      }
      BatchValues values;
      if (call.outlivesReplies()) {
        values = BatchValues.decode(reply.bodyCopy());
      } else {
        lease = reply.retain();
        values = BatchValues.decode(reply.body());
      }
      check(values);
      Lease handedOver = lease;
      lease = null;
      call.answered(this, values, handedOver);
    } catch (FeatureKvException e) {
      // It does not speak the protocol, or answers something else than was asked.
      link.avoid();
      failed(e);
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

  @Override
  protected void onFailure(FeatureKvException error) {
    link.failed(error, timeoutMillis);
    failed(error);
  }

  private void failed(FeatureKvException error) {
    call.failed(this, error);
  }
}
