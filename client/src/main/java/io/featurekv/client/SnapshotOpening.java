package io.featurekv.client;

import io.featurekv.client.transport.NetworkThread;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.TableName;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Makes snapshots, of what is active or of a token. Its futures end by the deadline. */
final class SnapshotOpening {
  private final Session session;
  private final NetworkThread thread;
  private final Deadline deadline;
  private final CompletableFuture<Snapshot> result = new CompletableFuture<>();

  private SnapshotOpening(Session session) {
    this.session = session;
    this.thread = session.transport().nextThread();
    this.deadline = Deadline.after(session.config().timeout());
  }

  /** Of the versions that are active together by one routing. */
  static CompletableFuture<Snapshot> ofActive(Session session, Collection<String> tables) {
    try {
      Set<String> names = new TreeSet<>();
      tables.forEach(table -> names.add(TableName.checked("table", table)));
      if (names.isEmpty() || names.size() > SnapshotToken.MAX_TABLES) {
        throw new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT,
            "a snapshot is of 1 to %d tables, not of %d"
                .formatted(SnapshotToken.MAX_TABLES, names.size()));
      }
      List<Pin> pins = names.stream().map(table -> new Pin(table, 0)).toList();
      return new SnapshotOpening(session).open(pins, view -> active(session, view, names));
    } catch (FeatureKvException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static SnapshotToken active(Session session, RoutingView view, Set<String> names) {
    NavigableMap<String, Long> versions = new TreeMap<>();
    names.forEach(table -> versions.put(table, view.activeVersion(table)));
    return new SnapshotToken(
        view.clusterId(), view.metadataIndex(), session.routing().readTimeMillis(), versions);
  }

  /** Of a token. */
  static CompletableFuture<Snapshot> ofToken(Session session, SnapshotToken token) {
    try {
      List<Pin> pins =
          token.versions().entrySet().stream()
              .map(entry -> new Pin(entry.getKey(), entry.getValue(), token))
              .toList();
      return new SnapshotOpening(session).open(pins, view -> token);
    } catch (FeatureKvException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Snapshot> open(
      List<Pin> pins, Function<RoutingView, SnapshotToken> token) {
    session.opened(result);
    var unused =
        session
            .firstRouting(thread, deadline.leftMillis())
            .whenCompleteAsync((view, error) -> step(pins, token, view, error, false), thread);
    return result;
  }

  /** With the first routing, with newer ones while that is too old, and with a fresh one. */
  private void step(
      List<Pin> pins,
      Function<RoutingView, SnapshotToken> token,
      RoutingView view,
      Throwable error,
      boolean fresh) {
    if (result.isDone()) {
      return;
    }
    try {
      if (error != null) {
        throw NodeLink.asKnown(error);
      }
      FeatureKvException refusal = null;
      boolean tooOld = false;
      for (Pin pin : pins) {
        pin.checkLife(view, session.routing().readTimeMillis());
        tooOld |= pin.isAheadOf(view);
        refusal = refusal == null && pin.in(view) == null ? pin.refusal(view) : refusal;
      }
      if (refusal == null) {
        result.complete(new Snapshot(session, token.apply(view)));
      } else if ((fresh && !tooOld) || deadline.leftMillis() == 0) {
        throw refusal;
      } else {
        var unused =
            session
                .freshRouting(
                    newer -> pins.stream().allMatch(pin -> pin.in(newer) != null),
                    Session.PROPAGATION_MILLIS,
                    thread,
                    deadline.leftMillis())
                .whenCompleteAsync(
                    (newer, failure) -> step(pins, token, newer, failure, true), thread);
      }
    } catch (RuntimeException e) {
      result.completeExceptionally(NodeLink.asKnown(e));
    }
  }
}
