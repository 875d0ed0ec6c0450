package io.featurekv.cli.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.featurekv.metadata.GoldenKey;
import io.featurekv.model.Digest;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads golden keys; what is none is INVALID_ARGUMENT, naming the line. */
final class GoldenKeys {
  private static final Set<String> FIELDS =
      Set.of("key", "keyBase64", "value", "valueBase64", "sha256", "absent");
  private static final JsonFactory JSON = new JsonFactory();

  private GoldenKeys() {}

  /** {@code KEY=VALUE}, split at the first equals sign. */
  static GoldenKey ofPair(String pair) {
    int equals = pair.indexOf('=');
    if (equals < 1) {
      throw invalid("'" + pair + "' is no KEY=VALUE");
    }
    return GoldenKey.ofValue(utf8(pair.substring(0, equals)), utf8(pair.substring(equals + 1)));
  }

  /** A file of JSON lines. */
  static List<GoldenKey> ofFile(Path file) {
    List<GoldenKey> keys = new ArrayList<>();
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          keys.add(ofLine(lines.get(i), file + ":" + (i + 1)));
        }
      }
    } catch (IOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, file + " cannot be read: " + e.getMessage(), e);
    }
    return keys;
  }

  /** One line: an object with a key and one expectation. */
  static GoldenKey ofLine(String line, String where) throws IOException {
    try {
      Map<String, String> fields = fields(line, where);
      byte[] key = bytes(fields, "key", where);
      byte[] value = bytes(fields, "value", where);
      String sha256 = fields.get("sha256");
      boolean absent = Boolean.parseBoolean(fields.get("absent"));
      int expectations = (value == null ? 0 : 1) + (sha256 == null ? 0 : 1) + (absent ? 1 : 0);
      if (key == null || expectations != 1) {
        throw invalid(
            where + ": expected a key and one of value, sha256 and absent (true): " + line);
      }
      if (value != null) {
        return GoldenKey.ofValue(key, value);
      }
      return new GoldenKey(
          key, sha256 == null ? new GoldenKey.Absent() : new GoldenKey.Sha256(digest(sha256)));
    } catch (JsonParseException | IllegalArgumentException e) {
      throw invalid(where + ": " + e.getMessage());
    }
  }

  private static Digest digest(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    if (bytes.length != Digest.BYTES) {
      throw new IllegalArgumentException("a SHA-256 has 64 hex digits, this one " + hex.length());
    }
    return Digest.of(bytes);
  }

  private static Map<String, String> fields(String line, String where) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw invalid(where + ": expected an object: " + line);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (!FIELDS.contains(name)) {
          throw invalid(where + ": there is no field '" + name + "'; there are " + FIELDS);
        }
        JsonToken token = json.nextToken();
        boolean isFlag = token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
        if (isFlag != name.equals("absent") || !(isFlag || token == JsonToken.VALUE_STRING)) {
          throw invalid(where + ": '" + name + "' is not what it should be: " + line);
        }
        fields.put(name, json.getText());
      }
    }
    return fields;
  }

  private static byte @Nullable [] bytes(Map<String, String> fields, String name, String where) {
    String text = fields.get(name);
    String base64 = fields.get(name + "Base64");
    if (text != null && base64 != null) {
      throw invalid(where + ": " + name + " is there twice");
    }
    return text != null ? utf8(text) : base64 == null ? null : Base64.getDecoder().decode(base64);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
