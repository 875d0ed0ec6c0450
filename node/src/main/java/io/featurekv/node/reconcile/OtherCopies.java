package io.featurekv.node.reconcile;

import io.featurekv.model.Digest;
import io.featurekv.node.wire.FileKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Whether other nodes have what files leave to, by their own word of just now: the metadata takes a
 * machine that is gone for ever for one that is up until a leader has missed it, and none misses
 * anybody while no leader can be elected.
 *
 * <p>For each file one copy is asked for at a time, the next one after a pause that grows. Has no
 * clock, thread or network of its own. Owned by one thread.
 */
final class OtherCopies {
  /** Questions under way at most, over all files. */
  static final int MAX_UNDER_WAY = 64;

  /** How long an answer holds, from when it was asked for. */
  private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(4);

  /** How long a question without an answer counts as under way. */
  private static final long UNDER_WAY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int MAX_PAUSES = 30;

  /** A whole file on a node. */
  record Copy(String nodeId, FileKey key, Digest digest) {}

  /** Asks a node, without blocking. */
  interface Asking {
    /** Whether the node has the file open is told on the owner's thread, or never. */
    void ask(Copy copy, Consumer<Boolean> answer);
  }

  private static final class Question {
    final Copy copy;

    /** So many before it in a row were not answered with yes. */
    final int failures;

    final long askedNanos;
    boolean isAnswered;
    boolean isThere;

    Question(Copy copy, int failures, long askedNanos) {
      this.copy = copy;
      this.failures = failures;
      this.askedNanos = askedNanos;
    }

    void answer(boolean isThereNow) {
      isAnswered = true;
      isThere = isThereNow;
    }

    boolean isUnderWay(long now) {
      return !isAnswered && now - askedNanos < UNDER_WAY_NANOS;
    }

    boolean isDue(long now) {
      long pause = isThere ? VALID_NANOS : ASK_AGAIN_NANOS * Math.min(failures + 1, MAX_PAUSES);
      return now - askedNanos >= pause;
    }
  }

  private final Asking asking;
  private final LongSupplier nanoTime;
  private final Map<FileKey, Question> questions = new HashMap<>();
  private int underWay;

  /**
   * With nothing asked.
   *
   * @param nanoTime a monotonic clock
   */
  OtherCopies(Asking asking, LongSupplier nanoTime) {
    this.asking = asking;
    this.nanoTime = nanoTime;
  }

  /** Counts anew what is under way: before any file is asked for in a round. */
  void beginRound() {
    long now = nanoTime.getAsLong();
    underWay = (int) questions.values().stream().filter(each -> each.isUnderWay(now)).count();
  }

  /** Forgets what was asked for other files than these, which may leave. */
  void retain(Collection<FileKey> leaving) {
    questions.keySet().retainAll(leaving);
  }

  /** Whether one of the copies that a file may leave to was there just now. */
  boolean isVouchedFor(FileKey leaving, List<Copy> copies) {
    Question question = questions.get(leaving);
    return question != null
        && question.isThere
        && nanoTime.getAsLong() - question.askedNanos < VALID_NANOS
        && copies.contains(question.copy);
  }

  /** Whether {@link #ask} would ask now: half of the places are for files not asked for before. */
  boolean isDue(FileKey leaving) {
    Question question = questions.get(leaving);
    return question == null
        ? underWay < MAX_UNDER_WAY
        : underWay < MAX_UNDER_WAY / 2 && question.isDue(nanoTime.getAsLong());
  }

  /** Asks for one of these copies; for the next one than last time, if that was not there. */
  void ask(FileKey leaving, List<Copy> copies) {
    if (copies.isEmpty() || !isDue(leaving)) {
      return;
    }
    Question before = questions.get(leaving);
    int last = before == null ? -1 : copies.indexOf(before.copy);
    boolean isLastThere = before != null && before.isThere && last >= 0;
    Copy copy = copies.get(isLastThere ? last : (last + 1) % copies.size());
    int failures = before == null || before.isThere ? 0 : before.failures + 1;
    Question question = new Question(copy, failures, nanoTime.getAsLong());
    questions.put(leaving, question);
    underWay++;
    asking.ask(copy, question::answer);
  }
}
