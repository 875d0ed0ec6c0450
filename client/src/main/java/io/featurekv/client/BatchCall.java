package io.featurekv.client;

import io.featurekv.client.RoutingView.Version;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Reply;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.BatchValues;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One batch, from its keys to its result. Confined to one network thread.
 *
 * <p>Invariants: every answer collected is of the pinned version, and every part is asked for at
 * one read time; when another version is pinned, all that was collected is forgotten, and what
 * comes from before ({@code epoch}) is dropped. The result ends by the deadline, because a timer
 * that is set first sees to it.
 */
final class BatchCall {
  /** How often a batch may move on to a newer version. */
  private static final int MAX_RESTARTS = 8;

  /** What part of the time left one try may take where there is somebody else to ask. */
  private static final int TRY_FRACTION = 3;

  private static final long SHORTEST_TRY_MILLIS = 10;
  private static final long BUDGET_WAIT_MILLIS = 20;

  private final Session session;
  private final NetworkThread thread;
  private final Pin pin;
  private final List<byte[]> keys;
  private final long[] hashes;
  private final Deadline deadline;
  private final CompletableFuture<BatchResult> result;
  private final Answers answers;
  private final int turn;

  private @Nullable Version version;
  private long readTimeMillis;
  private String sect = "";
  private int epoch;
  private int restarts;
  private @Nullable FeatureKvException lastError;

  /** Some keys, asked of one node. */
  private record Part(int epoch, int[] keys, NodeLink link, TryHistory history) {}

  BatchCall(
      Session session,
      NetworkThread thread,
      Pin pin,
      List<byte[]> keys,
      Deadline deadline,
      CompletableFuture<BatchResult> result) {
    this.session = session;
    this.thread = thread;
    this.pin = pin;
    this.keys = keys;
    this.deadline = deadline;
    this.result = result;
    this.answers = new Answers(keys);
    this.turn = session.nextTurn();
    this.hashes = new long[keys.size()];
  }

