package io.featurekv.metadata.raft.maelstrom;

import io.featurekv.metadata.CommandResult;
import io.featurekv.model.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of {@code lin-kv}: {@code read}, {@code write} and {@code cas}. Each gets at
 * most one answer, and none after the time within which it is waited for: a client that has given
 * up may be gone, and a message to nobody is a fault of its sender.
 */
final class RegisterRequests {
  private static final int MAX_OPEN_REQUESTS = 256;

  /** How much of the time is left for the answer to be written. */
  private static final int ANSWERING_SHARE = 10;

  private final Registers registers;
  private final long answerWithinNanos;
  private final Consumer<Message> out;
  private final Semaphore room = new Semaphore(MAX_OPEN_REQUESTS);

  RegisterRequests(Registers registers, Duration answerWithin, Consumer<Message> out) {
    this.registers = registers;
    this.answerWithinNanos = answerWithin.toNanos();
    this.out = out;
  }

  void handle(Message request) {
    long receivedNanos = System.nanoTime();
    if (!room.tryAcquire()) {
      out.accept(
          request.error(
              MaelstromError.TEMPORARILY_UNAVAILABLE,
              MAX_OPEN_REQUESTS + " requests are waiting for their answers"));
      return;
    }
    CompletableFuture<Message> _ =
        answer(request)
            .exceptionally(failure -> failed(request, failure))
            .whenComplete((answer, error) -> finish(receivedNanos, answer));
  }

  private void finish(long receivedNanos, @Nullable Message answer) {
    room.release();
    if (answer != null && System.nanoTime() - receivedNanos < answerWithinNanos) {
      out.accept(answer);
    }
  }

  private static Message failed(Message request, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return request.error(MaelstromError.ofFailure(cause), String.valueOf(cause.getMessage()));
  }

  private CompletableFuture<Message> answer(Message request) {
    long timeoutMillis =
        Duration.ofNanos(answerWithinNanos - answerWithinNanos / ANSWERING_SHARE).toMillis();
    OptionalLong key = request.number("key");
    return switch (request.type()) {
      case "read" ->
          key.isEmpty()
              ? malformed(request, "read needs a whole number as key")
              : registers
                  .read(key.getAsLong(), timeoutMillis)
                  .thenApply(value -> answerRead(request, value));
      case "write" -> {
        OptionalLong value = request.number("value");
        yield key.isEmpty() || value.isEmpty()
            ? malformed(request, "write needs whole numbers as key and value")
            : registers
                .write(key.getAsLong(), value.getAsLong(), timeoutMillis)
                .thenApply(result -> answerChange(request, "write_ok", result));
      }
      case "cas" -> {
        OptionalLong from = request.number("from");
        OptionalLong to = request.number("to");
        yield key.isEmpty() || from.isEmpty() || to.isEmpty()
            ? malformed(request, "cas needs whole numbers as key, from and to")
            : registers
                .compareAndSet(key.getAsLong(), from.getAsLong(), to.getAsLong(), timeoutMillis)
                .thenApply(result -> answerChange(request, "cas_ok", result));
      }
      default ->
          CompletableFuture.completedFuture(
              request.error(
                  MaelstromError.NOT_SUPPORTED,
                  "requests are read, write and cas, not '" + request.type() + "'"));
    };
  }

  private static CompletableFuture<Message> malformed(Message request, String what) {
    return CompletableFuture.completedFuture(request.error(MaelstromError.MALFORMED_REQUEST, what));
  }

  private static Message answerRead(Message request, OptionalLong value) {
    return value.isEmpty()
        ? request.error(MaelstromError.KEY_DOES_NOT_EXIST, "the key was never written")
        : request.reply("read_ok", Map.of("value", value.getAsLong()));
  }

  private static Message answerChange(Message request, String done, CommandResult result) {
    ErrorCode refusal = result.error();
    return refusal == null
        ? request.reply(done, Map.of())
        : request.error(MaelstromError.ofRefusal(refusal), result.message());
  }
}
