package io.featurekv.client;

import io.featurekv.client.transport.Connection;
import io.featurekv.client.transport.Exchange;
import io.featurekv.client.transport.NetworkThread;
import io.featurekv.client.transport.Reply;
import io.featurekv.client.transport.Transport;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.protocol.BatchGetRequest;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The way to one address: its connections, made when they are needed, and how it does.
 *
 * <p>An address that fails is ejected, see {@link NodeHealth}: after a while it is sent a PING, and
 * the first answer brings it back. Thread-safe, without locks.
 */
final class NodeLink {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** What an answer is thought to take where none is known, so that not all go there at once. */
  private static final double UNKNOWN_NANOS = 1e6;

  /** Longer than connecting may take, so that a slow connection is not made in vain. */
  private static final long PROBE_TIMEOUT_MILLIS = 3_000;

  /** What a TRY_AGAIN counts as, in the average that nodes are chosen by. */
  private static final long BUSY_NANOS = 50_000_000;

  /** It is compared with its peers after so many answers. */
  private static final int COMPARED_EVERY = 32;

  private final Endpoint endpoint;
  private final Transport transport;
  private final ClusterIdentity cluster;
  private final NetworkThread thread;
  private final Nodes nodes;
  private final Counters counters;
  private final AtomicReferenceArray<@Nullable CompletableFuture<Connection>> connections;
  private final NodeHealth health = new NodeHealth(System::nanoTime);
  private final NodeLatency latency = new NodeLatency();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicBoolean probePending = new AtomicBoolean();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile int maxBatchKeys = Limits.MAX_BATCH_KEYS;
  private volatile int maxKeyBytes =
      Limits.MAX_REQUEST_FRAME_BYTES - BatchGetRequest.MAX_OVERHEAD_BYTES;
  private volatile boolean retired;

  NodeLink(
      Endpoint endpoint,
      Transport transport,
      ClusterIdentity cluster,
      NetworkThread thread,
      Nodes nodes,
      int connections,
      Counters counters) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.cluster = cluster;
    this.thread = thread;
    this.nodes = nodes;
    this.counters = counters;
    this.connections = new AtomicReferenceArray<>(connections);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** Most keys that it takes in one frame, as far as it is known. */
  int maxBatchKeys() {
    return maxBatchKeys;
  }

  /** Most bytes that the keys of one frame may take, as far as it is known. */
  int maxKeyBytes() {
    return maxKeyBytes;
  }

  boolean isAvoided() {
    return health.isEjected();
  }

  NodeLatency latency() {
    return latency;
  }

  /** What one more request of so many keys costs there: its time, with others in the queue. */
  double cost(int keys) {
    double average = latency.averageNanos(keys);
    return (average == 0 ? UNKNOWN_NANOS : average) * (1 + underWay.get());
  }

  /** The open connection, or the one that is being made; a new one when there is neither. */
  CompletableFuture<Connection> connection() {
    return connection(0);
  }

  private CompletableFuture<Connection> connection(int turn) {
    int place = Math.floorMod(turn, connections.length());
    while (true) {
      CompletableFuture<Connection> known = connections.get(place);
      if (known != null && isUsable(known)) {
        return known;
      }
      CompletableFuture<Connection> connecting = new CompletableFuture<>();
      if (connections.compareAndSet(place, known, connecting)) {
        connect(connecting);
        return connecting;
      }
    }
  }

  /** The thread of the connection that a request of this turn will take, if it is open. */
  @Nullable NetworkThread threadOf(int turn) {
    CompletableFuture<Connection> known =
        connections.get(Math.floorMod(turn, connections.length()));
    return known != null && known.isDone() && isUsable(known) ? known.join().thread() : null;
  }

  private static boolean isUsable(CompletableFuture<Connection> known) {
    if (!known.isDone()) {
      return true;
    }
    return !known.isCompletedExceptionally() && known.join().isOpen();
  }

