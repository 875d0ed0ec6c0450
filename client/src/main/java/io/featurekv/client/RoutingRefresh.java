package io.featurekv.client;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.StreamListener;
import io.featurekv.client.transport.Subscription;
import io.featurekv.model.Endpoint;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks a few nodes for the routing once, besides the stream: for who needs one that is newer than
 * now. One round runs at a time, and all who come during one share the next. Confined to one
 * network thread, but for {@link #next}.
 */
final class RoutingRefresh {
  /** How many nodes are asked: a majority of the largest metadata group. */
  private static final int NODES_ASKED = 3;

  /** How long a round lasts at most. */
  private static final long ROUND_MILLIS = 1_000;

  /** How long others are waited for after the first answer. */
  private static final long AFTER_FIRST_ANSWER_MILLIS = 100;

  private final Nodes nodes;
  private final RoutingState state;
  private final RoutingWatch watch;
  private final NetworkThread thread;

  private @Nullable Round running;
  private @Nullable CompletableFuture<Void> waiting;

  RoutingRefresh(Nodes nodes, RoutingState state, RoutingWatch watch, NetworkThread thread) {
    this.nodes = nodes;
    this.state = state;
    this.watch = watch;
    this.thread = thread;
  }

  /** Ends when a round has ended that began after this call, whatever came of it. */
  CompletableFuture<Void> next() {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    try {
      thread.execute(() -> join(ended));
    } catch (RejectedExecutionException e) {
      ended.complete(null);
    }
    return ended;
  }

  private void join(CompletableFuture<Void> ended) {
    if (running == null) {
      running = new Round(ended);
      running.start();
      return;
    }
    if (waiting == null) {
      waiting = new CompletableFuture<>();
    }
    var unused = waiting.thenRun(() -> ended.complete(null));
  }

  private final class Round {
    private final CompletableFuture<Void> ended;
    private int unanswered;
    private boolean over;

    Round(CompletableFuture<Void> ended) {
      this.ended = ended;
    }

    void start() {
      List<Endpoint> all = watch.addresses();
      List<Endpoint> asked = all.subList(0, Math.min(NODES_ASKED, all.size()));
      unanswered = asked.size();
      thread.schedule(ROUND_MILLIS, this::finish);
      for (Endpoint endpoint : asked) {
        NodeLink link = nodes.link(endpoint);
        var unused =
            link.connection()
                .whenCompleteAsync(
                    (connection, error) -> {
                      if (error != null) {
                        link.avoid();
                        answered(false);
                      } else if (!over) {
                        ask(connection);
                      }
                    },
                    thread);
      }
    }

    private void ask(Connection connection) {
      OneFrame listener = new OneFrame(this);
      Subscription stream =
          connection.subscribe(FrameType.WATCH_ROUTING, 0, RoutingWatch.request(), listener);
      listener.closeAfterwards(stream);
      thread.schedule(ROUND_MILLIS, stream::close);
    }

    void answered(boolean withRouting) {
      unanswered--;
      if (unanswered == 0) {
        finish();
      } else if (withRouting) {
        thread.schedule(AFTER_FIRST_ANSWER_MILLIS, this::finish);
      }
    }

    private void finish() {
      if (over) {
        return;
      }
      over = true;
      running = null;
      CompletableFuture<Void> next = waiting;
      waiting = null;
      if (next != null) {
        join(next);
      }
      ended.complete(null);
    }
  }

  private final class OneFrame implements StreamListener {
    private final Round round;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicReference<@Nullable Subscription> stream = new AtomicReference<>();

    OneFrame(Round round) {
      this.round = round;
    }

    void closeAfterwards(Subscription subscription) {
      stream.set(subscription);
      if (answered.get()) {
        subscription.close();
      }
    }

    @Override
    public void onFrame(Reply frame) {
      state.publish(frame);
      answer(true);
      Subscription known = stream.get();
      if (known != null) {
        known.close();
      }
    }

    @Override
    public void onEnd(FeatureKvException reason) {
      answer(false);
    }

    private void answer(boolean withRouting) {
      if (answered.compareAndSet(false, true)) {
        try {
          thread.execute(() -> round.answered(withRouting));
        } catch (RejectedExecutionException e) {
          // Closed; the client ends whoever waits.
        }
      }
    }
  }
}
