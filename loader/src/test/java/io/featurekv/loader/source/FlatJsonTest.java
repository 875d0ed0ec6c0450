package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.featurekv.loader.row.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The quick reader gives what Jackson gives, or refuses. */
class FlatJsonTest {
  private static final JsonFactory JACKSON = new JsonFactory();
  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"a\"",
          "\"b\"",
          "\"c\"",
          "\"\"",
          " ",
          "\t",
          "\r",
          "true",
          "false",
          "null",
          "nul",
          "0",
          "-0",
          "01",
          "-",
          "12",
          "-7",
          "1.5",
          "1.",
          ".5",
          "1e5",
          "1E-3",
          "2e",
          "+1",
          "NaN",
          "999999999999999999",
          "9999999999999999999",
          "\"é😀\"",
          "\"\\u00e9\"",
          "\"\\ud83d\\ude00\"",
          "\"\\ud800\"",
          "\"\\n\\t\\\"\\\\\\/\\b\\f\\r\"",
          "\"\\x\"",
          "\"\\u12\"",
          "\"\u0001\"",
          "\"open",
          "\\",
          "\"long enough for several words\"");

  private final FlatJson flat = new FlatJson(new FieldNames());
  private int taken;

  @Test
  void agreesWithJacksonOnWhateverItTakes() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 60_000; i++) {
      String line = i % 2 == 0 ? soup(random) : object(random);
      assertAgrees(line, "seed " + seed);
    }
    assertThat(taken).as("lines taken, seed %d", seed).isGreaterThan(5_000);
  }

  private static String soup(Random random) {
    StringBuilder line = new StringBuilder("{");
    int tokens = random.nextInt(12);
    for (int i = 0; i < tokens; i++) {
      line.append(TOKENS.get(random.nextInt(TOKENS.size())));
    }
    return line.append(random.nextInt(3) == 0 ? "" : "}").toString();
  }

  /** An object that is mostly right. */
  private static String object(Random random) {
    StringBuilder line = new StringBuilder("{");
    int fields = random.nextInt(4);
    for (int i = 0; i < fields; i++) {
      line.append(i > 0 ? "," : "").append('"').append((char) ('a' + random.nextInt(6)));
      line.append("\":").append(TOKENS.get(6 + random.nextInt(TOKENS.size() - 6)));
    }
    return line.append('}').toString();
  }

  private void assertAgrees(String line, String described) {
    byte[] text = line.getBytes(StandardCharsets.UTF_8);
    // What stands behind the line must not matter.
    byte[] padded = Arrays.copyOf(text, text.length + TextBuffer.SLACK_BYTES);
    Arrays.fill(padded, text.length, padded.length, (byte) '9');
    Row row = new Row();
    if (flat.read(padded, 0, text.length, row, 1)) {
      taken++;
      assertThat(RowTexts.of(row)).as("%s: %s", described, line).isEqualTo(jackson(line));
    }
  }

  /** What a full parser makes of a flat object; null where it is none. */
  private static @Nullable String jackson(String line) {
    List<String> cells = new ArrayList<>();
    try (JsonParser parser = JACKSON.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        cells.add(name + "=" + cell(parser, parser.nextToken()));
      }
      return parser.nextToken() == null ? cells.toString() : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static String cell(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> "TEXT " + parser.getText();
      case VALUE_NUMBER_INT -> "WHOLE " + parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> "NUMBER " + parser.getText();
      case VALUE_TRUE, VALUE_FALSE -> "BOOL " + parser.getText();
      case VALUE_NULL -> "NULL";
      default -> "nested";
    };
  }

  @Test
  void refusesANameThatIsThereTwice() {
    byte[] line = Arrays.copyOf("{\"a\":1,\"b\":2,\"a\":3}".getBytes(StandardCharsets.UTF_8), 40);
    assertThat(flat.read(line, 0, 19, new Row(), 1)).isFalse();
  }
}