  private void connect(CompletableFuture<Connection> connecting) {
    if (retired) {
      connecting.completeExceptionally(
          new FeatureKvException(ErrorCode.UNAVAILABLE, endpoint + " left the cluster"));
      return;
    }
    var unused =
        transport
            .connect(endpoint, Hello.client(cluster.id()), CONNECT_TIMEOUT)
            .whenComplete(
                (connection, error) -> {
                  if (error != null) {
                    connecting.completeExceptionally(asKnown(error));
                  } else {
                    admit(connection, connecting);
                  }
                });
  }

  private void admit(Connection connection, CompletableFuture<Connection> connecting) {
    try {
      cluster.require(connection.peer().clusterId(), endpoint);
    } catch (FeatureKvException e) {
      connection.close();
      connecting.completeExceptionally(e);
      return;
    }
    maxBatchKeys = Math.max(1, Math.min(Limits.MAX_BATCH_KEYS, connection.peer().maxBatchKeys()));
    maxKeyBytes =
        Math.max(1, connection.peer().maxRequestFrameBytes() - BatchGetRequest.MAX_OVERHEAD_BYTES);
    connecting.complete(connection);
    if (retired) {
      connection.close();
    }
  }

  /**
   * Connects if need be, and asks. Ends within {@code timeoutMillis} on every path; an ERROR frame
   * is a reply. An address that could not be reached or did not answer is avoided from then on.
   */
  CompletableFuture<Reply> exchange(
      FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    CompletableFuture<Reply> result = new CompletableFuture<>();
    long sentNanos = System.nanoTime();
    long deadlineNanos = sentNanos + timeoutMillis * 1_000_000;
    CompletableFuture<Connection> connecting = connection();
    if (!connecting.isDone()) {
      limit(result, sentNanos, timeoutMillis);
    }
    var unused =
        connecting.whenComplete(
            (connection, error) -> {
              if (error != null) {
                settle(result, sentNanos, timeoutMillis, null, error);
              } else if (!result.isDone()) {
                long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                var unusedExchange =
                    connection
                        .exchange(type, flags, body, Math.max(1, leftMillis))
                        .whenComplete(
                            (reply, failure) ->
                                settle(result, sentNanos, timeoutMillis, reply, failure));
              }
            });
    return result;
  }

