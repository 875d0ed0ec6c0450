package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.featurekv.loader.row.ColumnType;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text read in parts is the text read as a whole, wherever it is divided. */
class TextPartsTest {
  private static final String NASTY =
      "\uFEFF\"i\nd\",x,\"say \"\"hi\"\"\"\r\n"
          + "1,\"a\nb\",c\r\n"
          + "\n\r\n\r"
          + "2,\"\"\"\n\"\"\n,\"\"\",é€😀\n"
          + "3,\"x\r\ny\r\",\"\"\r"
          + "only one\n"
          + "4,,\n"
          + "\"5\",\"a,b\",plain\"quote\r\n"
          + "6,last,\"no break\"";

  @TempDir Path home;

  private TextInput input(String name, byte[] content) throws IOException {
    Path path = Files.write(home.resolve(name), content);
    return new TextInput(new LocalFile(path), Format.ofName(name), Reading.PLAIN, Set.of());
  }

  private static List<Part> cut(long length, long... offsets) {
    List<Part> parts = new ArrayList<>();
    long from = 0;
    for (long offset : offsets) {
      parts.add(new Part(0, from, offset, offset - from));
      from = offset;
    }
    parts.add(new Part(0, from, length, length - from));
    return parts;
  }

  @Test
  void givesTheSameRowsAndNumbersWhereverCsvIsCut() throws IOException {
    byte[] content = NASTY.getBytes(StandardCharsets.UTF_8);
    TextInput input = input("a.csv", content);
    List<String> whole = PartReading.rows(input, Long.MAX_VALUE);
    assertThat(whole)
        .containsExactly(
            "3 [i\nd=TEXT 1, x=TEXT a\nb, say \"hi\"=TEXT c]",
            "8 [i\nd=TEXT 2, x=TEXT \"\n\"\n,\", say \"hi\"=TEXT é€😀]",
            "11 [i\nd=TEXT 3, x=TEXT x\r\ny\r, say \"hi\"=TEXT ]",
            "14 the row has 1 columns, the header has 3",
            "15 [i\nd=TEXT 4, x=TEXT , say \"hi\"=TEXT ]",
            "16 [i\nd=TEXT 5, x=TEXT a,b, say \"hi\"=TEXT plain\"quote]",
            "17 [i\nd=TEXT 6, x=TEXT last, say \"hi\"=TEXT no break]");
    for (int i = 1; i < content.length; i++) {
      for (int j = i; j < content.length; j += 7) {
        assertThat(PartReading.rows(input, cut(content.length, i, j)))
            .as("cut at %d and %d", i, j)
            .isEqualTo(whole);
      }
    }
    for (int size = 1; size < 40; size++) {
      assertThat(PartReading.rows(input, size)).as("parts of %d bytes", size).isEqualTo(whole);
    }
  }

  @Test
  void givesTheSameRowsAndNumbersWhereverJsonLinesAreCut() throws IOException {
    byte[] content =
        "\uFEFF{\"a\":1}\r\n\n  \n{\"b\":\"x\\ny\"}\n[]\n{\"a\":{\"c\":[1]}}\n\n{\"a\":2}"
            .getBytes(StandardCharsets.UTF_8);
    TextInput input = input("a.jsonl", content);
    List<String> whole = PartReading.rows(input, Long.MAX_VALUE);
    assertThat(whole)
        .containsExactly(
            "1 [a=WHOLE 1]",
            "4 [b=TEXT x\ny]",
            "5 the line is not a JSON object",
            "6 [a=NESTED {\"c\":[1]}]",
            "8 [a=WHOLE 2]");
    for (int size = 1; size < content.length; size++) {
      assertThat(PartReading.rows(input, size)).as("parts of %d bytes", size).isEqualTo(whole);
    }
  }

