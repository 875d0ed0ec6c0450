package io.featurekv.client;

import io.featurekv.client.RoutingView.Version;
import io.featurekv.client.transport.Alarm;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.ReplyFrame.Lease;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.BatchValues;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One batch, from its keys to its result. Its first plan is made by whoever asks; from then on it
 * is confined to one network thread, that of the connection where one node answers everything.
 *
 * <p>Invariants: every answer collected is of the pinned version, and every part is asked for at
 * one read time; when another version is pinned, all that was collected is forgotten, and what
 * comes from before ({@code epoch}) is dropped. The result ends by the deadline, because the alarm
 * that is set first sees to it. Whatever ends it, {@link #close} runs once: no attempt is left open
 * and no bytes of replies stay lent.
 *
 * @param <T> what the result is
 */
final class BatchCall<T> extends Alarm implements Runnable {
  /** How often a batch may move on to a newer version. */
  private static final int MAX_RESTARTS = 8;

  /** What part of the time left one try may take where there is somebody else to ask. */
  private static final int TRY_FRACTION = 3;

  private static final long SHORTEST_TRY_MILLIS = 10;
  private static final long BUDGET_WAIT_MILLIS = 20;

  /** Why a request is sent. */
  private enum Reason {
    FIRST_TRY,
    RETRY,
    HEDGE,
    /** The keys that a full reply had no room for, and the like: nobody failed. */
    CONTINUATION
  }

  @Nullable BatchCall<?> nextOpen;
  @Nullable BatchCall<?> previousOpen;

  private final Session session;
  private final Pin pin;
  private final byte[][] keys;
  private final byte @Nullable [] columns;
  private final Deadline deadline;
  private final BatchOutcome<T> outcome;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Answers answers;
  private final boolean allowPartial;
  private final int turn;
  private final BatchTarget target;
  private final AttemptsUnderWay underWay;
  private NetworkThread thread;

  private @Nullable PartPlan firstPlan;
  private int restarts;
  private boolean registered;
  private boolean over;
  private @Nullable FeatureKvException lastError;

  private BatchCall(
      Session session,
      Pin pin,
      byte[][] keys,
      byte @Nullable [] columns,
      Deadline deadline,
      boolean allowPartial,
      BatchOutcome<T> outcome) {
    this.session = session;
    this.pin = pin;
    this.keys = keys;
    this.columns = columns;
    this.deadline = deadline;
    this.allowPartial = allowPartial;
    this.outcome = outcome;
    this.answers = new Answers(keys);
    this.underWay = new AttemptsUnderWay(keys.length, answers);
    this.turn = session.nextTurn();
    this.target = new BatchTarget(session, pin, keys, turn);
    this.thread = session.transport().nextThread();
  }

  /**
   * Starts a batch; the future ends by the deadline on every path.
   *
   * @param columns what is asked for, as {@link io.featurekv.protocol.ColumnNames}; null: values as
   *     they are
   * @param counted whether its reads are counted already, one by one
   * @throws FeatureKvException when too many reads are under way
   */
  static <T> CompletableFuture<T> start(
      Session session,
      Pin pin,
      byte[][] keys,
      byte @Nullable [] columns,
      Deadline deadline,
      boolean allowPartial,
      boolean counted,
      BatchOutcome<T> outcome) {
    if (counted) {
      session.countCarrier();
    } else {
      session.countIn();
    }
    BatchCall<T> call =
        new BatchCall<>(session, pin, keys, columns, deadline, allowPartial, outcome);
    try {
      call.planFirst();
      call.thread.execute(call);
    } catch (RuntimeException e) {
      session.countOut();
      call.result.completeExceptionally(NodeLink.asKnown(e));
    }
    return call.result;
  }

  String table() {
    return pin.table();
  }

  byte[][] keys() {
    return keys;
  }

  byte @Nullable [] columns() {
    return columns;
  }

  NetworkThread thread() {
    return thread;
  }

  long readTimeMillis() {
    return target.readTimeMillis();
  }

  boolean outlivesReplies() {
    return outcome.outlivesReplies();
  }

  /** What can be decided by what is known already, on the caller's thread. */
  private void planFirst() {
    RoutingView view = session.routing().view();
    Version found = view == null ? null : pin.in(view);
    if (view == null || found == null || keys.length == 0) {
      return;
    }
    pin.checkLife(view, session.routing().readTimeMillis());
    firstPlan = target.pin(view, found);
    if (firstPlan.parts().size() == 1) {
      NetworkThread near = session.nodes().link(firstPlan.parts().get(0).node()).threadOf(turn);
      thread = near == null ? thread : near;
    }
  }

  /** Begins on the network thread. */
  @Override
  public void run() {
    FeatureKvException closed = session.openCalls(thread).add(this);
    registered = closed == null;
    if (closed != null) {
      end(closed);
      return;
    }
    guarded(
            () -> {
              thread.set(this, deadline.leftMillis());
              PartPlan plan = firstPlan;
              RoutingView view = session.routing().view();
              if (plan != null && view != null) {
                firstPlan = null;
                carryOut(plan, Reason.FIRST_TRY, TryHistory.NONE, view.nodes().size() == 1);
              } else if (view != null) {
                pinIn(view);
              } else {
                whenRouted(session.firstRouting(thread, deadline.leftMillis()), this::pinIn);
              }
            })
        .run();
  }

  /** The deadline. */
  @Override
  protected void ring() {
    guarded(this::late).run();
  }

  /** A bug here must end the batch, not leave it to its deadline. */
  private Runnable guarded(Runnable step) {
    return () -> {
      try {
        if (result.isDone()) {
          // By the caller, who does not wait any more.
          close();
        } else if (!over) {
          step.run();
        }
      } catch (RuntimeException e) {
        end(NodeLink.asKnown(e));
      }
    };
  }

  private void whenRouted(CompletableFuture<RoutingView> routed, Consumer<RoutingView> then) {
    var unused =
        routed.whenCompleteAsync(
            (view, error) ->
                guarded(
                        () -> {
                          if (error != null) {
                            end(NodeLink.asKnown(error));
                          } else {
                            then.accept(view);
                          }
                        })
                    .run(),
            thread);
  }

  /** Pins the version and asks for everything; looks again before it says that there is none. */
  private void pinIn(RoutingView view) {
    pin.checkLife(view, session.routing().readTimeMillis());
    Version found = pin.in(view);
    if (found != null) {
      ask(view, found);
      return;
    }
    whenRouted(
        session.freshRouting(
            fresh -> pin.in(fresh) != null,
            Session.PROPAGATION_MILLIS,
            thread,
            deadline.leftMillis()),
        fresh -> {
          Version late = pin.in(fresh);
          if (late != null) {
            ask(fresh, late);
          } else if (pin.isAheadOf(fresh)) {
            // Until the deadline: some node must have known it once.
            lastError = pin.refusal(fresh);
            pinIn(fresh);
          } else {
            end(pin.refusal(fresh));
          }
        });
  }

  private void ask(RoutingView view, Version found) {
    abandonAll(Attempt::drop);
    answers.clear();
    PartPlan plan = target.pin(view, found);
    if (!finishIfComplete()) {
      carryOut(plan, Reason.FIRST_TRY, TryHistory.NONE, view.nodes().size() == 1);
    }
  }

  /** Sends keys to whoever comes next for their shards. */
  private void assign(int @Nullable [] wanted, TryHistory history) {
    RoutingView view = session.routing().view();
    if (view == null || !target.isPinned()) {
      throw new AssertionError("keys are assigned before a version is pinned");
    }
    PartPlan plan = target.next(view, wanted, history);
    if (plan == null) {
      reconsider(wanted, history);
    } else {
      carryOut(plan, Reason.RETRY, history, view.nodes().size() == 1);
    }
  }

  /** Sends; of retries the first is paid for, and the others are sent as the budget allows. */
  private void carryOut(PartPlan plan, Reason reason, TryHistory history, boolean alone) {
    boolean paid = true;
    for (PartPlan.Part part : plan.parts()) {
      if (paid || session.mayRetry()) {
        send(session.nodes().link(part.node()), part.keys(), reason, history, alone);
      } else {
        later(BUDGET_WAIT_MILLIS, () -> spendRetry(part.keys(), history));
      }
      paid = reason != Reason.RETRY;
    }
    if (plan.nobody().length > 0) {
      startNextRound(plan.nobody(), history.nextRound());
    }
  }

  /** Everybody was asked for some keys: again after a pause, or for the version that is proved. */
  private void startNextRound(int[] wanted, TryHistory history) {
    RoutingView view = session.routing().view();
    if (view != null && target.leaveTrial()) {
      pinIn(view);
      return;
    }
    if (history.isHopeless()) {
      giveUp(wanted, history);
      return;
    }
    later(
        history.backoffMillis(ThreadLocalRandom.current().nextDouble()),
        () -> assign(wanted, history));
  }

  /** Runs a step after a pause, unless another version was pinned meanwhile. */
  private void later(long delayMillis, Runnable step) {
    int mine = target.epoch();
    Session.later(
        thread,
        delayMillis,
        guarded(
            () -> {
              if (mine == target.epoch()) {
                step.run();
              }
            }));
  }

  private void send(
      NodeLink link, int @Nullable [] wanted, Reason reason, TryHistory history, boolean alone) {
    for (int[] some : cut(wanted, link)) {
      sendPart(link, some, reason, history, alone);
    }
  }

  private List<int @Nullable []> cut(int @Nullable [] wanted, NodeLink link) {
    int room = link.maxKeyBytes() - (columns == null ? 0 : columns.length);
    return PartPlan.cut(wanted, keys, link.maxBatchKeys(), room);
  }

  private void sendPart(
      NodeLink link, int @Nullable [] some, Reason reason, TryHistory history, boolean alone) {
    long leftMillis = deadline.leftMillis();
    long tryMillis = alone ? leftMillis : Math.max(SHORTEST_TRY_MILLIS, leftMillis / TRY_FRACTION);
    if (reason == Reason.FIRST_TRY) {
      session.firstTry();
    }
    long timeoutMillis = Math.max(1, Math.min(tryMillis, leftMillis));
    boolean hedge = reason == Reason.HEDGE;
    Attempt attempt =
        new Attempt(
            this, target.epoch(), target.version(), some, link, history, hedge, timeoutMillis);
    underWay.add(attempt);
    if (!alone && !hedge && session.config().hedging()) {
      long lateMillis = link.latency().lateMillis(attempt.count());
      if (lateMillis < timeoutMillis) {
        thread.set(attempt.lateAlarm(), lateMillis);
      }
    }
    attempt.send(turn);
  }

  /** An attempt takes long: asks other holders for what it has not answered. */
  void hedge(Attempt attempt) {
    guarded(() -> hedgeOpen(attempt)).run();
  }

  private void hedgeOpen(Attempt attempt) {
    if (attempt.isOver() || attempt.epoch() != target.epoch()) {
      return;
    }
    TryHistory history = attempt.history().alsoAsked(attempt.link().endpoint());
    PartPlan plan = target.otherHolders(underWay.openOf(attempt.keys()), history);
    if (plan == null) {
      return;
    }
    for (PartPlan.Part part : plan.parts()) {
      if (session.mayHedge()) {
        underWay.expectHedges();
        send(session.nodes().link(part.node()), part.keys(), Reason.HEDGE, history, false);
      }
    }
  }

  /** An attempt has ended. */
  private void ended(Attempt attempt) {
    thread.callOff(attempt.lateAlarm());
    underWay.remove(attempt);
  }

  /** Gives up the attempts all of whose keys were answered by others. */
  private void dropLosers() {
    for (Attempt attempt : underWay.losers()) {
      ended(attempt);
      attempt.loseRace();
    }
  }

  /**
   * An attempt got values.
   *
   * @param lease on the bytes of the values, which this closes; null: they need none
   */
  void answered(Attempt attempt, BatchValues values, @Nullable Lease lease) {
    if (thread.isCurrent()) {
      take(attempt, values, lease);
      return;
    }
    try {
      thread.execute(() -> take(attempt, values, lease));
    } catch (RejectedExecutionException e) {
      if (lease != null) {
        lease.close();
      }
    }
  }

  private void take(Attempt attempt, BatchValues values, @Nullable Lease lease) {
    ended(attempt);
    if (over || attempt.epoch() != target.epoch() || result.isDone()) {
      if (lease != null) {
        lease.close();
      }
      guarded(() -> {}).run();
      return;
    }
    try {
      session.sawMetadataIndex(values.metadataIndex());
      int answered = answers.take(values, attempt.keys(), lease);
      if (attempt.isHedge() && answered > 0) {
        session.counters().hedgesWon.increment();
      }
      if (!finishIfComplete()) {
        dropLosers();
        if (!values.isComplete()) {
          takeUnanswered(attempt, values);
        }
      }
    } catch (RuntimeException e) {
      end(NodeLink.asKnown(e));
    }
  }

  /** Sees to the keys of a reply that are FAILED or DEFERRED in it. */
  private void takeUnanswered(Attempt attempt, BatchValues values) {
    Unanswered rest = Unanswered.of(attempt, values);
    if (rest.failure() != null) {
      retry(attempt, rest.failed(), rest.failure());
    }
    if (rest.deferred().length == 0 || attempt.epoch() != target.epoch() || over) {
      return;
    }
    if (rest.deferred().length < values.count()) {
      // The same node goes on where its reply was full.
      int[] unasked = underWay.unaskedOf(rest.deferred());
      if (unasked == null || unasked.length > 0) {
        sendPart(attempt.link(), unasked, Reason.CONTINUATION, attempt.history(), false);
      }
    } else {
      retry(attempt, rest.deferred(), attempt.protocol("deferred every key of a batch"));
    }
  }

  /** An attempt got none. May come while parts are being sent, and so is looked at afterwards. */
  void failed(Attempt attempt, FeatureKvException error) {
    try {
      thread.execute(
          () -> {
            ended(attempt);
            guarded(
                    () -> {
                      if (attempt.epoch() == target.epoch()) {
                        retry(attempt, attempt.keys(), error);
                      }
                    })
                .run();
          });
    } catch (RejectedExecutionException e) {
      // Closing ends every batch by itself.
    }
  }

  private void retry(Attempt attempt, int @Nullable [] failed, FeatureKvException error) {
    lastError = error;
    int[] wanted = underWay.unaskedOf(failed);
    if (wanted != null && wanted.length == 0) {
      return;
    }
    TryHistory history = attempt.history().failed(attempt.link().endpoint(), error);
    if (error.code() == ErrorCode.VERSION_NOT_SERVED || error.code() == ErrorCode.NOT_FOUND) {
      reconsider(wanted, history);
    } else if (error.code() == ErrorCode.TOO_LARGE && isBeyondLimits(attempt)) {
      // It was sent before the node's limit was known.
      send(attempt.link(), wanted, Reason.CONTINUATION, attempt.history(), false);
    } else if (error.code() == ErrorCode.TRY_AGAIN) {
      retryOverloaded(wanted, history);
    } else {
      spendRetry(wanted, history);
    }
  }

  /**
   * Somebody has too much to do: other holders may have less. Where there are none, or the budget
   * is spent, a pause helps more than another node that would ask him in turn; what comes after it
   * replaces a request that was not served, and so is not out of the budget.
   */
  private void retryOverloaded(int @Nullable [] wanted, TryHistory history) {
    PartPlan plan = history.isHopeless() ? null : target.otherHolders(wanted, history);
    if (plan == null) {
      spendRetry(wanted, history);
      return;
    }
    int[] nobody = plan.nobody();
    if (!plan.parts().isEmpty() && session.mayRetry()) {
      carryOut(new PartPlan(plan.parts(), new int[0]), Reason.RETRY, history, false);
    } else {
      nobody = wanted == null ? PartPlan.identity(keys.length) : wanted;
    }
    if (nobody.length > 0) {
      startNextRound(nobody, history.pause());
    }
  }

  private boolean isBeyondLimits(Attempt attempt) {
    return cut(attempt.keys(), attempt.link()).size() > 1;
  }

  private void spendRetry(int @Nullable [] wanted, TryHistory history) {
    if (history.isHopeless()) {
      giveUp(wanted, history);
    } else if (session.mayRetry()) {
      assign(wanted, history);
    } else {
      later(BUDGET_WAIT_MILLIS, () -> spendRetry(wanted, history));
    }
  }

  /** A node does not have the version: is it gone, or only not there? */
  private void reconsider(int @Nullable [] wanted, TryHistory history) {
    int mine = target.epoch();
    whenRouted(
        session.freshRouting(target::isOutdated, 0, thread, deadline.leftMillis()),
        fresh -> {
          if (mine != target.epoch()) {
            return;
          }
          if (target.isOutdated(fresh)) {
            repin(fresh, history);
          } else if (history.isHopeless()) {
            giveUp(wanted, history);
          } else {
            spendRetry(wanted, history);
          }
        });
  }

  private void repin(RoutingView view, TryHistory history) {
    if (pin.chosenByCaller()) {
      end(pin.refusal(view));
      return;
    }
    restarts++;
    session.counters().restarts.increment();
    if (restarts > MAX_RESTARTS) {
      answers.failRest(
          new FeatureKvException(
              ErrorCode.TRY_AGAIN,
              "the active version of '%s' changed %d times during this batch"
                  .formatted(pin.table(), restarts),
              history.lastError()));
      finishIfComplete();
      return;
    }
    pinIn(view);
  }

  private void giveUp(int @Nullable [] wanted, TryHistory history) {
    FeatureKvException error = history.lastError();
    if (error == null) {
      error =
          new FeatureKvException(
              ErrorCode.UNAVAILABLE,
              "no node is known that serves version %d of '%s'"
                  .formatted(target.version(), pin.table()));
    }
    if (wanted == null) {
      answers.failRest(error);
    } else {
      for (int key : wanted) {
        answers.failed(key, error);
      }
    }
    finishIfComplete();
  }

  private boolean finishIfComplete() {
    if (!over && answers.areComplete()) {
      FeatureKvException failure = allowPartial ? null : answers.asOneError();
      if (failure != null) {
        end(failure);
        return true;
      }
      // Whoever has not answered when everything is answered lost to a hedge.
      closeQuietly(Attempt::loseRace);
      try {
        outcome.complete(result, pin.table(), target.version(), target.readTimeMillis(), answers);
      } finally {
        answers.release();
      }
    }
    return over;
  }

  private void late() {
    FeatureKvException error =
        new FeatureKvException(
            ErrorCode.DEADLINE,
            "no answer within %d ms%s"
                .formatted(
                    deadline.timeoutMillis(),
                    lastError == null ? "" : "; last error: " + lastError.getMessage()),
            lastError);
    abandonAll(Attempt::runOutOfTime);
    if (!target.isPinned()) {
      RoutingView view = session.routing().view();
      end(view != null && pin.isAheadOf(view) ? pin.refusal(view) : error);
      return;
    }
    answers.failRest(error);
    finishIfComplete();
  }

  /** Ends the batch as a whole. */
  void end(FeatureKvException error) {
    close();
    result.completeExceptionally(error);
  }

  private void close() {
    closeQuietly(Attempt::drop);
    answers.release();
  }

  /** Lets go of everything but the answers. */
  private void closeQuietly(Consumer<Attempt> farewell) {
    if (over) {
      return;
    }
    over = true;
    thread.callOff(this);
    if (registered) {
      session.openCalls(thread).remove(this);
    }
    session.countOut();
    abandonAll(farewell);
  }

  private void abandonAll(Consumer<Attempt> farewell) {
    for (Attempt attempt : underWay.removeAll()) {
      thread.callOff(attempt.lateAlarm());
      farewell.accept(attempt);
    }
  }
}
