package io.featurekv.metadata.raft.maelstrom;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One line: {@code {"src":..,"dest":..,"body":{..}}}. What the network adds to the envelope is not
 * kept: no more than these three may go out.
 *
 * @param body members by name: texts, numbers (whole ones as Long), booleans, lists, maps and nulls
 */
record Message(String src, String dest, Map<String, @Nullable Object> body) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads a line.
   *
   * @throws FeatureKvException with PROTOCOL when it is no such message
   */
  static Message parse(String line) {
    Object value;
    try (JsonParser parser = JSON.createParser(line)) {
      parser.nextToken();
      value = read(parser);
      if (parser.nextToken() != null) {
        throw malformed("more than one value in a line");
      }
    } catch (IOException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    if (value instanceof Map<?, ?> envelope
        && envelope.get("src") instanceof String src
        && envelope.get("dest") instanceof String dest
        && envelope.get("body") instanceof Map<?, ?> body) {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      body.forEach((name, member) -> members.put((String) name, member));
      return new Message(src, dest, members);
    }
    throw malformed("src, dest or body is missing");
  }

  private static FeatureKvException malformed(String why) {
    return new FeatureKvException(ErrorCode.PROTOCOL, "a line that is no message: " + why);
  }

  private static @Nullable Object read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("the line ends too early");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, read(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  /** Without a line break. */
  String line() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("src", src);
      json.writeStringField("dest", dest);
      json.writeObjectFieldStart("body");
      for (Map.Entry<String, @Nullable Object> member : body.entrySet()) {
        json.writeFieldName(member.getKey());
        switch (member.getValue()) {
          case String text -> json.writeString(text);
          case Long number -> json.writeNumber(number);
          case null, default ->
              throw new IllegalArgumentException(
                  "no member of ours is like " + member.getKey() + "=" + member.getValue());
        }
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  /** What the body says it is; empty where it says nothing. */
  String type() {
    return body.get("type") instanceof String type ? type : "";
  }

  /** A member that is a whole number. */
  OptionalLong number(String name) {
    return body.get(name) instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
  }

  /** A member that is a text; empty where it is not. */
  String text(String name) {
    return body.get(name) instanceof String text ? text : "";
  }

  /** The answer to this message: from who got it to who sent it, with {@code in_reply_to}. */
  Message reply(String type, Map<String, ?> members) {
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("type", type);
    answer.put("in_reply_to", number("msg_id").orElse(0));
    answer.putAll(members);
    return new Message(/* src= */ dest, /* dest= */ src, answer);
  }

  /** An answer that refuses; the codes are Maelstrom's. */
  Message error(MaelstromError code, String text) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("code", (long) code.code());
    members.put("text", text);
    return reply("error", members);
  }
}
