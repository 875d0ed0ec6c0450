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
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.Hello;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way to one address: its connection, made when it is needed, and whether it is well.
 *
 * <p>An address that did not answer is avoided. After a while, longer each time, it is sent a PING;
 * the first answer brings it back. Thread-safe, without locks.
 */
final class NodeLink {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final long PROBE_TIMEOUT_MILLIS = 1_000;
  private static final long FIRST_AVOIDANCE_MILLIS = 500;
  private static final int MAX_AVOIDANCE_SHIFT = 3;
  private static final long LONG_WAIT_MILLIS = 100;
  private static final int MANY_LATE = 3;

  /** What a BATCH_GET has besides its keys: less than this. */
  private static final int REQUEST_OVERHEAD_BYTES = 128;

  private final Endpoint endpoint;
  private final Transport transport;
  private final ClusterIdentity cluster;
  private final NetworkThread thread;
  private final AtomicReference<@Nullable CompletableFuture<Connection>> current =
      new AtomicReference<>();
  // 0: well. Else how often in a row it was found not to be.
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger lateInARow = new AtomicInteger();
  private volatile int maxBatchKeys = Limits.MAX_BATCH_KEYS;
  private volatile int maxKeyBytes = Limits.MAX_REQUEST_FRAME_BYTES - REQUEST_OVERHEAD_BYTES;
  private volatile boolean retired;

  NodeLink(Endpoint endpoint, Transport transport, ClusterIdentity cluster, NetworkThread thread) {
    this.endpoint = endpoint;
    this.transport = transport;
    this.cluster = cluster;
    this.thread = thread;
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
    return failures.get() > 0;
  }

  /** The open connection, or the one that is being made; a new one when there is neither. */
  CompletableFuture<Connection> connection() {
    while (true) {
      CompletableFuture<Connection> known = current.get();
      if (known != null && isUsable(known)) {
        return known;
      }
      CompletableFuture<Connection> connecting = new CompletableFuture<>();
      if (current.compareAndSet(known, connecting)) {
        connect(connecting);
        return connecting;
      }
    }
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
    maxKeyBytes = Math.max(1, connection.peer().maxRequestFrameBytes() - REQUEST_OVERHEAD_BYTES);
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
    long deadlineNanos = System.nanoTime() + timeoutMillis * 1_000_000;
    CompletableFuture<Connection> connecting = connection();
    if (!connecting.isDone()) {
      limit(result, timeoutMillis);
    }
    var unused =
        connecting.whenComplete(
            (connection, error) -> {
              if (error != null) {
                settle(result, timeoutMillis, null, error);
              } else if (!result.isDone()) {
                long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                var unusedExchange =
                    connection
                        .exchange(type, flags, body, Math.max(1, leftMillis))
                        .whenComplete(
                            (reply, failure) -> settle(result, timeoutMillis, reply, failure));
              }
            });
    return result;
  }

  /**
   * Connects if need be, and sends. The exchange ends within {@code timeoutMillis} on every path,
   * and tells of its end by {@link #answered} or {@link #failed}.
   *
   * @param nearby the thread to do it on where there is a choice
   */
  void send(Exchange exchange, long timeoutMillis, NetworkThread nearby) {
    CompletableFuture<Connection> connecting = connection();
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

  /** The thread of the connection that a read of this turn will take, if it is open. */
  @Nullable NetworkThread threadOf(int turn) {
    CompletableFuture<Connection> known = current.get();
    return known != null && known.isDone() && isUsable(known) ? known.join().thread() : null;
  }

  /** An answer came, an ERROR or not. */
  void answered() {
    // Written only where it changes: every answer comes through here.
    if (failures.get() != 0) {
      failures.set(0);
    }
    if (lateInARow.get() != 0) {
      lateInARow.set(0);
    }
  }

  /** No answer came. */
  void failed(FeatureKvException error, long timeoutMillis) {
    if (speaksAgainst(error.code(), timeoutMillis)) {
      avoid();
    }
  }

  private void limit(CompletableFuture<Reply> result, long timeoutMillis) {
    try {
      NetworkThread.Timer timer =
          thread.schedule(
              timeoutMillis,
              () -> settle(result, timeoutMillis, null, noConnection(timeoutMillis)));
      var unused = result.whenComplete((reply, error) -> timer.cancel());
    } catch (RejectedExecutionException e) {
      settle(result, timeoutMillis, null, asKnown(e));
    }
  }

  private void settle(
      CompletableFuture<Reply> result,
      long timeoutMillis,
      @Nullable Reply reply,
      @Nullable Throwable error) {
    if (error == null && reply != null) {
      answered();
      result.complete(reply);
    } else if (error != null && !result.isDone()) {
      FeatureKvException known = asKnown(error);
      failed(known, timeoutMillis);
      result.completeExceptionally(known);
    }
  }

  private boolean speaksAgainst(ErrorCode code, long timeoutMillis) {
    if (code == ErrorCode.DEADLINE) {
      // Somebody in a hurry does not prove that the address is dead, several in a row do.
      return lateInARow.incrementAndGet() >= MANY_LATE || timeoutMillis >= LONG_WAIT_MILLIS;
    }
    // Too much under way is our own doing, and says nothing about the other side.
    return code != ErrorCode.TRY_AGAIN && code != ErrorCode.TOO_LARGE;
  }

  /** Avoids this address for a while. */
  void avoid() {
    if (failures.compareAndSet(0, 1)) {
      probeLater();
    }
  }

  private void probeLater() {
    long delayMillis =
        FIRST_AVOIDANCE_MILLIS << Math.min(MAX_AVOIDANCE_SHIFT, Math.max(0, failures.get() - 1));
    try {
      thread.schedule(delayMillis, this::probe);
    } catch (RejectedExecutionException e) {
      // The client is closed.
    }
  }

  private void probe() {
    if (retired || failures.get() == 0) {
      return;
    }
    var unused =
        exchange(FrameType.PING, 0, ByteBuffer.allocate(0), PROBE_TIMEOUT_MILLIS)
            .whenComplete(
                (reply, error) -> {
                  if (error != null) {
                    failures.incrementAndGet();
                    probeLater();
                  }
                });
  }

  /** Closes the connection and ends the probing; calls from here on are refused. */
  void retire() {
    retired = true;
    CompletableFuture<Connection> known = current.get();
    if (known != null) {
      var unused =
          known.thenAccept(
              connection -> {
                connection.close();
              });
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
