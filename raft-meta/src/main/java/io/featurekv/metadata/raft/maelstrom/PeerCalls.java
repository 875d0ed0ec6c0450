package io.featurekv.metadata.raft.maelstrom;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests from voter to voter and their replies, over messages that may be lost, doubled, late and
 * out of order:
 *
 * <pre>
 * {"type":"raft","msg_id":N,"call":"append_entries","data":BASE64}
 * {"type":"raft_ok","in_reply_to":N,"data":BASE64}
 * {"type":"raft_failed","in_reply_to":N,"text":WHY}
 * </pre>
 *
 * <p>Message ids begin at a random number, so that a reply to this voter's last life answers none
 * of its present requests; a reply counts only from whom it was asked, and once.
 *
 * <p>All methods may be called from any thread. Requests are served by threads of their own; what
 * finds no room there is dropped, like a message that was lost.
 */
final class PeerCalls implements AutoCloseable {
  /** Longest Protobuf message. */
  static final int MAX_DATA_BYTES = 1 << 20;

  private static final int MAX_OPEN_CALLS = 256;
  private static final int SERVING_THREADS = 8;
  private static final int MAX_WAITING = 256;

  /** Ids stay whole numbers even where JSON numbers are doubles. */
  private static final long FIRST_ID_BOUND = 1L << 52;

  private static final Logger LOG = LoggerFactory.getLogger(PeerCalls.class);

  private final String self;
  private final Consumer<Message> out;
  private final AtomicLong nextId = new AtomicLong(new SecureRandom().nextLong(1, FIRST_ID_BOUND));
  private final Map<Long, OpenCall> open = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor serving;
  private volatile @Nullable Service service;

  private record OpenCall(String dest, CompletableFuture<byte[]> reply) {}

  /** Who answers what other voters ask. */
  interface Service {
    /** May block for as long as the disk takes. */
    CompletableFuture<byte[]> serve(PeerCall call, byte[] data) throws IOException;
  }

  PeerCalls(String self, Consumer<Message> out) {
    this.self = self;
    this.out = out;
    this.serving =
        new ThreadPoolExecutor(
            SERVING_THREADS,
            SERVING_THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("maelstrom-peer-", 0).factory());
  }

  /** From now on requests are served; before, and after null was given, they are dropped. */
  void serve(@Nullable Service newService) {
    service = newService;
  }

  /** Where what follows on a reply may run. */
  Executor executor() {
    return serving;
  }

  /**
   * Asks another voter. Fails with IOException when it refuses, when there is no reply in time, or
   * when too much is asked already; whether it was carried out is not known then.
   */
  CompletableFuture<byte[]> call(String dest, PeerCall call, byte[] data, long timeoutMillis) {
    if (data.length > MAX_DATA_BYTES) {
      return CompletableFuture.failedFuture(
          new IOException(
              call.word()
                  + " of "
                  + data.length
                  + " bytes, at most "
                  + MAX_DATA_BYTES
                  + " are sent"));
    }
    if (open.size() >= MAX_OPEN_CALLS) {
      return CompletableFuture.failedFuture(
          new IOException(MAX_OPEN_CALLS + " requests to other voters are without a reply"));
    }
    long id = nextId.getAndIncrement();
    CompletableFuture<byte[]> reply = new CompletableFuture<>();
    open.put(id, new OpenCall(dest, reply));
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("type", "raft");
    body.put("msg_id", id);
    body.put("call", call.word());
    body.put("data", Base64.getEncoder().encodeToString(data));
    out.accept(new Message(self, dest, body));
    return reply
        .orTimeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .whenComplete((data2, error) -> open.remove(id))
        .exceptionallyCompose(
            error -> CompletableFuture.failedFuture(asIoException(dest, call, error)));
  }

  private static IOException asIoException(String dest, PeerCall call, Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return switch (cause) {
      case IOException known -> known;
      case TimeoutException _ ->
          new org.apache.ratis.protocol.exceptions.TimeoutIOException(
              dest + " did not reply to " + call.word() + " in time");
      default -> new IOException(dest + " could not be asked: " + cause, cause);
    };
  }

  /** Asks another voter and waits for the reply. */
  byte[] await(String dest, PeerCall call, byte[] data, long timeoutMillis) throws IOException {
    try {
      return call(dest, call, data, timeoutMillis).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
    } catch (InterruptedException e) {
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while waiting for " + dest);
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Whether a message is one of voters among themselves. */
  static boolean isBetweenPeers(Message message) {
    return message.type().startsWith("raft");
  }

  /** Takes in a message for which {@link #isBetweenPeers} holds. Does not block. */
  void receive(Message message) {
    if (message.type().equals("raft")) {
      try {
        serving.execute(() -> serve(message));
      } catch (RejectedExecutionException e) {
        LOG.debug("Dropped a request of {}: {} are waiting", message.src(), MAX_WAITING);
      }
      return;
    }
    OptionalLong id = message.number("in_reply_to");
    OpenCall call = id.isEmpty() ? null : open.get(id.getAsLong());
    if (call == null || !call.dest().equals(message.src())) {
      return;
    }
    byte[] data = decoded(message);
    if (message.type().equals("raft_ok") && data != null) {
      call.reply().complete(data);
    } else {
      call.reply()
          .completeExceptionally(
              new IOException(message.src() + " refused: " + message.text("text")));
    }
  }

  private static byte @Nullable [] decoded(Message message) {
    try {
      return message.body().get("data") instanceof String text
          ? Base64.getDecoder().decode(text)
          : null;
    } catch (IllegalArgumentException e) {
      LOG.warn("Data of {} that is no Base64: {}", message.src(), e.getMessage());
      return null;
    }
  }

  private void serve(Message request) {
    Service present = service;
    PeerCall call = PeerCall.ofWord(request.text("call")).orElse(null);
    byte[] data = decoded(request);
    if (present == null) {
      return;
    }
    if (call == null || data == null) {
      out.accept(failed(request, "there is no call '" + request.text("call") + "' with such data"));
      return;
    }
    try {
      CompletableFuture<Void> _ =
          present
              .serve(call, data)
              .handle(
                  (reply, error) -> {
                    out.accept(error == null ? done(request, reply) : failed(request, error + ""));
                    return null;
                  });
    } catch (IOException | RuntimeException e) {
      out.accept(failed(request, e.toString()));
    }
  }

  private static Message done(Message request, byte[] data) {
    return request.reply("raft_ok", Map.of("data", Base64.getEncoder().encodeToString(data)));
  }

  private static Message failed(Message request, String why) {
    return request.reply("raft_failed", Map.of("text", why));
  }

  @Override
  public void close() {
    service = null;
    serving.shutdownNow();
    open.values()
        .forEach(call -> call.reply().completeExceptionally(new IOException("this voter closed")));
  }
}
