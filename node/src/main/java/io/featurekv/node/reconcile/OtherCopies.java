package io.featurekv.node.reconcile;

import io.featurekv.model.Digest;
import io.featurekv.node.wire.FileKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether other nodes have what they are said to have, by their own word of just now: the metadata
 * takes a machine that is gone for ever for one that is up until a leader has missed it, and none
 * misses anybody while no leader can be elected.
 *
 * <p>Has no clock, thread or network of its own. Owned by one thread.
 */
final class OtherCopies {
  /** How long an answer holds. */
  private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long after a question without an answer, or with the wrong one, the next is asked. */
  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Questions that are remembered at most; what is not asked for now is asked for later. */
  private static final int MAX_QUESTIONS = 256;

  /** A whole file on a node. */
  record Copy(String nodeId, FileKey key, Digest digest) {}

  /** Asks a node, without blocking. */
  interface Asking {
    /** {@code isThere} is called on the owner's thread, where the node has the file. */
    void ask(Copy copy, Runnable isThere);
  }

  private record Question(long askedNanos, @Nullable Long answeredNanos) {}

  private final Asking asking;
  private final LongSupplier nanoTime;
  private final Map<Copy, Question> questions = new HashMap<>();

  /**
   * With nothing asked.
   *
   * @param nanoTime a monotonic clock
   */
  OtherCopies(Asking asking, LongSupplier nanoTime) {
    this.asking = asking;
    this.nanoTime = nanoTime;
  }

  /** Whether one of these was there just now; asks for them where nobody has lately. */
  boolean isOneThere(Collection<Copy> copies) {
    long now = nanoTime.getAsLong();
    for (Copy copy : copies) {
      Question question = questions.get(copy);
      Long answered = question == null ? null : question.answeredNanos();
      if (answered != null && now - answered < VALID_NANOS) {
        return true;
      }
    }
    for (Copy copy : copies) {
      ask(copy, now);
    }
    return false;
  }

  private void ask(Copy copy, long now) {
    Question before = questions.get(copy);
    if (before != null && now - before.askedNanos() < ASK_AGAIN_NANOS) {
      return;
    }
    if (before == null && questions.size() >= MAX_QUESTIONS) {
      questions.values().removeIf(question -> isOver(question, now));
      if (questions.size() >= MAX_QUESTIONS) {
        return;
      }
    }
    questions.put(copy, new Question(now, null));
    asking.ask(copy, () -> answered(copy));
  }

  private void answered(Copy copy) {
    questions.computeIfPresent(
        copy, (_, question) -> new Question(question.askedNanos(), nanoTime.getAsLong()));
  }

  private static boolean isOver(Question question, long now) {
    return now - question.askedNanos() >= ASK_AGAIN_NANOS + VALID_NANOS;
  }
}
