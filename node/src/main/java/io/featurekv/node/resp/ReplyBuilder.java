package io.featurekv.node.resp;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.node.server.ReplyChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes replies in version 2 or 3 of the protocol. For what is not in a hurry: values of GET and
 * MGET are written by {@link ValuesShape}.
 */
final class ReplyBuilder {
  private static final byte[] LINE_END = {'\r', '\n'};

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final boolean isThree;

  /** Of the version that a session speaks now. */
  ReplyBuilder(Session session) {
    this.isThree = session.isThree();
  }

  /** How an error is told: its first word says what kind it is. */
  static String errorText(FeatureKvException error) {
    return wordOf(error.code()) + " " + error.getMessage();
  }

  /** The same for one key of a batch. */
  static String errorText(ErrorCode code, String message) {
    return wordOf(code) + " " + message;
  }

  private static String wordOf(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, PROTOCOL, NOT_FOUND, TOO_LARGE -> "ERR";
      case TRY_AGAIN -> "TRYAGAIN";
      // What clients of Redis take for a reason to ask again later.
      case VERSION_NOT_SERVED -> "LOADING";
      case INTERNAL,
          CONFLICT,
          UNAVAILABLE,
          DEADLINE,
          UNKNOWN_OUTCOME,
          SNAPSHOT_GONE,
          WRONG_CLUSTER,
          CORRUPT,
          NO_SPACE,
          EXPIRED ->
          code.name();
    };
  }

  /** An error as a line of bytes, whatever its text has in it. */
  static byte[] errorLine(String text) {
    return ("-" + text.replace('\r', ' ').replace('\n', ' ') + "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private ReplyBuilder line(char mark, String text) {
    bytes.write(mark);
    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(LINE_END);
    return this;
  }

  ReplyBuilder simple(String text) {
    return line('+', text);
  }

  ReplyBuilder error(String text) {
    bytes.writeBytes(errorLine(text));
    return this;
  }

  ReplyBuilder integer(long value) {
    return line(':', Long.toString(value));
  }

  /** Begins an array of so many elements. */
  ReplyBuilder array(int count) {
    return line('*', Integer.toString(count));
  }

  /** Begins a set of so many elements; before version 3 an array. */
  ReplyBuilder set(int count) {
    return line(isThree ? '~' : '*', Integer.toString(count));
  }

  /** Begins a map of so many pairs; before version 3 an array with keys and values in turn. */
  ReplyBuilder map(int pairs) {
    return isThree
        ? line('%', Integer.toString(pairs))
        : line('*', Integer.toString(Math.multiplyExact(2, pairs)));
  }

  ReplyBuilder nil() {
    return isThree ? line('_', "") : line('$', "-1");
  }

  ReplyBuilder bulk(byte[] value) {
    line('$', Integer.toString(value.length));
    bytes.writeBytes(value);
    bytes.writeBytes(LINE_END);
    return this;
  }

  /** A text, or nil for null. */
  ReplyBuilder bulk(@Nullable String text) {
    return text == null ? nil() : bulk(text.getBytes(StandardCharsets.UTF_8));
  }

  /** An array of texts. */
  ReplyBuilder bulks(List<String> texts) {
    array(texts.size());
    texts.forEach(this::bulk);
    return this;
  }

  /** A text for people. */
  ReplyBuilder verbatim(String text) {
    if (!isThree) {
      return bulk(text);
    }
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    line('=', Integer.toString(value.length + 4));
    bytes.writeBytes("txt:".getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(value);
    bytes.writeBytes(LINE_END);
    return this;
  }

  /** Sends what was written; on the event loop it waits for what follows. */
  void sendTo(ReplyChannel replies) {
    byte[] all = bytes.toByteArray();
    replies.send(replies.room(all.length).writeBytes(all));
  }
}
