package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.model.ErrorCode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
  @TempDir Path home;

  @Test
  void joinsKeyColumnsInTheirOrderWithTheSeparator() {
    Load load = Load.of(home, "a.csv", "a,b,c\n1,2,3\n").keys("c", "a");
    assertThat(load.texts()).isEqualTo(Map.of("3:1", "{\"b\":\"2\"}"));
    load.separator = "||";
    assertThat(load.texts()).isEqualTo(Map.of("3||1", "{\"b\":\"2\"}"));
  }

  @Test
  void escapesTheSeparatorAndBackslashesInsideComponents() {
    Load load = Load.of(home, "a.csv", "a,b\nx:y,z\nx,y:z\nx\\,y\nx,\\y\n,\n").keys("a", "b");
    assertThat(load.texts()).containsOnlyKeys("x\\:y:z", "x:y\\:z", "x\\\\:y", "x:\\\\y", ":");
  }

  @Test
  void leavesASingleKeyColumnAsItIs() {
    assertThat(Load.of(home, "a.csv", "id,x\na:b\\c,1\n").texts()).containsOnlyKeys("a:b\\c");
  }

  @ParameterizedTest
  @ValueSource(strings = {":", "::", "aa", "aba", "ab"})
  void givesNoTwoListsOfComponentsTheSameKey(String separator) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Set<List<String>> rows = new java.util.HashSet<>();
    while (rows.size() < 3000) {
      rows.add(List.of(component(random), component(random), component(random)));
    }
    StringBuilder csv = new StringBuilder("a,b,c,v\n");
    for (List<String> row : rows) {
      csv.append(String.join(",", row)).append(",x\n");
    }
    Load load = Load.of(home, "a.csv", csv.toString()).keys("a", "b", "c");
    load.separator = separator;
    assertThat(load.run().duplicates()).as("seed %d", seed).isZero();
  }

  private static String component(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(6);
    for (int i = 0; i < length; i++) {
      text.append("ab:\\".charAt(random.nextInt(4)));
    }
    return text.toString();
  }

  @Test
  void refusesSeparatorsThatCannotTellComponentsApart() {
    Load load = Load.of(home, "a.csv", "a,b\n1,2\n").keys("a", "b");
    load.separator = "";
    assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    load.separator = "\\";
    assertThat(load.failure()).hasMessageContaining("backslash");
    load.keys("a", "a");
    assertThat(load.failure()).hasMessageContaining("twice");
    load.keys();
    assertThat(load.failure()).hasMessageContaining("no key column");
  }

  @Test
  void rejectsKeysOfNoBytesAndOfMoreThan500() {
    String longest = "k".repeat(500);
    Load load = Load.of(home, "a.csv", "id,x\n,1\n" + longest + ",2\n" + "k".repeat(600) + ",3\n");
    load.maxRejected = 2;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys(longest);
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .containsExactly(
            "the key is empty", "the key has 600 bytes, more than the 500 that a key may have");
  }

  @Test
  void countsBytesOfKeysNotCharacters() {
    assertThat(Load.of(home, "a.csv", "id,x\n" + "é".repeat(251) + ",3\n").failure())
        .hasMessageContaining("502 bytes");
  }

  @Test
  void rejectsNullFloatingPointAndNestedComponents() {
    Load load =
        Load.of(
                home,
                "a.jsonl",
                """
                {"a":1,"b":"x"}
                {"a":null,"b":"x"}
                {"a":1.5,"b":"x"}
                {"a":1e3,"b":"x"}
                {"a":{},"b":"x"}
                {"b":"x"}
                {"a":true,"b":12345678901234567890123}
                """)
            .keys("a", "b");
    load.maxRejected = 5;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("1:x", "true:12345678901234567890123");
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .containsExactly(
            "key column 'a' is null",
            "key column 'a' is a floating-point number, which no key can be: 1.5",
            "key column 'a' is a floating-point number, which no key can be: 1e3",
            "key column 'a' is an object or an array, which no key can be",
            "key column 'a' is missing; the row has the columns b");
  }

  @Test
  void takesTypesOfKeyColumnsSeriously() {
    Load load = Load.of(home, "a.csv", "id,x\n007,1\n,2\n");
    load.types.put("id", "int64");
    load.maxRejected = 1;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("7");
    assertThat(result.firstRejected().getFirst().reason()).isEqualTo("key column 'id' is null");
    load.types.put("id", "double");
    load.maxRejected = 2;
    load.allowEmpty = true;
    assertThat(load.run().firstRejected().getFirst().reason()).contains("floating-point");
  }

  @Test
  void decodesKeysFromHexAndBase64() {
    Load hex = Load.of(home, "a.csv", "id,x\n00fF10,1\nabc,2\n");
    hex.keyEncoding = "hex";
    hex.maxRejected = 1;
    assertThat(hex.run().firstRejected().getFirst().reason())
        .isEqualTo("key column 'id' is not hex: 'abc'");
    assertThat(List.copyOf(hex.writers.entries().keySet())).containsExactly(new byte[] {0, -1, 16});
    Load base64 = Load.of(home, "a.csv", "id,x\nAP8Q,1\n*,2\n");
    base64.keyEncoding = "base64";
    base64.maxRejected = 1;
    assertThat(base64.run().firstRejected().getFirst().reason())
        .isEqualTo("key column 'id' is not base64: '*'");
    assertThat(List.copyOf(base64.writers.entries().keySet()))
        .containsExactly(new byte[] {0, -1, 16});
    base64.keyEncoding = "rot13";
    assertThat(base64.failure()).hasMessageContaining("rot13");
  }

  @Test
  void escapesDecodedBytesOfComponents() {
    Load load = Load.of(home, "a.csv", "a,b,x\n3a,5c,1\n").keys("a", "b");
    load.keyEncoding = "hex";
    assertThat(load.texts()).containsOnlyKeys("\\::\\\\");
  }

  @Test
  void ordersKeysByUnsignedBytes() {
    Map<String, Integer> rows = new HashMap<>();
    StringBuilder csv = new StringBuilder("id,x\n");
    for (String id :
        List.of("z", "é", "a", "aa", "a0", "ÿ", "😀", "0", "longer than eight", "longer th")) {
      rows.put(id, rows.size());
      csv.append(id).append(",x\n");
    }
    Load load = Load.of(home, "a.csv", csv.toString());
    load.shards = 1;
    assertThat(load.texts()).containsOnlyKeys(rows.keySet());
  }
}