  void start() {
    NetworkThread.Timer timer = thread.schedule(deadline.leftMillis(), guarded(this::late));
    var unused = result.whenComplete((answer, error) -> timer.cancel());
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = KeyHash.of(keys.get(i));
    }
    RoutingView known = session.routing().view();
    if (known != null) {
      pinIn(known);
    } else {
      whenRouted(session.firstRouting(thread, deadline.leftMillis()), this::pinIn);
    }
  }

  /** A bug here must end the batch, not leave it to its deadline. */
  private Runnable guarded(Runnable step) {
    return () -> {
      try {
        if (!result.isDone()) {
          step.run();
        }
      } catch (RuntimeException e) {
        result.completeExceptionally(NodeLink.asKnown(e));
      }
    };
  }

  private void whenRouted(CompletableFuture<RoutingView> routed, Consumer<RoutingView> then) {
    var unused =
        routed.whenCompleteAsync(
            (view, error) -> {
              if (error != null) {
                result.completeExceptionally(NodeLink.asKnown(error));
              } else {
                guarded(() -> then.accept(view)).run();
              }
            },
            thread);
  }

  /** Pins the version and asks for everything; looks again before it says that there is none. */
  private void pinIn(RoutingView view) {
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
          } else {
            result.completeExceptionally(pin.refusal(fresh));
          }
        });
  }

  private void ask(RoutingView view, Version pinned) {
    if (epoch == 0) {
      readTimeMillis = session.routing().readTimeMillis();
    }
    epoch++;
    version = pinned;
    answers.clear();
    if (finishIfComplete()) {
      return;
    }
    BitSet shards = new BitSet(pinned.shards());
    int[] all = new int[hashes.length];
    for (int i = 0; i < hashes.length; i++) {
      all[i] = i;
      shards.set(KeyHash.shardOf(hashes[i], pinned.shards()));
    }
    sect = replicas(view, pinned).sectFor(shards, session.config().preferredSect());
    assign(all, TryHistory.NONE);
  }

  private Replicas replicas(RoutingView view, Version pinned) {
    return new Replicas(view, pinned, session.nodes()::isAvoided, turn);
  }

  /** Sends keys to whoever comes next for their shards. */
  private void assign(int[] wanted, TryHistory history) {
    RoutingView view = session.routing().view();
    Version pinned = version;
    if (view == null || pinned == null) {
      throw new AssertionError("keys are assigned before a version is pinned");
    }
    Version now = view.version(pin.table(), pinned.number());
    if (now == null) {
      reconsider(wanted, history);
      return;
    }
    PartPlan plan = PartPlan.of(replicas(view, now), sect, wanted, hashes, history);
    boolean alone = view.nodes().size() == 1;
    plan.byNode().forEach((node, nodeKeys) -> send(node, nodeKeys, history, alone));
    if (plan.nobody().length > 0) {
      startNextRound(plan.nobody(), history.nextRound());
    }
  }

  private void startNextRound(int[] wanted, TryHistory history) {
    if (history.isHopeless()) {
      giveUp(wanted, history);
      return;
    }
    int mine = epoch;
    Session.later(
        thread,
        history.backoffMillis(),
        guarded(
            () -> {
              if (mine == epoch) {
                assign(wanted, history);
              }
            }));
  }

  private void send(Endpoint node, int[] wanted, TryHistory history, boolean alone) {
    NodeLink link = session.nodes().link(node);
    for (int[] some : PartPlan.cut(wanted, keys, link.maxBatchKeys(), link.maxKeyBytes())) {
      sendPart(new Part(epoch, some, link, history), alone);
    }
  }

  private void sendPart(Part part, boolean alone) {
    long leftMillis = deadline.leftMillis();
    long tryMillis = alone ? leftMillis : Math.max(SHORTEST_TRY_MILLIS, leftMillis / TRY_FRACTION);
    if (part.history().tries() == 0) {
      session.budget().firstTry();
    }
    List<byte[]> partKeys = new ArrayList<>(part.keys().length);
    for (int key : part.keys()) {
      partKeys.add(keys.get(key));
    }
    int timeoutMillis = (int) Math.max(1, Math.min(tryMillis, leftMillis));
    var body =
        BatchGetRequest.encode(
            pin.table(), pinnedVersion(), readTimeMillis, timeoutMillis, partKeys);
    var unused =
        part.link()
            .exchange(FrameType.BATCH_GET, 0, body, timeoutMillis)
            .whenCompleteAsync(
                (reply, error) -> guarded(() -> partEnded(part, reply, error)).run(), thread);
  }

  private long pinnedVersion() {
    return version == null ? 0 : version.number();
  }

  private void partEnded(Part part, @Nullable Reply reply, @Nullable Throwable error) {
    if (part.epoch() != epoch) {
      return;
    }
    if (reply == null) {
      retry(part, part.keys(), NodeLink.asKnown(error == null ? new AssertionError() : error));
      return;
    }
    try {
      if (reply.type() == FrameType.ERROR) {
        retry(part, part.keys(), ErrorReply.decode(reply.body()).toException());
      } else {
        take(part, checked(part, reply));
      }
    } catch (FeatureKvException e) {
      // It does not speak the protocol, or answers something else than was asked.
      part.link().avoid();
      retry(part, part.keys(), e);
    }
  }

  private BatchValues checked(Part part, Reply reply) {
    if (reply.type() != FrameType.BATCH_VALUES) {
      throw protocol(part, "answered BATCH_GET with " + reply.type());
    }
    BatchValues values = BatchValues.decode(reply.body());
    if (values.version() != pinnedVersion() || values.count() != part.keys().length) {
      throw protocol(
          part,
          "answered with %d keys of version %d, expected %d of version %d"
              .formatted(values.count(), values.version(), part.keys().length, pinnedVersion()));
    }
    return values;
  }

  private static FeatureKvException protocol(Part part, String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, part.link().endpoint() + " " + what);
  }

  private void take(Part part, BatchValues values) {
    session.sawMetadataIndex(values.metadataIndex());
    List<Integer> deferred = new ArrayList<>();
    List<Integer> failed = new ArrayList<>();
    FeatureKvException failure = null;
    for (int i = 0; i < values.count(); i++) {
      int key = part.keys()[i];
      switch (values.status(i)) {
        case FOUND -> answers.found(key, values.value(i));
        case ABSENT -> answers.absent(key);
        case DEFERRED -> deferred.add(key);
        case FAILED -> {
          failed.add(key);
          // One that tells of another version decides, since then nothing here is of use.
          if (failure == null || failure.code() != ErrorCode.VERSION_NOT_SERVED) {
            failure = new FeatureKvException(values.errorCode(i), values.errorMessage(i));
          }
        }
      }
    }
    if (finishIfComplete()) {
      return;
    }
    if (failure != null) {
      retry(part, PartPlan.toArray(failed), failure);
    }
    if (deferred.isEmpty() || part.epoch() != epoch || result.isDone()) {
      return;
    }
    if (deferred.size() < part.keys().length) {
      // The same node goes on where its reply was full.
      sendPart(new Part(epoch, PartPlan.toArray(deferred), part.link(), part.history()), false);
    } else {
      retry(part, PartPlan.toArray(deferred), protocol(part, "deferred every key of a batch"));
    }
  }

  private void retry(Part part, int[] wanted, FeatureKvException error) {
    lastError = error;
    TryHistory history = part.history().failed(part.link().endpoint(), error);
    if (error.code() == ErrorCode.VERSION_NOT_SERVED || error.code() == ErrorCode.NOT_FOUND) {
      reconsider(wanted, history);
    } else if (error.code() == ErrorCode.TOO_LARGE && isBeyondLimits(part)) {
      // It was sent before the node's limit was known.
      send(part.link().endpoint(), wanted, part.history(), false);
    } else {
      spendRetry(wanted, history);
    }
  }

  private boolean isBeyondLimits(Part part) {
    NodeLink link = part.link();
    return PartPlan.cut(part.keys(), keys, link.maxBatchKeys(), link.maxKeyBytes()).size() > 1;
  }

  private void spendRetry(int[] wanted, TryHistory history) {
    if (history.isHopeless()) {
      giveUp(wanted, history);
    } else if (session.budget().take()) {
      assign(wanted, history);
    } else {
      int mine = epoch;
      Session.later(
          thread,
          BUDGET_WAIT_MILLIS,
          guarded(
              () -> {
                if (mine == epoch) {
                  spendRetry(wanted, history);
                }
              }));
    }
  }

  /** A node does not have the version: is it gone, or only not there? */
  private void reconsider(int[] wanted, TryHistory history) {
    int mine = epoch;
    whenRouted(
        session.freshRouting(this::isOutdated, 0, thread, deadline.leftMillis()),
        fresh -> {
          if (mine != epoch) {
            return;
          }
          if (isOutdated(fresh)) {
            repin(fresh, history);
          } else if (history.isHopeless()) {
            giveUp(wanted, history);
          } else {
            spendRetry(wanted, history);
          }
        });
  }

  private boolean isOutdated(RoutingView view) {
    Version now = pin.in(view);
    return now == null || now.number() != pinnedVersion();
  }

  private void repin(RoutingView view, TryHistory history) {
    if (pin.chosenByCaller()) {
      result.completeExceptionally(pin.refusal(view));
      return;
    }
    restarts++;
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

  private void giveUp(int[] wanted, TryHistory history) {
    FeatureKvException error = history.lastError();
    if (error == null) {
      error =
          new FeatureKvException(
              ErrorCode.UNAVAILABLE,
              "no node is known that serves version %d of '%s'"
                  .formatted(pinnedVersion(), pin.table()));
    }
    for (int key : wanted) {
      answers.failed(key, error);
    }
    finishIfComplete();
  }

  private boolean finishIfComplete() {
    if (answers.areComplete()) {
      result.complete(answers.toResult(pin.table(), pinnedVersion()));
      return true;
    }
    return false;
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
    if (version == null) {
      result.completeExceptionally(error);
      return;
    }
    answers.failRest(error);
    finishIfComplete();
  }
}
