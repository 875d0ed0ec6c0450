package io.featurekv.chaos;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON document read into maps, lists, texts, numbers and booleans; missing members fail with
 * what is there.
 */
public record Json(Object value) {
  private static final JsonFactory FACTORY = new JsonFactory();

  public static Json parse(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      return new Json(read(parser));
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  private static Object read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("empty");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, read(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
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

  public Json at(String name) {
    if (value instanceof Map<?, ?> map && map.containsKey(name)) {
      return new Json(map.get(name));
    }
    throw new AssertionError("no member '" + name + "' in " + value);
  }

  public boolean has(String name) {
    return value instanceof Map<?, ?> map && map.get(name) != null;
  }

  public List<Json> list() {
    if (value instanceof List<?> list) {
      return list.stream().map(Json::new).toList();
    }
    throw new AssertionError("not a list: " + value);
  }

  public String text() {
    return (String) value;
  }

  public long number() {
    return ((Number) value).longValue();
  }

  public boolean isTrue() {
    return Boolean.TRUE.equals(value);
  }
}
