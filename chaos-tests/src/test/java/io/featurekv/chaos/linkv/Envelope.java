package io.featurekv.chaos.linkv;

import io.featurekv.chaos.Json;
import java.util.Map;
import java.util.Set;

/**
 * A line that a node wrote, held against what Maelstrom's protocol allows.
 *
 * @param call what one voter asks of another, empty for all else
 * @param inReplyTo which message of a client it answers; {@link #NO_REPLY} between voters
 */
record Envelope(String src, String dest, String type, String call, long inReplyTo) {
  static final long NO_REPLY = -1;

  private static final Set<String> MEMBERS = Set.of("src", "dest", "body");
  private static final Map<String, Set<String>> REPLIES =
      Map.of(
          "init_ok", Set.of("type", "in_reply_to"),
          "read_ok", Set.of("type", "in_reply_to", "value"),
          "write_ok", Set.of("type", "in_reply_to"),
          "cas_ok", Set.of("type", "in_reply_to"),
          "error", Set.of("type", "in_reply_to", "code", "text"));

  /** A line that Maelstrom would not have taken. */
  static final class Illegal extends Exception {
    private static final long serialVersionUID = 1;

    Illegal(String message) {
      super(message);
    }
  }

  static Envelope parse(String line) throws Illegal {
    try {
      Json json = Json.parse(line);
      if (!(json.value() instanceof Map<?, ?> envelope) || !envelope.keySet().equals(MEMBERS)) {
        throw new Illegal("an envelope with other members than " + MEMBERS + ": " + line);
      }
      Json body = json.at("body");
      if (!body.has("type")) {
        throw new Illegal("a body without a type: " + line);
      }
      String type = body.at("type").text();
      String dest = json.at("dest").text();
      return new Envelope(
          json.at("src").text(),
          dest,
          type,
          body.has("call") ? body.at("call").text() : "",
          isClient(dest) ? inReplyTo(type, body, line) : NO_REPLY);
    } catch (AssertionError | RuntimeException e) {
      throw new Illegal("not JSON, or with members of other types: " + line);
    }
  }

  private static long inReplyTo(String type, Json body, String line) throws Illegal {
    Set<String> members = REPLIES.get(type);
    if (members == null
        || !((Map<?, ?>) body.value()).keySet().equals(members)
        || !(body.at("in_reply_to").value() instanceof Long id)) {
      throw new Illegal("a reply like no other: " + line);
    }
    return id;
  }

  /** Clients are named like Maelstrom's. */
  static boolean isClient(String id) {
    return id.startsWith("c");
  }
}
