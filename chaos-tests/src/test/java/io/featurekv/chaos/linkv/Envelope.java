package io.featurekv.chaos.linkv;

import io.featurekv.chaos.Json;
import java.util.Map;
import java.util.Set;

/**
 * A line that a node wrote, held against what Maelstrom's protocol allows.
 *
 * @param call what one voter asks of another, empty for all else
 */
record Envelope(String src, String dest, Json body, String type, String call) {
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
    Json json;
    try {
      json = Json.parse(line);
    } catch (AssertionError e) {
      throw new Illegal("not JSON: " + line);
    }
    if (!(json.value() instanceof Map<?, ?> envelope) || !envelope.keySet().equals(MEMBERS)) {
      throw new Illegal("an envelope with other members than " + MEMBERS + ": " + line);
    }
    if (!json.at("body").has("type")) {
      throw new Illegal("a body without a type: " + line);
    }
    Json body = json.at("body");
    Envelope read =
        new Envelope(
            json.at("src").text(),
            json.at("dest").text(),
            body,
            body.at("type").text(),
            body.has("call") ? body.at("call").text() : "");
    read.checkReply(line);
    return read;
  }

  private void checkReply(String line) throws Illegal {
    if (!isClient(dest)) {
      return;
    }
    Set<String> members = REPLIES.get(type);
    if (members == null || !((Map<?, ?>) body.value()).keySet().equals(members)) {
      throw new Illegal("a reply like no other: " + line);
    }
  }

  /** Clients are named like Maelstrom's. */
  static boolean isClient(String id) {
    return id.startsWith("c");
  }
}
