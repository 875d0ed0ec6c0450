package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.HelloReply;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node, after HELLO. Thread-safe.
 *
 * <p>Many requests may be open at a time, and answers come in any order. Every future ends by its
 * deadline; when the connection is lost, all that is open ends at once with UNAVAILABLE. Futures
 * and listeners are completed on the connection's network thread, which must not be blocked.
 */
public final class Connection implements AutoCloseable {
  /** Most calls and streams open at a time; beyond it calls end with TRY_AGAIN. */
  public static final int MAX_OPEN_REQUESTS = 4096;

  /** Most bytes of requests that wait to be sent; beyond it calls end with TRY_AGAIN. */
  public static final long MAX_QUEUED_BYTES = 64L << 20;

  private final Endpoint endpoint;
  private final HelloReply peer;
  private final Channel channel;
  private final NetworkThread thread;
  private final ConnectionHandler handler;
  private final AtomicInteger openRequests = new AtomicInteger();
  // Of requests that the network thread has not taken yet; those that it has are in the channel.
  private final AtomicLong queuedBytes = new AtomicLong();

  Connection(Endpoint endpoint, HelloReply peer, Channel channel, NetworkThread thread) {
    this.endpoint = endpoint;
    this.peer = peer;
    this.channel = channel;
    this.thread = thread;
    this.handler = new ConnectionHandler(endpoint, channel, thread);
  }

  ConnectionHandler handler() {
    return handler;
  }

  /** Where this leads. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The thread that it lives on: futures and listeners are completed there. */
  public NetworkThread thread() {
    return thread;
  }

  /** What the other side said of itself in HELLO_OK. */
  public HelloReply peer() {
    return peer;
  }

  /** Whether the connection was not lost or closed when last heard of. */
  public boolean isOpen() {
    return channel.isActive();
  }

  /**
   * Sends a request and waits for its one answer.
   *
   * @param body its remaining bytes are sent; the caller does not touch them any more
   * @return the answer, or a {@link FeatureKvException}: what an ERROR frame said, UNAVAILABLE when
   *     the connection is lost, DEADLINE when no answer came within {@code timeoutMillis},
   *     TRY_AGAIN when too much is open already, TOO_LARGE when the other side takes no such frame
   */
  public CompletableFuture<Reply> call(
      FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    return start(type, flags, body, timeoutMillis, false);
  }

  /**
   * As {@link #call}, but an ERROR frame is a reply like others: for callers to whom an error that
   * the other side reports is not the same as no answer.
   */
  public CompletableFuture<Reply> exchange(
      FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    return start(type, flags, body, timeoutMillis, true);
  }

  private CompletableFuture<Reply> start(
      FrameType type, int flags, ByteBuffer body, long timeoutMillis, boolean errorsAreReplies) {
    CompletableFuture<Reply> result = new CompletableFuture<>();
    if (timeoutMillis <= 0) {
      result.completeExceptionally(
          new FeatureKvException(ErrorCode.DEADLINE, "no time left to ask " + endpoint));
      return result;
    }
    int bytes = body.remaining();
    FeatureKvException refusal = admit(bytes);
    if (refusal != null) {
      result.completeExceptionally(refusal);
      return result;
    }
    var unused = result.whenComplete((reply, error) -> openRequests.decrementAndGet());
    OpenRequest request = new OpenRequest.Call(result, errorsAreReplies);
    start(request, type, flags, body, timeoutMillis);
    return result;
  }

  private void start(
      OpenRequest request, FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    int bytes = body.remaining();
    try {
      thread.execute(
          () -> {
            queuedBytes.addAndGet(-bytes);
            handler.start(request, type, flags, body, timeoutMillis);
          });
    } catch (RejectedExecutionException e) {
      queuedBytes.addAndGet(-bytes);
      request.fail(ConnectionHandler.lost(endpoint, e));
    }
  }

