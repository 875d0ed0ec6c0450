package io.featurekv.client;

import io.featurekv.client.transport.ReplyFrame.Lease;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowSchema;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ValueStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which reply answers which key of a batch, at which place in it, or why none does. Values stay in
 * the replies' own bytes. Where one reply answers all keys in their order, which is the usual case,
 * nothing is written down per key.
 *
 * <p>Confined to the batch's network thread while it collects. A result takes it over as it is when
 * the batch ends, and from then on it is not changed any more. The first answer for a key counts.
 */
final class Answers {
  private static final int OPEN = 0;
  private static final int FAILED = -1;

  private final byte[][] keys;
  private final List<BatchValues> replies = new ArrayList<>(1);
  private final List<Lease> leases = new ArrayList<>(0);
  // Per key: OPEN, FAILED, or the number of its reply, from 1. Null: reply 1 answers everything.
  private int @Nullable [] replyOf;
  private int @Nullable [] placeOf;
  private @Nullable FeatureKvException @Nullable [] errors;
  private int open;

  Answers(byte[][] keys) {
    this.keys = keys;
    open = keys.length;
  }

  /** Forgets everything, for another version. */
  void clear() {
    release();
    replies.clear();
    replyOf = null;
    placeOf = null;
    errors = null;
    open = keys.length;
  }

  /** Gives the bytes of the replies back, if they were lent: nothing is read from them any more. */
  void release() {
    for (Lease lease : leases) {
      lease.close();
    }
    leases.clear();
  }

  /**
   * Takes the FOUND and ABSENT of a reply.
   *
   * @param asked which keys it answers, in their order; null: all
   * @param lease on the reply's bytes, which goes over to this; null: they need none
   * @return how many keys it is the first answer for
   */
  int take(BatchValues reply, int @Nullable [] asked, @Nullable Lease lease) {
    if (lease != null) {
      leases.add(lease);
    }
    replies.add(reply);
    if (asked == null && replies.size() == 1 && reply.isComplete() && errors == null) {
      open = 0;
      return keys.length;
    }
    int openBefore = open;
    int[] numbers = replyOf;
    int[] places = placeOf;
    if (numbers == null || places == null) {
      numbers = new int[keys.length];
      places = new int[keys.length];
      replyOf = numbers;
      placeOf = places;
    }
    int number = replies.size();
    boolean complete = reply.isComplete();
    for (int place = 0; place < reply.count(); place++) {
      int key = asked == null ? place : asked[place];
      if (numbers[key] == OPEN && (complete || isAnswer(reply.status(place)))) {
        numbers[key] = number;
        places[key] = place;
        open--;
      }
    }
    return openBefore - open;
  }

  private static boolean isAnswer(ValueStatus status) {
    return status == ValueStatus.FOUND || status == ValueStatus.ABSENT;
  }

  void failed(int key, FeatureKvException error) {
    int[] numbers = replyOf;
    if (numbers == null) {
      if (open == 0) {
        return;
      }
      numbers = new int[keys.length];
      replyOf = numbers;
      placeOf = new int[keys.length];
    }
    if (numbers[key] == OPEN) {
      numbers[key] = FAILED;
      if (errors == null) {
        errors = new @Nullable FeatureKvException[keys.length];
      }
      errors[key] = error;
      open--;
    }
  }

  /** Gives every key that is still open the same error. */
  void failRest(FeatureKvException error) {
    for (int key = 0; key < keys.length && open > 0; key++) {
      failed(key, error);
    }
  }

  boolean areComplete() {
    return open == 0;
  }

  boolean isOpen(int key) {
    return open > 0 && (replyOf == null || replyOf[key] == OPEN);
  }

  byte[][] keys() {
    return keys;
  }

  /** Once all are answered. */
  KeyStatus status(int key) {
    if (replyOf != null && replyOf[key] == FAILED) {
      return KeyStatus.FAILED;
    }
    return reply(key).status(place(key)) == ValueStatus.FOUND ? KeyStatus.FOUND : KeyStatus.ABSENT;
  }

  /** The reply that answers a key which did not fail. */
  BatchValues reply(int key) {
    return replies.get(replyOf == null ? 0 : replyOf[key] - 1);
  }

  /**
   * The columns that the values of a reply are rows of.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when they are none
   */
  static RowSchema shapeOf(BatchValues reply) {
    RowSchema shape = reply.shape();
    if (shape == null) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the values are no rows: ask for columns (ReadOptions.columns) of a table that has some");
    }
    return shape;
  }

  /** Whether some reply has rows. */
  boolean haveRows() {
    return replies.stream().anyMatch(reply -> reply.shape() != null);
  }

  /** The key's place in its reply. */
  int place(int key) {
    return placeOf == null ? key : placeOf[key];
  }

  /**
   * Why the batch fails where it must not be partial: the first key's error, and how many there
   * are; null when no key has failed.
   */
  @Nullable FeatureKvException asOneError() {
    FeatureKvException first = null;
    for (int key = 0; first == null && errors != null && key < keys.length; key++) {
      first = errors[key];
    }
    return first == null || keys.length == 1
        ? first
        : new FeatureKvException(
            first.code(),
            "%d of %d keys failed, the first with: %s"
                .formatted(count(KeyStatus.FAILED), keys.length, first.getMessage()),
            first);
  }

  /** Why a key failed, or null. */
  @Nullable FeatureKvException error(int key) {
    return errors == null ? null : errors[key];
  }

  /** How many keys have this status. */
  int count(KeyStatus wanted) {
    int count = 0;
    for (int i = 0; i < keys.length; i++) {
      if (status(i) == wanted) {
        count++;
      }
    }
    return count;
  }
}