  /**
   * Connects if need be, and sends. The exchange ends within {@code timeoutMillis} on every path.
   * Between {@link #began} and {@link #ended}, of which its sender tells.
   *
   * @param nearby the thread to wait on for a connection
   * @param turn which of the connections to take
   */
  void send(Exchange exchange, long timeoutMillis, NetworkThread nearby, int turn) {
    CompletableFuture<Connection> connecting = connection(turn);
    if (connecting.isDone() && !connecting.isCompletedExceptionally()) {
      connecting.join().send(exchange, timeoutMillis);
      return;
    }
    long deadlineNanos = System.nanoTime() + timeoutMillis * 1_000_000;
    // Whoever comes first: the connection, or the end of the time.
    AtomicBoolean settled = new AtomicBoolean();
    NetworkThread.Timer timer =
        nearby.schedule(
            timeoutMillis,
            () -> {
              if (settled.compareAndSet(false, true)) {
                exchange.fail(noConnection(timeoutMillis));
              }
            });
    var unused =
        connecting.whenComplete(
            (connection, error) -> {
              timer.cancel();
              if (!settled.compareAndSet(false, true)) {
                return;
              }
              if (error != null) {
                exchange.fail(asKnown(error));
              } else {
                connection.send(
                    exchange, Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
              }
            });
  }

  private FeatureKvException noConnection(long timeoutMillis) {
    return new FeatureKvException(
        ErrorCode.DEADLINE, "no connection to %s within %d ms".formatted(endpoint, timeoutMillis));
  }

  /** A request is sent. */
  void began() {
    underWay.incrementAndGet();
  }

  /** A request that {@link #began} is over, whatever came of it. */
  void ended() {
    underWay.decrementAndGet();
  }

  /** It answered some keys, or a page, or a PING. */
  void answered(int keys, long sentNanos) {
    latency.add(keys, System.nanoTime() - sentNanos);
    if (health.answered(sentNanos)) {
      counters.returns.increment();
    }
    if (answers.incrementAndGet() % COMPARED_EVERY == 0
        && health.compared(nodes.isOutlier(this, keys))
        && nodes.maySpare(this)) {
      eject(true);
    }
  }

  /** It answered with an error. */
  void answeredError(ErrorCode code, int keys) {
    if (code == ErrorCode.TRY_AGAIN) {
      counters.tryAgains.increment();
      latency.add(keys, BUSY_NANOS);
    }
    if (health.answeredError(code)) {
      eject(false);
    }
  }

  /** No answer came. */
  void unanswered(ErrorCode code, int keys, long waitedMillis) {
    if (code == ErrorCode.DEADLINE) {
      latency.add(keys, waitedMillis * 1_000_000);
    }
    if (health.unanswered(code, waitedMillis)) {
      eject(false);
    }
  }

  /** Another node, that was asked later, has answered before. */
  void outrun(int keys, long sentNanos) {
    latency.add(keys, System.nanoTime() - sentNanos);
    if (health.outrun()) {
      eject(false);
    }
  }

  private void limit(CompletableFuture<Reply> result, long sentNanos, long timeoutMillis) {
    try {
      NetworkThread.Timer timer =
          thread.schedule(
              timeoutMillis,
              () -> settle(result, sentNanos, timeoutMillis, null, noConnection(timeoutMillis)));
      var unused = result.whenComplete((reply, error) -> timer.cancel());
    } catch (RejectedExecutionException e) {
      settle(result, sentNanos, timeoutMillis, null, asKnown(e));
    }
  }

  private void settle(
      CompletableFuture<Reply> result,
      long sentNanos,
      long timeoutMillis,
      @Nullable Reply reply,
      @Nullable Throwable error) {
    if (reply != null) {
      if (result.complete(reply) && reply.type() != FrameType.ERROR && health.answered(sentNanos)) {
        counters.returns.increment();
      }
    } else if (error != null && !result.isDone()) {
      FeatureKvException known = asKnown(error);
      if (health.unanswered(known.code(), timeoutMillis)) {
        eject(false);
      }
      result.completeExceptionally(known);
    }
  }

  /** Avoids this address for a while. */
  void avoid() {
    eject(false);
  }

  private void eject(boolean becauseSlow) {
    if (health.eject(becauseSlow)) {
      counters.ejections.increment();
      probeLater();
    }
  }

  private void probeLater() {
    if (!probePending.compareAndSet(false, true)) {
      return;
    }
    try {
      thread.schedule(health.pauseMillis(ThreadLocalRandom.current().nextDouble()), this::probe);
    } catch (RejectedExecutionException e) {
      // The client is closed.
    }
  }

  private void probe() {
    probePending.set(false);
    if (retired || !health.isEjected()) {
      return;
    }
    var unused =
        exchange(FrameType.PING, 0, ByteBuffer.allocate(0), PROBE_TIMEOUT_MILLIS)
            .whenComplete(
                (reply, error) -> {
                  if (error != null) {
                    health.probeFailed();
                    probeLater();
                  } else if (health.probed()) {
                    // What it was like before says nothing about what it is like now.
                    latency.forget();
                    counters.returns.increment();
                  }
                });
  }

  /** Closes the connections and ends the probing; calls from here on are refused. */
  void retire() {
    retired = true;
    for (int place = 0; place < connections.length(); place++) {
      CompletableFuture<Connection> known = connections.get(place);
      if (known != null) {
        var unused =
            known.thenAccept(
                connection -> {
                  connection.close();
                });
      }
    }
  }

  static FeatureKvException asKnown(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof FeatureKvException known) {
      return known;
    }
    if (cause instanceof RejectedExecutionException) {
      return new FeatureKvException(ErrorCode.UNAVAILABLE, "the client is closed", cause);
    }
    return new FeatureKvException(ErrorCode.INTERNAL, cause.toString(), cause);
  }
}
