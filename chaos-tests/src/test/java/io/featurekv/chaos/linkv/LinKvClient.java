package io.featurekv.chaos.linkv;

import io.featurekv.chaos.Json;
import io.featurekv.chaos.linkv.Operation.Call;
import io.featurekv.chaos.linkv.Operation.Effect;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks one node after the other, one thing at a time, and notes what it saw. For one thread; its
 * replies come in by another.
 */
final class LinKvClient {
  private static final int KEY_DOES_NOT_EXIST = 20;
  private static final int PRECONDITION_FAILED = 22;
  private static final int TIMEOUT = 0;
  private static final int CRASH = 13;
  private static final int FIRST_OWN_CODE = 1000;

  private final String id;
  private final Network network;
  private final History history;
  private final long timeoutMillis;
  private long nextMessage = 1;
  private long waitingFor;
  private CompletableFuture<Json> reply = new CompletableFuture<>();

  LinKvClient(String id, Network network, History history, long timeoutMillis) {
    this.id = id;
    this.network = network;
    this.history = history;
    this.timeoutMillis = timeoutMillis;
    network.attach(id, this::receive);
  }

  private synchronized void receive(String line) {
    Json body = Json.parse(line).at("body");
    if (body.at("in_reply_to").number() == waitingFor) {
      reply.complete(body);
    }
  }

  /** Sends a body, which goes on after its message id, and waits; empty when the time was up. */
  private Optional<Json> ask(String node, String type, String members) throws InterruptedException {
    CompletableFuture<Json> answer = new CompletableFuture<>();
    long message;
    synchronized (this) {
      message = nextMessage++;
      waitingFor = message;
      reply = answer;
    }
    network.ask(id, node, "{\"type\":\"" + type + "\",\"msg_id\":" + message + members + "}");
    try {
      return Optional.of(answer.get(timeoutMillis, TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Tells a node who it is; false when it does not answer in time. */
  boolean init(String node, List<String> nodes) throws InterruptedException {
    String ids = "\"" + String.join("\",\"", nodes) + "\"";
    return ask(node, "init", ",\"node_id\":\"" + node + "\",\"node_ids\":[" + ids + "]")
        .filter(body -> body.at("type").text().equals("init_ok"))
        .isPresent();
  }

  /**
   * Does one operation and notes it. Empty when certainly nothing happened, or when a read saw
   * nothing.
   */
  Optional<Effect> invoke(String node, long key, Call call) throws InterruptedException {
    long began = history.now();
    Optional<Json> body =
        switch (call) {
          case Call.Read() -> ask(node, "read", ",\"key\":" + key);
          case Call.Write(long value) ->
              ask(node, "write", ",\"key\":" + key + ",\"value\":" + value);
          case Call.Cas(long from, long to) ->
              ask(node, "cas", ",\"key\":" + key + ",\"from\":" + from + ",\"to\":" + to);
        };
    Optional<Effect> effect = effect(call, body);
    effect.ifPresentOrElse(
        known -> {
          long ended = known instanceof Effect.Open ? Operation.NEVER : history.now();
          history.add(new Operation(id, node, key, call, known, began, ended));
        },
        history::addFailed);
    return effect;
  }

  private static Optional<Effect> effect(Call call, Optional<Json> reply) {
    boolean isRead = call instanceof Call.Read;
    Optional<Effect> unknown = isRead ? Optional.empty() : Optional.of(new Effect.Open());
    if (reply.isEmpty()) {
      return unknown;
    }
    Json body = reply.get();
    String type = body.at("type").text();
    if (type.equals("error")) {
      int code = (int) body.at("code").number();
      return switch (code) {
        case KEY_DOES_NOT_EXIST ->
            Optional.of(isRead ? new Effect.Saw(Operation.MISSING) : new Effect.Absent());
        case PRECONDITION_FAILED -> Optional.of(new Effect.Mismatch());
        case TIMEOUT, CRASH -> unknown;
        default -> code >= FIRST_OWN_CODE ? unknown : Optional.empty();
      };
    }
    String expected =
        switch (call) {
          case Call.Read() -> "read_ok";
          case Call.Write _ -> "write_ok";
          case Call.Cas _ -> "cas_ok";
        };
    if (!type.equals(expected)) {
      throw new AssertionError(call + " was answered by " + body);
    }
    return Optional.of(
        !isRead
            ? new Effect.Done()
            : new Effect.Saw(body.has("value") ? body.at("value").number() : Operation.MISSING));
  }
}
