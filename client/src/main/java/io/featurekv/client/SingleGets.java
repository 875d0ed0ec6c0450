package io.featurekv.client;

import io.featurekv.client.transport.Alarm;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends single gets that come within one window as one batch. Each keeps its own deadline and its
 * own error.
 *
 * <p>Invariant: a get that is waiting has an alarm for its deadline, and belongs to a group that is
 * in {@code waiting} until its window or its room is over. Confined to one network thread, but for
 * {@link #get}.
 */
final class SingleGets {
  /** A batch is sent at so many keys, even where its window goes on. */
  static final int MAX_KEYS = 256;

  private final Session session;
  private final NetworkThread thread;
  private final long windowNanos;
  private final Map<Pin, Group> waiting = new HashMap<>();

  SingleGets(Session session, NetworkThread thread, Duration window) {
    this.session = session;
    this.thread = thread;
    this.windowNanos = window.toNanos();
  }

  /** The gets of one table at one version. */
  private static final class Group {
    final List<Get> gets = new ArrayList<>();
    NetworkThread.@Nullable Timer window;
  }

  /** One of them. */
  private final class Get extends Alarm {
    final byte[] key;
    final Deadline deadline;
    final CompletableFuture<Optional<byte[]>> result = new CompletableFuture<>();

    Get(byte[] key, Deadline deadline) {
      this.key = key;
      this.deadline = deadline;
    }

    @Override
    protected void ring() {
      fail(
          new FeatureKvException(
              ErrorCode.DEADLINE, "no answer within " + deadline.timeoutMillis() + " ms"));
    }

    void fail(FeatureKvException error) {
      thread.callOff(this);
      result.completeExceptionally(error);
    }

    void take(Answer answer) {
      thread.callOff(this);
      if (answer.error() != null) {
        result.completeExceptionally(answer.error());
      } else {
        result.complete(answer.value());
      }
    }
  }

  /** Joins the others, or is the first of its window. */
  CompletableFuture<Optional<byte[]>> get(Pin pin, byte[] key, Deadline deadline) {
    Get get = new Get(key, deadline);
    session.opened(get.result);
    try {
      thread.execute(() -> join(pin, get));
    } catch (RejectedExecutionException e) {
      get.result.completeExceptionally(NodeLink.asKnown(e));
    }
    return get.result;
  }

  private void join(Pin pin, Get get) {
    try {
      thread.set(get, get.deadline.leftMillis());
      Group group = waiting.computeIfAbsent(pin, unused -> new Group());
      group.gets.add(get);
      if (group.gets.size() == MAX_KEYS) {
        send(pin, group);
      } else if (group.window == null) {
        group.window = thread.scheduleNanos(windowNanos, () -> send(pin, group));
      }
    } catch (RuntimeException e) {
      get.fail(NodeLink.asKnown(e));
    }
  }

  private void send(Pin pin, Group group) {
    if (!waiting.remove(pin, group)) {
      return;
    }
    if (group.window != null) {
      group.window.cancel();
    }
    List<Get> gets = group.gets;
    byte[][] keys = new byte[gets.size()][];
    Deadline latest = gets.get(0).deadline;
    for (int i = 0; i < keys.length; i++) {
      keys[i] = gets.get(i).key;
      latest = gets.get(i).deadline.isAfter(latest) ? gets.get(i).deadline : latest;
    }
    try {
      var unused =
          BatchCall.start(
                  session,
                  pin,
                  keys,
                  null,
                  latest,
                  true,
                  true,
                  BatchOutcome.of(view -> copied(view)))
              .whenCompleteAsync((answers, error) -> hand(gets, answers, error), thread);
    } catch (FeatureKvException e) {
      hand(gets, null, e);
    }
  }

  private record Answer(Optional<byte[]> value, @Nullable FeatureKvException error) {}

  private static List<Answer> copied(BatchView view) {
    List<Answer> answers = new ArrayList<>(view.size());
    for (int i = 0; i < view.size(); i++) {
      int length = view.valueLength(i);
      byte[] value = length < 0 ? null : new byte[length];
      if (value != null) {
        view.copyValue(i, value, 0);
      }
      answers.add(new Answer(Optional.ofNullable(value), view.error(i)));
    }
    return answers;
  }

  private static void hand(
      List<Get> gets, @Nullable List<Answer> answers, @Nullable Throwable error) {
    for (int i = 0; i < gets.size(); i++) {
      if (answers == null) {
        gets.get(i).fail(NodeLink.asKnown(error == null ? new AssertionError("no answer") : error));
      } else {
        gets.get(i).take(answers.get(i));
      }
    }
  }
}