  /**
   * Sends a request that writes itself. On the connection's own thread it is written at once,
   * elsewhere soon; it goes out together with what else is sent in the same turn of the thread.
   */
  public void send(Exchange exchange, long timeoutMillis) {
    if (exchange.isOver()) {
      return;
    }
    if (timeoutMillis <= 0) {
      exchange.fail(new FeatureKvException(ErrorCode.DEADLINE, "no time left to ask " + endpoint));
      return;
    }
    int bytes = exchange.bodyBytes();
    FeatureKvException refusal = admit(bytes);
    if (refusal != null) {
      exchange.fail(refusal);
      return;
    }
    exchange.sentOn(this);
    if (thread.isCurrent()) {
      queuedBytes.addAndGet(-bytes);
      handler.start(exchange, bytes, timeoutMillis);
      return;
    }
    try {
      thread.execute(
          () -> {
            queuedBytes.addAndGet(-bytes);
            handler.start(exchange, bytes, timeoutMillis);
          });
    } catch (RejectedExecutionException e) {
      queuedBytes.addAndGet(-bytes);
      exchange.fail(ConnectionHandler.lost(endpoint, e));
    }
  }

  /** Uncounts an exchange that ended. */
  void ended() {
    openRequests.decrementAndGet();
  }

  /** Lets go of an exchange whose sender has left. */
  void forget(Exchange exchange) {
    if (thread.isCurrent()) {
      handler.forget(exchange);
      return;
    }
    try {
      thread.execute(() -> handler.forget(exchange));
    } catch (RejectedExecutionException e) {
      // The transport is closed, and the exchange with it.
    }
  }

  /**
   * Sends a request that is answered by a stream of frames.
   *
   * @param body its remaining bytes are sent; the caller does not touch them any more
   * @param listener hears every frame, and the end; also when the request could not even be sent
   */
  public Subscription subscribe(
      FrameType type, int flags, ByteBuffer body, StreamListener listener) {
    int bytes = body.remaining();
    FeatureKvException refusal = admit(bytes);
    OpenRequest.Stream request = new OpenRequest.Stream(listener, openRequests::decrementAndGet);
    if (refusal != null) {
      // Not counted, so not uncounted either.
      listener.onEnd(refusal);
      return () -> {};
    }
    start(request, type, flags, body, 0);
    return () -> cancel(request);
  }

  private void cancel(OpenRequest.Stream request) {
    if (request.end()) {
      try {
        thread.execute(() -> handler.cancel(request));
      } catch (RejectedExecutionException e) {
        // The transport is closed, and the stream with it.
      }
    }
  }

  /** Counts a request in, or says why not. */
  private @Nullable FeatureKvException admit(int bytes) {
    if (bytes > peer.maxRequestFrameBytes()) {
      return new FeatureKvException(
          ErrorCode.TOO_LARGE,
          "a request of %d bytes, %s takes at most %d"
              .formatted(bytes, endpoint, peer.maxRequestFrameBytes()));
    }
    if (openRequests.incrementAndGet() > MAX_OPEN_REQUESTS) {
      openRequests.decrementAndGet();
      return new FeatureKvException(
          ErrorCode.TRY_AGAIN, MAX_OPEN_REQUESTS + " requests to " + endpoint + " are open");
    }
    // One request is always taken, however large, so that each can be sent some time.
    long queued = queuedBytes.addAndGet(bytes) + handler.unsentBytes();
    if (queued > MAX_QUEUED_BYTES && queued > bytes) {
      queuedBytes.addAndGet(-bytes);
      openRequests.decrementAndGet();
      return new FeatureKvException(
          ErrorCode.TRY_AGAIN, queued - bytes + " bytes wait to be sent to " + endpoint);
    }
    return null;
  }

  /**
   * Has a task run on the network thread once the connection is lost or closed; at once when it is.
   */
  public void onClose(Runnable task) {
    channel.closeFuture().addListener(done -> task.run());
  }

  /** Closes the connection without waiting; what is open ends with UNAVAILABLE. */
  @Override
  public void close() {
    var unused = channel.close();
  }
}
