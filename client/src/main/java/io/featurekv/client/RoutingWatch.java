package io.featurekv.client;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Subscription;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.message.RoutingRequest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one WATCH_ROUTING stream open, at any known node; when it ends, at the next one, with a
 * pause after each time round. Confined to one network thread, but for {@link #start}, {@link
 * #hurry} and {@link #close}.
 */
final class RoutingWatch {
  /** After this long without a first routing the next address is tried; doubles each round. */
  private static final long FIRST_ATTEMPT_MILLIS = 1_500;

  private static final int MAX_ATTEMPT_SHIFT = 4;

  private static final long FIRST_BACKOFF_MILLIS = 50;
  private static final long MAX_BACKOFF_MILLIS = 1_000;
  private static final int MAX_BACKOFF_SHIFT = 5;

  private final Nodes nodes;
  private final RoutingState state;
  private final NetworkThread thread;
  private volatile boolean closed;

  // Which attempt is under way; what belongs to an earlier one is ignored.
  private int attempt;
  private int turn = ThreadLocalRandom.current().nextInt(1 << 16);
  private final Set<Endpoint> failedThisRound = new HashSet<>();
  private int failedRounds;
  private @Nullable Subscription stream;
  private NetworkThread.@Nullable Timer attemptTimer;
  private NetworkThread.@Nullable Timer pause;

  RoutingWatch(Nodes nodes, RoutingState state, NetworkThread thread) {
    this.nodes = nodes;
    this.state = state;
    this.thread = thread;
  }

  static ByteBuffer request() {
    return ByteBuffer.wrap(RoutingRequest.getDefaultInstance().toByteArray());
  }

  void start() {
    thread.execute(this::attemptNext);
  }

  /** Ends a pause between attempts, because somebody waits. */
  void hurry() {
    try {
      thread.execute(
          () -> {
            if (pause != null) {
              pause.cancel();
              pause = null;
              attemptNext();
            }
          });
    } catch (RejectedExecutionException e) {
      // Closed; whoever waits is told elsewhere.
    }
  }

  /** Known addresses: healthy ones first. */
  List<Endpoint> addresses() {
    Set<Endpoint> known = new LinkedHashSet<>();
    RoutingView view = state.view();
    if (view != null) {
      known.addAll(view.endpoints());
    }
    known.addAll(nodes.seeds());
    List<Endpoint> healthy = new ArrayList<>();
    List<Endpoint> avoided = new ArrayList<>();
    for (Endpoint endpoint : known) {
      (nodes.isAvoided(endpoint) ? avoided : healthy).add(endpoint);
    }
    healthy.addAll(avoided);
    return healthy;
  }

  private void attemptNext() {
    if (closed) {
      return;
    }
    int mine = ++attempt;
    Endpoint endpoint = nextAddress();
    failedThisRound.add(endpoint);
    long attemptMillis = FIRST_ATTEMPT_MILLIS << Math.min(failedRounds, MAX_ATTEMPT_SHIFT);
    attemptTimer =
        thread.schedule(
            attemptMillis,
            () ->
                ended(
                    mine,
                    new FeatureKvException(
                        ErrorCode.UNAVAILABLE,
                        "no routing from %s within %d ms".formatted(endpoint, attemptMillis))));
    NodeLink link = nodes.link(endpoint);
    var unused =
        link.connection()
            .whenCompleteAsync(
                (connection, error) -> {
                  if (error != null) {
                    link.avoid();
                    ended(mine, NodeLink.asKnown(error));
                  } else if (mine == attempt && !closed) {
                    stream =
                        connection.subscribe(
                            FrameType.WATCH_ROUTING, 0, request(), new Listener(mine, connection));
                  }
                },
                thread);
  }

  /** One of the healthy addresses in turn, while there are any that did not fail in this round. */
  private Endpoint nextAddress() {
    List<Endpoint> addresses = new ArrayList<>(addresses());
    addresses.removeAll(failedThisRound);
    List<Endpoint> healthy =
        addresses.stream().filter(address -> !nodes.isAvoided(address)).toList();
    List<Endpoint> choices = healthy.isEmpty() ? addresses : healthy;
    return choices.get(Math.floorMod(turn++, choices.size()));
  }

  private final class Listener implements StreamListener {
    private final int mine;
    private final Connection connection;

    Listener(int mine, Connection connection) {
      this.mine = mine;
      this.connection = connection;
    }

    @Override
    public void onFrame(Reply frame) {
      state.publish(frame);
      thread.execute(() -> routed(mine));
    }

    @Override
    public void onEnd(FeatureKvException reason) {
      if (reason.code() == ErrorCode.WRONG_CLUSTER) {
        connection.close();
      }
      try {
        thread.execute(() -> ended(mine, reason));
      } catch (RejectedExecutionException e) {
        // Closed.
      }
    }
  }

  private void routed(int mine) {
    if (mine == attempt) {
      failedThisRound.clear();
      failedRounds = 0;
      if (attemptTimer != null) {
        attemptTimer.cancel();
      }
    }
  }

  private void ended(int mine, FeatureKvException reason) {
    if (mine != attempt || closed) {
      return;
    }
    attempt++;
    if (attemptTimer != null) {
      attemptTimer.cancel();
    }
    if (stream != null) {
      stream.close();
      stream = null;
    }
    List<Endpoint> addresses = addresses();
    state.attemptFailed(noRouting(reason), addresses.size());
    if (!failedThisRound.containsAll(addresses)) {
      attemptNext();
      return;
    }
    failedThisRound.clear();
    failedRounds++;
    long backoff =
        Math.min(
            MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(failedRounds, MAX_BACKOFF_SHIFT));
    long jitter = ThreadLocalRandom.current().nextLong(backoff / 2 + 1);
    pause =
        thread.schedule(
            backoff / 2 + jitter,
            () -> {
              pause = null;
              attemptNext();
            });
  }

  private FeatureKvException noRouting(FeatureKvException reason) {
    // A late answer and no answer are the same to somebody who has not reached the cluster yet.
    ErrorCode code = reason.code() == ErrorCode.DEADLINE ? ErrorCode.UNAVAILABLE : reason.code();
    return new FeatureKvException(
        code, "no routing from any of " + addresses() + ": " + reason.getMessage(), reason);
  }

  void close() {
    closed = true;
  }
}
