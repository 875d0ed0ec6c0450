package io.featurekv.node.resp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a value that is a JSON object, as texts: a string is what it says, a number or
 * boolean is as it is written, an object or array is its JSON. A field that is null is not there;
 * of a name that comes twice the last counts.
 */
final class JsonFields {
  /** Names are data: they do not become the JVM's for good. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private static final int OPENING = '{';

  private JsonFields() {}

  /** The fields in their order; null for what is no JSON object. */
  static @Nullable Map<String, String> of(byte[] json) {
    if (json.length == 0 || !isUtf8(json)) {
      return null;
    }
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      Map<String, String> fields = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
          fields.remove(name);
        } else {
          fields.put(name, text(parser, token, json));
        }
      }
      return parser.nextToken() == null ? fields : null;
    } catch (IOException e) {
      // Most values are no JSON at all: it is a fact about the value, not a failure.
      return null;
    }
  }

  /** The parser would also take other encodings, by their zeros and marks. */
  private static boolean isUtf8(byte[] json) {
    int begin = 0;
    while (begin < json.length - 1 && json[begin] <= ' ' && json[begin] > 0) {
      begin++;
    }
    return json[begin] == OPENING && (json.length == begin + 1 || json[begin + 1] != 0);
  }

  private static String text(JsonParser parser, JsonToken token, byte[] json) throws IOException {
    if (!token.isStructStart()) {
      return parser.getText();
    }
    int from = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    parser.skipChildren();
    int to = Math.toIntExact(parser.currentLocation().getByteOffset());
    return new String(json, from, to - from, StandardCharsets.UTF_8);
  }
}
