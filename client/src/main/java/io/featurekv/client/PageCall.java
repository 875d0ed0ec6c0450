package io.featurekv.client;

import io.featurekv.client.RoutingView.Node;
import io.featurekv.client.RoutingView.Version;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Reply;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.ScanReply;
import io.featurekv.protocol.ScanRequest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One page of one shard at one version, asked of one node after the other until one answers or the
 * deadline passes. Confined to one network thread. Ends with SNAPSHOT_GONE when the version is no
 * longer in the routing.
 */
final class PageCall {
  private static final int TRY_FRACTION = 3;
  private static final long SHORTEST_TRY_MILLIS = 10;
  private static final long BUDGET_WAIT_MILLIS = 20;

  private final Session session;
  private final NetworkThread thread;
  // Its timeout is replaced by each try's.
  private final ScanRequest wanted;
  private final Deadline deadline;
  private final CompletableFuture<ScanReply> result;
  private final int turn;
  private @Nullable FeatureKvException lastError;

  private PageCall(
      Session session,
      NetworkThread thread,
      ScanRequest wanted,
      Deadline deadline,
      CompletableFuture<ScanReply> result) {
    this.session = session;
    this.thread = thread;
    this.wanted = wanted;
    this.deadline = deadline;
    this.result = result;
    this.turn = session.nextTurn();
  }

  /** Starts; the future ends by the deadline on every path. */
  static CompletableFuture<ScanReply> start(
      Session session, NetworkThread thread, ScanRequest wanted, Deadline deadline) {
    CompletableFuture<ScanReply> result = new CompletableFuture<>();
    try {
      session.opened(result);
      PageCall call = new PageCall(session, thread, wanted, deadline, result);
      thread.execute(call.guarded(call::begin));
    } catch (RuntimeException e) {
      result.completeExceptionally(NodeLink.asKnown(e));
    }
    return result;
  }

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

  private void begin() {
    NetworkThread.Timer timer = thread.schedule(deadline.leftMillis(), this::late);
    var unused = result.whenComplete((page, error) -> timer.cancel());
    session.firstTry();
    ask(TryHistory.NONE);
  }

  private void ask(TryHistory history) {
    RoutingView view = session.routing().view();
    Version version = view == null ? null : view.version(wanted.table(), wanted.version());
    if (view == null || version == null) {
      result.completeExceptionally(gone());
      return;
    }
    Replicas replicas = session.replicas(view, version, 1, turn);
    BitSet shards = new BitSet();
    shards.set(wanted.shard());
    String sect = replicas.sectFor(shards, session.config().preferredSect());
    for (Node node : replicas.candidates(sect, wanted.shard())) {
      if (node.endpoint() != null && !history.tried().contains(node.endpoint())) {
        send(node.endpoint(), history, view.nodes().size() == 1);
        return;
      }
    }
    TryHistory next = history.nextRound();
    if (!gaveUp(next)) {
      Session.later(
          thread,
          next.backoffMillis(ThreadLocalRandom.current().nextDouble()),
          guarded(() -> ask(next)));
    }
  }

  private FeatureKvException gone() {
    return new FeatureKvException(
        ErrorCode.SNAPSHOT_GONE,
        "version %d of table '%s' is no longer kept".formatted(wanted.version(), wanted.table()));
  }

  private boolean gaveUp(TryHistory history) {
    if (!history.isHopeless()) {
      return false;
    }
    FeatureKvException error = history.lastError();
    result.completeExceptionally(
        error != null
            ? error
            : new FeatureKvException(
                ErrorCode.UNAVAILABLE, "no node is known that serves " + wanted.table()));
    return true;
  }

  private void send(Endpoint endpoint, TryHistory history, boolean alone) {
    NodeLink link = session.nodes().link(endpoint);
    long leftMillis = deadline.leftMillis();
    long tryMillis = alone ? leftMillis : Math.max(SHORTEST_TRY_MILLIS, leftMillis / TRY_FRACTION);
    int timeoutMillis = (int) Math.max(1, Math.min(tryMillis, leftMillis));
    ScanRequest request = wanted.withTimeout(timeoutMillis);
    var unused =
        link.exchange(FrameType.SCAN, 0, request.encode(), timeoutMillis)
            .whenCompleteAsync(
                (reply, error) -> guarded(() -> ended(link, history, reply, error)).run(), thread);
  }

  private void ended(
      NodeLink link, TryHistory history, @Nullable Reply reply, @Nullable Throwable error) {
    if (reply == null) {
      retry(link, history, NodeLink.asKnown(error == null ? new AssertionError() : error));
      return;
    }
    try {
      if (reply.type() == FrameType.ERROR) {
        FeatureKvException refusal = ErrorReply.decode(reply.body()).toException();
        link.answeredError(refusal.code(), 1);
        retry(link, history, refusal);
      } else if (reply.type() == FrameType.SCAN_PAGE) {
        result.complete(checked(ScanReply.decode(reply.body(), wanted.columns() != null)));
      } else {
        throw protocol("SCAN was answered with " + reply.type());
      }
    } catch (FeatureKvException e) {
      link.avoid();
      retry(link, history, e);
    }
  }

  /** A page that is of another version or goes back would break the scan's order, or never end. */
  private ScanReply checked(ScanReply page) {
    if (page.version() != wanted.version()) {
      throw protocol(
          "a page is of version %d, asked for was %d".formatted(page.version(), wanted.version()));
    }
    byte[] last = wanted.from();
    boolean mayEqual = last != null && wanted.fromInclusive();
    for (ScanReply.Entry entry : page.entries()) {
      int order = last == null ? 1 : Arrays.compareUnsigned(entry.key(), last);
      byte[] to = wanted.to();
      if (order < (mayEqual ? 0 : 1)
          || (to != null && Arrays.compareUnsigned(entry.key(), to) >= 0)) {
        throw protocol("a page is out of order or out of its range");
      }
      last = entry.key();
      mayEqual = false;
    }
    return page;
  }

  private static FeatureKvException protocol(String what) {
    return new FeatureKvException(ErrorCode.PROTOCOL, what);
  }

  private void retry(NodeLink link, TryHistory history, FeatureKvException error) {
    lastError = error;
    TryHistory next = history.failed(link.endpoint(), error);
    if (error.code() != ErrorCode.VERSION_NOT_SERVED && error.code() != ErrorCode.NOT_FOUND) {
      spendRetry(next);
      return;
    }
    var unused =
        session
            .freshRouting(
                view -> view.version(wanted.table(), wanted.version()) == null,
                0,
                thread,
                deadline.leftMillis())
            .whenCompleteAsync((view, failure) -> guarded(() -> spendRetry(next)).run(), thread);
  }

  private void spendRetry(TryHistory history) {
    if (gaveUp(history)) {
      return;
    }
    if (session.mayRetry()) {
      ask(history);
    } else {
      Session.later(thread, BUDGET_WAIT_MILLIS, guarded(() -> spendRetry(history)));
    }
  }

  private void late() {
    result.completeExceptionally(
        new FeatureKvException(
            ErrorCode.DEADLINE,
            "no page of shard %d of '%s' within %d ms%s"
                .formatted(
                    wanted.shard(),
                    wanted.table(),
                    deadline.timeoutMillis(),
                    lastError == null ? "" : "; last error: " + lastError.getMessage()),
            lastError));
  }
}
