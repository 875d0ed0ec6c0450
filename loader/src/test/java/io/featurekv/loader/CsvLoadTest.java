package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLoadTest {
  @TempDir Path home;

  @Test
  void keepsLeadingZerosQuotesCommasAndLineBreaks() {
    Load load =
        Load.of(
                home,
                "places.csv",
                """
                zip,name,state
                00501,"Holtsville, Long Island",NY
                00544,"The ""Other"" one",NY
                01001,"two
                lines",MA
                """)
            .keys("zip");
    assertThat(load.texts())
        .containsExactly(
            Map.entry("00501", "{\"name\":\"Holtsville, Long Island\",\"state\":\"NY\"}"),
            Map.entry("00544", "{\"name\":\"The \\\"Other\\\" one\",\"state\":\"NY\"}"),
            Map.entry("01001", "{\"name\":\"two\\nlines\",\"state\":\"MA\"}"));
  }

  @Test
  void readsTabsAndCarriageReturnsAndByteOrderMarks() {
    assertThat(Load.of(home, "a.tsv", "\uFEFFid\tx\r\n1\ta,b\r\n").texts())
        .containsExactly(Map.entry("1", "{\"x\":\"a,b\"}"));
    assertThat(Load.of(home, "b.tab", "id\tx\n2\t\"q\tt\"\n").texts())
        .containsExactly(Map.entry("2", "{\"x\":\"q\\tt\"}"));
    assertThat(Load.of(home, "c.csv", "\uFEFFid,x\n3,é€😀\n").texts())
        .containsExactly(Map.entry("3", "{\"x\":\"é€😀\"}"));
  }

  @Test
  void escapesControlCharactersOfJson() {
    assertThat(Load.of(home, "a.csv", "id,x\n1,\"a\u0001\b\f\t\\\"\n").texts())
        .containsExactly(Map.entry("1", "{\"x\":\"a\\u0001\\b\\f\\t\\\\\"}"));
  }

  @Test
  void takesTypesFromTheOption() {
    Load load =
        Load.of(
            home,
            "a.csv",
            """
            id,n,d,b,s
            1,-007,40.9220,yes,
            2,9223372036854775807,+.5e3,F,x
            3,,,,
            """);
    load.types.putAll(Map.of("n", "int64", "d", "double", "b", "bool", "s", "string"));
    assertThat(load.texts())
        .containsExactly(
            Map.entry("1", "{\"n\":-7,\"d\":40.9220,\"b\":true,\"s\":\"\"}"),
            Map.entry("2", "{\"n\":9223372036854775807,\"d\":0.5e3,\"b\":false,\"s\":\"x\"}"),
            Map.entry("3", "{\"n\":null,\"d\":null,\"b\":null,\"s\":\"\"}"));
  }

  @Test
  void rejectsTextThatIsNotOfItsType() {
    Load load =
        Load.of(
            home,
            "a.csv",
            """
            id,n,d,b
            1,1.5,0,0
            2,9223372036854775808,0,0
            3,0,NaN,0
            4,0,1e999,0
            5,0,0x10,0
            6,0,1f,0
            7,0,0,maybe
            8,0,0,0
            """);
    load.types.putAll(Map.of("n", "int64", "d", "double", "b", "bool"));
    load.maxRejected = 7;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("8");
    assertThat(result.rejected()).isEqualTo(7);
    assertThat(result.firstRejected())
        .extracting(BuildResult.RejectedRow::reason)
        .containsExactly(
            "column 'n' is not an int64: '1.5'",
            "column 'n' is not an int64: '9223372036854775808'",
            "column 'd' is not a finite double: 'NaN'",
            "column 'd' is not a finite double: '1e999'",
            "column 'd' is not a finite double: '0x10'",
            "column 'd' is not a finite double: '1f'",
            "column 'b' is not a bool: 'maybe'");
    assertThat(result.firstRejected())
        .extracting(BuildResult.RejectedRow::row)
        .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void rejectsRowsOfAnotherWidthWithTheirLines() {
    Load load = Load.of(home, "a.csv", "id,x\n1,\"a\nb\"\n2\n\n3,c,d\n4,e\n");
    load.maxRejected = 2;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("1", "4");
    assertThat(result.firstRejected())
        .extracting(BuildResult.RejectedRow::toString)
        .containsExactly(
            home.resolve("a.csv") + ":4: the row has 1 columns, the header has 2",
            home.resolve("a.csv") + ":6: the row has 3 columns, the header has 2");
  }

  @Test
  void rejectsBytesThatAreNotUtf8WithTheirLines() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("id,x\n1,fine\n2,".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xFF);
    bytes.writeBytes("\n3,".getBytes(StandardCharsets.UTF_8));
    // A surrogate encoded by itself, and a character cut short at the end of the file.
    bytes.writeBytes(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
    bytes.writeBytes("\n4,é\n5,".getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(new byte[] {(byte) 0xE2, (byte) 0x82});
    Load load = new Load(home).file("a.csv", bytes.toByteArray());
    load.maxRejected = 3;
    BuildResult result = load.run();
    assertThat(load.writers.texts()).containsOnlyKeys("1", "4");
    assertThat(result.firstRejected())
        .extracting(BuildResult.RejectedRow::row)
        .containsExactly(3L, 4L, 6L);
    assertThat(result.firstRejected().getFirst().reason())
        .isEqualTo("column 'x' is not valid UTF-8");
  }

  @Test
  void refusesQuotesThatDoNotClose() {
    FeatureKvException failure = Load.of(home, "a.csv", "id,x\n1,a\n2,\"b\n3,c\n").failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure).hasMessageContaining("a.csv").hasMessageContaining("after line 2");
  }

  @Test
  void refusesTextBehindAClosingQuote() {
    FeatureKvException failure = Load.of(home, "a.csv", "id,x\n1,\"b\"c\n").failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure).hasMessageContaining("a.csv");
  }

  @Test
  void refusesAMissingKeyColumnAndListsThoseThereAre() {
    FeatureKvException failure = Load.of(home, "a.csv", "a,b\n1,2\n").failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure)
        .hasMessage(home.resolve("a.csv") + " has no key column 'id'; its columns are: a, b");
  }

  @Test
  void refusesMissingValueDeleteAndTypedColumns() {
    assertThat(Load.of(home, "a.csv", "id,b\n1,2\n").value("v").failure())
        .hasMessageContaining("no value column 'v'");
    Load deletes = Load.of(home, "a.csv", "id,b\n1,2\n");
    deletes.deleteColumn = "gone";
    assertThat(deletes.failure()).hasMessageContaining("no delete column 'gone'");
    Load typed = Load.of(home, "a.csv", "id,b\n1,2\n");
    typed.types.put("c", "int64");
    assertThat(typed.failure()).hasMessageContaining("no column 'c'");
    typed.types.clear();
    typed.types.put("b", "int");
    assertThat(typed.failure()).hasMessageContaining("type 'int' of column 'b'");
  }

  @Test
  void refusesAColumnThatIsThereTwice() {
    assertThat(Load.of(home, "a.csv", "id,b,b\n1,2,3\n").failure())
        .hasMessageContaining("column 'b' is there twice");
  }

  @Test
  void takesAFileOfNoBytesForOneWithoutRows() {
    Load load = Load.of(home, "a.csv", "");
    assertThat(load.failure().code()).isEqualTo(ErrorCode.CONFLICT);
    load.allowEmpty = true;
    assertThat(load.run().rows()).isZero();
    assertThat(load.file("b.csv", "id,x\n1,2\n").texts()).containsOnlyKeys("1");
  }

  @Test
  void readsSeveralFilesInOrderAndTheirColumnsByName() {
    Load load = Load.of(home, "b.csv", "id,x,y\n1,b,b\n2,b,b\n").file("a.csv", "y,id\na,2\na,3\n");
    assertThat(load.texts())
        .containsExactly(
            Map.entry("1", "{\"x\":\"b\",\"y\":\"b\"}"),
            Map.entry("2", "{\"y\":\"a\"}"),
            Map.entry("3", "{\"y\":\"a\"}"));
  }

  @Test
  void writesAnEmptyObjectWhereThereAreOnlyKeys() {
    assertThat(Load.of(home, "a.csv", "id\n1\n").texts()).containsExactly(Map.entry("1", "{}"));
    assertThat(Load.of(home, "a.csv", "a,b\n1,2\n").keys("b", "a").texts())
        .isEqualTo(Map.of("2:1", "{}"));
  }

  @Test
  void readsStandardInputInAGivenFormat() {
    Load load = new Load(home).input("-");
    load.stdin = "id,x\n1,2\n".getBytes(StandardCharsets.UTF_8);
    assertThat(load.failure()).hasMessageContaining("--format");
    load.format = "csv";
    assertThat(load.texts()).isEqualTo(Map.of("1", "{\"x\":\"2\"}"));
    load.format = "parquet";
    assertThat(load.failure()).hasMessageContaining("standard input");
    load.inputs.add("-");
    load.format = "csv";
    assertThat(load.failure()).hasMessageContaining("twice");
  }

  @Test
  void loadsTheRawTextOfOneColumn() {
    assertThat(Load.of(home, "a.csv", "id,x,v\n1,2,\"a,\"\"b\"\n").value("v").texts())
        .isEqualTo(Map.of("1", "a,\"b"));
    Load hex = Load.of(home, "a.csv", "id,v\n1,00fF\n2,xyz\n3,0\n").value("v");
    hex.valueEncoding = "hex";
    hex.maxRejected = 2;
    BuildResult result = hex.run();
    assertThat(List.copyOf(hex.writers.entries().values())).containsExactly(new byte[] {0, -1});
    assertThat(result.firstRejected().getFirst().reason())
        .isEqualTo("value column 'v' is not hex: 'xyz'");
    Load base64 = Load.of(home, "a.csv", "id,v\n1,AP8=\n").value("v");
    base64.valueEncoding = "base64";
    base64.run();
    assertThat(List.copyOf(base64.writers.entries().values())).containsExactly(new byte[] {0, -1});
  }
}
