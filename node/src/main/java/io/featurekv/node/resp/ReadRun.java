package io.featurekv.node.resp;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.server.ReplyChannel;
import io.featurekv.node.serving.BatchQuery;
import io.featurekv.node.serving.BatchReads;
import io.featurekv.node.serving.BatchReply;
import io.featurekv.node.serving.BytesHolder;
import io.featurekv.node.serving.KeyAnswers;
import io.featurekv.storage.KeyBatch;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Keys of one version of a table that are looked up together: of GETs that came one behind the
 * other, or of one command. One per connection, used again and again.
 *
 * <p>It belongs to the connection's event loop. While it {@link #isWaiting()} it belongs to the
 * thread that answers, which gives it back through the event loop's queue.
 */
final class ReadRun implements BatchReply {
  /** Keys looked up at once. */
  static final int MAX_KEYS = 1024;

  /** RESP has no deadlines; this is when a node that is asked on behalf of another gives up. */
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int FEW_KEYS = 64;

  private final BatchReads reads;
  private final ReplyChannel replies;
  private final Executor loop;
  private final Runnable onAnswer;
  private final BytesHolder holder;
  private final AnswerShape gets;
  private AnswerShape shape;
  // From the first byte that the source still needs.
  private int[] offsets = new int[FEW_KEYS];
  private int[] lengths = new int[FEW_KEYS];
  private int count;
  private int next;
  private int asked;
  private int mostAsked = MAX_KEYS;
  private boolean isBegun;
  private boolean isWaiting;
  private boolean isAsking;

  /**
   * Of one connection.
   *
   * @param gets how keys are answered unless a command says otherwise
   * @param onAnswer called on the event loop when an answer came late
   */
  ReadRun(
      BatchReads reads, ReplyChannel replies, Executor loop, AnswerShape gets, Runnable onAnswer) {
    this.reads = reads;
    this.replies = replies;
    this.loop = loop;
    this.gets = gets;
    this.shape = gets;
    this.onAnswer = onAnswer;
    this.holder = replies::hold;
  }

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == MAX_KEYS;
  }

  /** Adds a key, whose bytes stay until the run is over. */
  void add(int offset, int length) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    offsets[count] = offset;
    lengths[count] = length;
    count++;
  }

  /** All keys are there. */
  void begin() {
    isBegun = true;
  }

  /** All keys of a part of a command are there. */
  void begin(AnswerShape newShape) {
    shape = newShape;
    isBegun = true;
  }

  boolean isBegun() {
    return isBegun;
  }

  /** Whether an answer is under way. */
  boolean isWaiting() {
    return isWaiting;
  }

  /** Whether some of its keys were not answered yet. */
  boolean hasMore() {
    return next < count && !shape.isOver();
  }

  /** Ready for other keys. */
  void clear() {
    count = 0;
    next = 0;
    mostAsked = MAX_KEYS;
    isBegun = false;
    shape = gets;
  }

  /** Asks for the keys that were not answered; answers come before this returns, or later. */
  void ask(CommandSource source, KeyChoice choice, long arrivalNanos) {
    int to = Math.min(count, next + mostAsked);
    asked = to - next;
    if (!replies.admits()) {
      reads.refused();
      shape.fail(
          count - next,
          ReplyBuilder.errorText(
              ErrorCode.TRY_AGAIN, "too many bytes of reads are in flight on this node"),
          replies);
      next = count;
      return;
    }
    KeyBatch keys = reads.keys();
    keys.reset(source.address(), source.size());
    for (int key = next; key < to; key++) {
      keys.add(offsets[key], lengths[key]);
    }
    isWaiting = true;
    isAsking = true;
    reads.read(
        new BatchQuery(
            choice.table(),
            choice.version(),
            choice.picture().metadataIndex(),
            choice.readTimeMillis(),
            arrivalNanos,
            arrivalNanos + TIMEOUT_NANOS,
            true,
            choice.form()),
        this,
        holder);
    isAsking = false;
  }

  @Override
  public boolean isWanted() {
    return replies.isOpen();
  }

  @Override
  public boolean hasRoom() {
    return replies.admits();
  }

  @Override
  public void abandon() {
    replies.abandon();
  }

  @Override
  public void answer(KeyAnswers answers) {
    settle(shape.take(answers, replies));
  }

  @Override
  public void fail(FeatureKvException error) {
    shape.fail(count - next, ReplyBuilder.errorText(error), replies);
    settle(count - next);
  }

  private void settle(int taken) {
    if (isOnLoopNow()) {
      apply(taken);
    } else {
      loop.execute(
          () -> {
            apply(taken);
            onAnswer.run();
          });
    }
  }

  private boolean isOnLoopNow() {
    return replies.isOnLoop() && isAsking;
  }

  private void apply(int taken) {
    next += taken;
    isWaiting = false;
    // None had room: the first one alone has.
    mostAsked = taken == 0 ? Math.max(1, asked / 2) : MAX_KEYS;
  }
}