  /** The reference has its own idea of what is malformed; here all quotes are right. */
  @Test
  void readsRandomCsvAsAnotherParserDoes() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      String csv = randomCsv(random);
      byte[] content = csv.getBytes(StandardCharsets.UTF_8);
      TextInput input = input("r" + round + ".csv", content);
      List<String> expected = expected(csv);
      assertThat(PartReading.rows(input, Long.MAX_VALUE)).as("seed %d", seed).isEqualTo(expected);
      for (int i = 0; i < 5; i++) {
        assertThat(PartReading.rows(input, 1 + random.nextInt(content.length)))
            .as("seed %d", seed)
            .isEqualTo(expected);
      }
    }
  }

  private static String randomCsv(Random random) {
    StringBuilder csv = new StringBuilder("a,b\n");
    int rows = random.nextInt(40);
    for (int i = 0; i < rows; i++) {
      int fields = random.nextInt(10) == 0 ? 1 + random.nextInt(4) : 2;
      for (int j = 0; j < fields; j++) {
        csv.append(j > 0 ? "," : "").append(randomField(random));
      }
      csv.append(List.of("\n", "\r\n", "\r", "\n\n", "\r\n\n").get(random.nextInt(5)));
    }
    return csv.toString();
  }

  private static String randomField(Random random) {
    boolean quoted = random.nextBoolean();
    int length = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(10);
    StringBuilder text = new StringBuilder(quoted ? "\"" : "");
    for (int i = 0; i < length; i++) {
      String next =
          List.of("x", "é", "😀", "0123456789", "\"\"", ",", "\n", "\r\n").get(random.nextInt(8));
      boolean special = next.equals("\"\"") || next.equals(",") || next.charAt(0) < ' ';
      text.append(quoted || !special ? next : "y");
    }
    return text.append(quoted ? "\"" : "").toString();
  }

  private static List<String> expected(String csv) {
    List<String> rows = new ArrayList<>();
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(csv)) {
      for (CsvRecord record : reader) {
        List<String> fields = record.getFields();
        String row =
            fields.size() == 2
                ? "[a=TEXT " + fields.get(0) + ", b=TEXT " + fields.get(1) + "]"
                : "the row has " + fields.size() + " columns, the header has 2";
        rows.add(record.getStartingLineNumber() + " " + row);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return rows.subList(1, rows.size());
  }

  @Test
  void readsFieldsLongerThanItsBuffers() throws IOException {
    StringBuilder csv = new StringBuilder("a,b\n");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String text = "x".repeat(i * 70_001) + "\"\"\n";
      csv.append(i).append(",\"").append(text).append("\"\n");
      expected.add((2 + 2 * i) + " [a=TEXT " + i + ", b=TEXT " + text.replace("\"\"", "\"") + "]");
    }
    TextInput input = input("a.csv", csv.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(PartReading.rows(input, Long.MAX_VALUE)).isEqualTo(expected);
    assertThat(PartReading.rows(input, 300_000)).isEqualTo(expected);
  }

  @Test
  void endsWhereARowIsLongerThanItsBound() throws IOException {
    byte[] content = ("a\n1\n" + "x".repeat(3 << 20)).getBytes(StandardCharsets.UTF_8);
    TextInput input = input("a.csv", content);
    assertThatThrownBy(() -> PartReading.rows(input, Long.MAX_VALUE))
        .isInstanceOf(FeatureKvException.class)
        .hasMessageContaining("a.csv: the row after line 2 cannot be read, nor what follows")
        .hasMessageContaining("longer than the 2097152 bytes");
  }

  @Test
  void saysWhereInAPartItCannotGoOn() throws IOException {
    TextInput input = input("a.csv", "a,b\n1,2\n3,4\n5,\"6\"7\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> PartReading.rows(input, cut(20, 8)))
        .hasMessageContaining("a.csv: the row after line 1 of the part from byte 8 on cannot");
  }

  @Test
  void refusesAFileThatChangesWhileItIsRead() throws IOException {
    TextInput input = input("a.csv", "a,b\n1,2\n3,4\n".getBytes(StandardCharsets.UTF_8));
    Files.writeString(home.resolve("a.csv"), "a,b\n1,2\n3,4\n5,6\n");
    assertThatThrownBy(() -> input.open(new Part(0, 0, 12, 12)))
        .isInstanceOfSatisfying(
            FeatureKvException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(
            "a.csv has changed since the load began: it had 12 bytes, now it has 16");
  }

  @Test
  void countsTheBytesItHasRead() throws IOException {
    byte[] content = "a,b\n1,2\n3,4\n5,6\n".getBytes(StandardCharsets.UTF_8);
    TextInput input = input("a.csv", content);
    long sum = 0;
    for (Part part : input.parts(0, 5)) {
      try (RowSource source = input.open(part)) {
        while (source.next()) {
          assertThat(source.bytesRead()).isPositive();
        }
        sum += source.bytesRead();
      }
    }
    assertThat(sum).isEqualTo(content.length);
  }

  @Test
  void givesColumnsOfEveryPartTheirTypes() throws IOException {
    Path path = Files.writeString(home.resolve("a.csv"), "a,b\n1,2\n3,4\n");
    ReadOptions typed = Reading.typed(Map.of("b", ColumnType.INT64));
    TextInput input = new TextInput(new LocalFile(path), Format.CSV, typed, Set.of());
    assertThat(PartReading.rows(input, cut(12, 8)))
        .containsExactly("2 [a=TEXT 1, b=WHOLE 2]", "3 [a=TEXT 3, b=WHOLE 4]");
  }
}
