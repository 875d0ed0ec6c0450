package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesLoadTest {
  @TempDir Path home;

  @Test
  void keepsTypesAndTheWayNumbersAreWritten() {
    Load load =
        Load.of(
            home,
            "a.jsonl",
            """
            {"id": 9007199254740993, "f": 1.10, "e": 1E400, "big": 123456789012345678901234567890, "n": null, "b": false}

            {"o": { "k" : [1, 2.50, "x\\u00e9\\n", {}, [] , null] }, "id": "s", "min": -9223372036854775808}
            """);
    assertThat(load.texts())
        .isEqualTo(
            Map.of(
                "9007199254740993",
                "{\"f\":1.10,\"e\":1E400,\"big\":123456789012345678901234567890,\"n\":null,\"b\":false}",
                "s",
                "{\"o\":{\"k\":[1,2.50,\"xé\\n\",{},[],null]},\"min\":-9223372036854775808}"));
  }

  @Test
  void acceptsEveryNameOfTheFormatAndLinesWithoutAnEnd() {
    assertThat(Load.of(home, "a.ndjson", "{\"id\":1}\r\n{\"id\":2}").texts())
        .isEqualTo(Map.of("1", "{}", "2", "{}"));
    assertThat(Load.of(home, "a.json", "\uFEFF{\"id\":1}\n").texts()).containsOnlyKeys("1");
    Load named = Load.of(home, "a.txt", "{\"id\":1}\n");
    named.format = "jsonl";
    assertThat(named.texts()).containsOnlyKeys("1");
  }

  @Test
  void rejectsMalformedLinesAndGoesOn() {
    Load load =
        Load.of(
            home,
            "a.jsonl",
            """
            {"id":1}
            {"id":2
            [3]
            {"id":4} {"id":4}
            {"id":5,"id":6}
            {"id":7,"x":NaN}
            {"id":8,"x":"\\ud800"}
            {"id":9,"x":{"y":"\\udc00"}}
            {"id":10}
            """);
    load.maxRejected = 7;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("1", "10");
    assertThat(result.firstRejected())
        .extracting(RejectedRow::row)
        .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .satisfies(
            reasons -> {
              assertThat(reasons.get(0)).startsWith("malformed JSON: ");
              assertThat(reasons.get(1)).isEqualTo("the line is not a JSON object");
              assertThat(reasons.get(2)).isEqualTo("the line goes on after its JSON object");
              assertThat(reasons.get(3)).isEqualTo("column 'id' is there twice");
              assertThat(reasons.get(4)).startsWith("malformed JSON: ");
              assertThat(reasons.get(5)).isEqualTo("column 'x' is not valid UTF-8");
              assertThat(reasons.get(6)).isEqualTo("column 'x' is not valid UTF-8");
            });
  }

  @Test
  void rejectsLinesThatAreNotUtf8() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("{\"id\":1}\n{\"id\":\"".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xC3);
    bytes.writeBytes("\"}\n".getBytes(StandardCharsets.UTF_8));
    Load load = new Load(home).file("a.jsonl", bytes.toByteArray());
    load.maxRejected = 1;
    assertThat(load.run().firstRejected().getFirst())
        .isEqualTo(new RejectedRow(load.inputs.getFirst(), 2, "the line is not valid UTF-8"));
  }

  @Test
  void refusesAFileInWhichNoRowHasTheKeyColumn() {
    Load load = Load.of(home, "a.jsonl", "{\"a\":1,\"b\":2}\n{\"c\":1}\n");
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(load.failure()).hasMessageEndingWith("no key column 'id'; its columns are: a, b");
    Load some = Load.of(home, "b.jsonl", "{\"a\":1}\n{\"id\":1}\n");
    assertThat(some.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(Load.of(home, "c.jsonl", "{\"id\":1}\n").value("v").failure())
        .hasMessageContaining("no value column 'v'");
  }

  @Test
  void loadsOneColumnOfAnyType() {
    Load load =
        Load.of(
                home,
                "a.jsonl",
                """
                {"id":1,"v":"text"}
                {"id":2,"v":12}
                {"id":3,"v":1.50}
                {"id":4,"v":[1, 2]}
                {"id":5,"v":true}
                {"id":6,"v":""}
                {"id":7,"v":null}
                {"id":8}
                """)
            .value("v");
    load.maxRejected = 2;
    BuildResult result = load.run();
    assertThat(load.writers.texts())
        .isEqualTo(Map.of("1", "text", "2", "12", "3", "1.50", "4", "[1,2]", "5", "true", "6", ""));
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .containsExactly(
            "value column 'v' is null", "value column 'v' is missing; the row has the columns id");
  }

  @Test
  void readsLinesLongerThanItsBuffers() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      lines.append("{\"id\":").append(i).append(",\"x\":\"");
      lines.append("y".repeat(i * 9973)).append("\"}\n");
    }
    Map<String, String> texts = Load.of(home, "a.jsonl", lines.toString()).texts();
    assertThat(texts).hasSize(30);
    for (int i = 0; i < 30; i++) {
      assertThat(texts.get(Integer.toString(i)))
          .isEqualTo("{\"x\":\"" + "y".repeat(i * 9973) + "\"}");
    }
  }

  @Test
  void rejectsALineBeyondTheBoundAndGoesOn() throws Exception {
    byte[] line =
        "{\"id\":1,\"x\":\"%s\"}\n{\"id\":2}\n"
            .formatted("y".repeat(40 << 20))
            .getBytes(StandardCharsets.UTF_8);
    Load load = new Load(home).file("a.jsonl", line);
    load.maxRejected = 1;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("2");
    assertThat(result.firstRejected().getFirst().reason()).startsWith("the line has more than");
    assertThat(result.firstRejected().getFirst().row()).isEqualTo(1);
  }
}
