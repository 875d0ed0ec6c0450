package io.featurekv.client.transport;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.protocol.ErrorReply;
import io.featurekv.protocol.FrameHeader;
import io.featurekv.protocol.FrameType;
import io.featurekv.protocol.HelloReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a node, greeted. Many requests may be open at once; each completes by its own
 * deadline, with the connection at the latest. Thread-safe. Futures and listeners run on a
 * transport thread and must not block it.
 */
public final class Connection implements AutoCloseable {
  /** Requests and streams that may be open at once; a node refuses more, too. */
  public static final int MAX_OPEN_REQUESTS = 1_000;

  private final Endpoint endpoint;
  private final AtomicInteger nextRequestId = new AtomicInteger(1);
  private final Map<Integer, Pending> pending = new ConcurrentHashMap<>();
  private final List<Runnable> closeListeners = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable FeatureKvException> lost = new AtomicReference<>();
  private volatile @Nullable Channel channel;
  private volatile @Nullable HelloReply peer;

  /** What a reply of an id goes to. */
  private sealed interface Pending {
    record Call(CompletableFuture<Reply> future) implements Pending {}

    record Stream(StreamListener listener) implements Pending {}
  }

  Connection(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  void attach(Channel attached) {
    this.channel = attached;
  }

  void greeted(HelloReply reply) {
    this.peer = reply;
  }

  /** What the node said of itself. */
  public HelloReply peer() {
    HelloReply reply = peer;
    if (reply == null) {
      throw new IllegalStateException("not greeted yet");
    }
    return reply;
  }

  /** The address it was made to. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Whether requests can be sent. */
  public boolean isOpen() {
    Channel attached = channel;
    return lost.get() == null && attached != null && attached.isActive();
  }

  /** Requests and streams that are open. */
  public int openRequests() {
    return pending.size();
  }

  /**
   * Sends a request.
   *
   * @param body from position to limit; not to be changed afterwards
   * @return the reply; or the node's ERROR, or UNAVAILABLE when the connection is lost, DEADLINE
   *     after {@code timeoutMillis}, TRY_AGAIN when too many requests are open
   */
  public CompletableFuture<Reply> call(
      FrameType type, int flags, ByteBuffer body, long timeoutMillis) {
    CompletableFuture<Reply> future = new CompletableFuture<>();
    Channel attached = channel;
    if (attached == null || lost.get() != null) {
      future.completeExceptionally(lostError());
      return future;
    }
    if (pending.size() >= MAX_OPEN_REQUESTS) {
      future.completeExceptionally(
          new FeatureKvException(
              ErrorCode.TRY_AGAIN,
              MAX_OPEN_REQUESTS + " requests are open to " + endpoint + " already"));
      return future;
    }
    int id = nextRequestId.getAndIncrement();
    pending.put(id, new Pending.Call(future));
    var timer =
        attached
            .eventLoop()
            .schedule(() -> late(id, type, timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
    future.whenComplete(
        (reply, failure) -> {
          pending.remove(id);
          timer.cancel(false);
        });
    send(attached, type, flags, id, body);
    return future;
  }

  private void late(int id, FrameType type, long timeoutMillis) {
    if (pending.remove(id) instanceof Pending.Call call) {
      call.future()
          .completeExceptionally(
              new FeatureKvException(
                  ErrorCode.DEADLINE,
                  endpoint + " did not answer " + type + " within " + timeoutMillis + " ms"));
    }
  }

  /** Opens a stream of replies. */
  public Subscription subscribe(
      FrameType type, int flags, ByteBuffer body, StreamListener listener) {
    Channel attached = channel;
    if (attached == null || lost.get() != null) {
      listener.onEnd(lostError());
      return () -> {};
    }
    int id = nextRequestId.getAndIncrement();
    pending.put(id, new Pending.Stream(listener));
    send(attached, type, flags, id, body);
    return () -> {
      if (pending.remove(id) != null) {
        send(attached, FrameType.CANCEL, 0, id, ByteBuffer.allocate(0));
      }
    };
  }

  void ping() {
    call(
        FrameType.PING,
        0,
        ByteBuffer.allocate(0),
        TimeUnit.SECONDS.toMillis(Transport.GIVE_UP_AFTER_SECONDS));
  }

  private void send(Channel attached, FrameType type, int flags, int id, ByteBuffer body) {
    ByteBuffer head = ByteBuffer.allocate(FrameHeader.BYTES);
    new FrameHeader(body.remaining(), type.code(), flags, id).encode(head);
    ByteBuf frame = Unpooled.wrappedBuffer(head.flip(), body);
    attached
        .writeAndFlush(frame)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                fail(
                    id,
                    new FeatureKvException(
                        ErrorCode.UNAVAILABLE,
                        "sending to " + endpoint + " failed: " + done.cause().getMessage(),
                        done.cause()));
              }
            });
    FeatureKvException error = lost.get();
    if (error != null) {
      fail(id, error);
    }
  }

  void onFrame(FrameHeader header, ByteBuffer body) {
    Pending target = pending.get(header.requestId());
    if (target == null) {
      return;
    }
    FrameType type = FrameType.ofCode(header.typeCode());
    if (type == FrameType.ERROR) {
      fail(header.requestId(), ErrorReply.decode(body).toException());
    } else if (type == null) {
      fail(
          header.requestId(),
          new FeatureKvException(
              ErrorCode.PROTOCOL, endpoint + " answered with frame type " + header.typeCode()));
    } else {
      Reply reply = new Reply(type, header.flags(), body);
      if (target instanceof Pending.Call call) {
        call.future().complete(reply);
      } else if (target instanceof Pending.Stream stream) {
        deliver(header.requestId(), stream, reply);
      }
    }
  }

  private void deliver(int id, Pending.Stream stream, Reply reply) {
    try {
      stream.listener().onFrame(reply);
    } catch (RuntimeException e) {
      fail(id, FeatureKvException.from(e));
    }
  }

  private void fail(int id, FeatureKvException error) {
    Pending target = pending.remove(id);
    if (target instanceof Pending.Call call) {
      call.future().completeExceptionally(error);
    } else if (target instanceof Pending.Stream stream) {
      stream.listener().onEnd(error);
    }
  }

  /** Everything that is open ends with {@code why}. Idempotent. */
  void lost(FeatureKvException why) {
    if (!lost.compareAndSet(null, why)) {
      return;
    }
    Channel attached = channel;
    if (attached != null) {
      attached.close();
    }
    for (Integer id : List.copyOf(pending.keySet())) {
      fail(id, why);
    }
    closeListeners.forEach(Runnable::run);
  }

  private FeatureKvException lostError() {
    FeatureKvException why = lost.get();
    return why != null
        ? why
        : new FeatureKvException(ErrorCode.UNAVAILABLE, "not connected to " + endpoint);
  }

  /** Calls {@code listener} when the connection is lost or closed, at once if it is already. */
  public void onClose(Runnable listener) {
    closeListeners.add(listener);
    if (lost.get() != null && closeListeners.remove(listener)) {
      listener.run();
    }
  }

  /** Closes; open requests end with UNAVAILABLE. Idempotent. */
  @Override
  public void close() {
    lost(
        new FeatureKvException(
            ErrorCode.UNAVAILABLE, "the connection to " + endpoint + " was closed here"));
  }
}
