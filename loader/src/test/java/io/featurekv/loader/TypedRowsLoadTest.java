package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowBytes;
import io.featurekv.model.RowColumn;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowSchema;
import io.featurekv.model.RowView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loads into a table that has columns. */
class TypedRowsLoadTest {
  private static final String COLUMNS =
      "age:int64,score:float=0.5,ratio:double?,on:bool?,name:string=,raw:bytes?,emb:list<float>?";

  @TempDir Path home;

  private static Load of(Load load, String columns) {
    load.schema = RowSchema.of(RowColumn.parseAll(columns));
    return load;
  }

  private Load load(String file, String content) {
    return of(Load.of(home, file, content), COLUMNS);
  }

  /** The entries, their rows as JSON. */
  private static Map<String, String> rows(Load load) {
    load.run();
    RowView view = new RowView(load.schema);
    Map<String, String> rows = new TreeMap<>();
    load.writers
        .entries()
        .forEach(
            (key, row) ->
                rows.put(
                    new String(key, StandardCharsets.UTF_8),
                    RowJson.of(view.wrap(RowBytes.of(row), 0, row.length))));
    return rows;
  }

  @Test
  void columnsOfCsvHaveTheTypesOfTheTable() {
    Load load =
        load(
            "a.csv",
            """
            emb,id,age,score,ratio,on,name,raw,else
            "[1.0, .5,-2e1]",a,7,0.1,1234567890.125,true,Ada,AAE=,x
            [],b,-1,16777217,1e3,,,,x
            """);
    load.valueEncoding = "base64";
    assertThat(rows(load))
        .isEqualTo(
            Map.of(
                "a",
                "{\"age\":7,\"score\":0.1,\"ratio\":1.234567890125E9,\"on\":true,\"name\":\"Ada\",\"raw\":\"AAE=\",\"emb\":[1.0,0.5,-20.0]}",
                "b",
                "{\"age\":-1,\"score\":1.6777216E7,\"ratio\":1000.0,\"on\":null,\"name\":\"\",\"raw\":\"\",\"emb\":[]}"));
  }

  @Test
  void columnsThatARowDoesNotHaveGetTheirDefaults() {
    Load load =
        load(
            "a.jsonl",
            """
            {"id":"a","age":3.0,"emb":[1,2.5],"name":"x","raw":"é","on":false,"score":1}
            {"id":"b","age":9007199254740993}
            {"id":"c","age":1,"ratio":null}
            """);
    assertThat(rows(load))
        .isEqualTo(
            Map.of(
                "a",
                "{\"age\":3,\"score\":1.0,\"ratio\":null,\"on\":false,\"name\":\"x\",\"raw\":\"w6k=\",\"emb\":[1.0,2.5]}",
                "b",
                "{\"age\":9007199254740993,\"score\":0.5,\"ratio\":null,\"on\":null,\"name\":\"\",\"raw\":null,\"emb\":null}",
                "c",
                "{\"age\":1,\"score\":0.5,\"ratio\":null,\"on\":null,\"name\":\"\",\"raw\":null,\"emb\":null}"));
  }

  @Test
  void timesAndDecimalsOfParquetGoIntoStringsAndDoubles() throws IOException {
    byte[] file;
    try (InputStream in =
        TypedRowsLoadTest.class.getResourceAsStream("/parquet/times_and_decimals.parquet")) {
      file = in.readAllBytes();
    }
    Load load =
        of(
            new Load(home).file("a.parquet", file),
            "at_ms:string?,day:string?,price_fixed:double?,price_int:float?,whole:double?");
    assertThat(rows(load))
        .containsEntry(
            "2",
            "{\"at_ms\":\"2024-01-01T20:54:56.123Z\",\"day\":\"2024-02-29\",\"price_fixed\":1.5,"
                + "\"price_int\":1.5,\"whole\":1.0}")
        .containsEntry(
            "5",
            "{\"at_ms\":null,\"day\":null,\"price_fixed\":null,\"price_int\":null,\"whole\":null}");
    for (String column : new String[] {"at_ms", "day", "time_us", "local_ns"}) {
      of(load, column + ":int64?");
      assertThat(load.failure())
          .hasMessageContaining("column '" + column + "' is text, not an int64: ");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"age\":1.5}|column 'age' is 1.5, which is no int64",
        "{\"age\":9223372036854775808}|column 'age' is 9223372036854775808, which is no int64",
        "{\"age\":1e99999999999}|column 'age' is 1e99999999999, which is no int64",
        "{\"age\":\"1\"}|column 'age' is text, not an int64: 1",
        "{\"age\":null}|column 'age' is null and may not be",
        "{\"name\":\"x\"}|column 'age' is missing and has no default",
        "{\"age\":1,\"score\":1e40}|column 'score' is 1e40, which is beyond a float",
        "{\"age\":1,\"ratio\":1e400}|column 'ratio' is 1e400, which is beyond a double",
        "{\"age\":1,\"on\":1}|column 'on' is a number, not a bool: 1",
        "{\"age\":1,\"name\":7}|column 'name' is a number, not a string: 7",
        "{\"age\":1,\"emb\":[1,null]}|column 'emb' is [1,null], in which an element is no float",
        "{\"age\":1,\"emb\":[1,[2]]}|column 'emb' is [1,[2]], in which an element is no float",
        "{\"age\":1,\"emb\":\"[1,NaN]\"}|column 'emb' is [1,NaN], in which an element is not"
            + " finite",
        "{\"age\":1,\"emb\":\"[-Infinity]\"}|column 'emb' is [-Infinity], in which an element is"
            + " not finite",
        "{\"age\":1,\"emb\":{}}|column 'emb' is {}, which is no list<float> like [1.0,2.5]"
      })
  void valueThatItsColumnCannotHoldRejectsTheRow(String json, String because) {
    String line = "{\"id\":\"bad\"," + json.substring(1);
    Load load = load("a.jsonl", "{\"id\":\"good\",\"age\":1}\n" + line + "\n");
    load.maxRejected = 1;
    BuildResult result = load.run();
    assertThat(result.entries()).isEqualTo(1);
    assertThat(result.firstRejected().getFirst().reason()).startsWith(because);
  }

  @Test
  void emptyTextIsNoList() {
    assertThat(rows(of(Load.of(home, "a.csv", "id,n,emb\na,1,\n"), "n:int64,emb:list<float>?")))
        .containsEntry("a", "{\"n\":1,\"emb\":null}");
    Load load = of(Load.of(home, "b.csv", "id,n,emb\na,1,\nb,2,[]\n"), "n:int64,emb:list<float>");
    load.maxRejected = 1;
    assertThat(load.run().firstRejected().getFirst().reason())
        .isEqualTo("column 'emb' is null and may not be");
  }

  @Test
  void decimalsInWhateverFormAreRoundedOnce() {
    // Just below the middle of two floats, where the nearest double lies.
    String low = "1.00000017881393432617187499";
    String csv = "id,f\na," + low + "\nb,+" + low + "\nc,0" + low + "\nd,-.5\ne,+007.e1\n";
    assertThat(rows(of(Load.of(home, "a.csv", csv), "f:float")))
        .isEqualTo(
            Map.of(
                "a",
                "{\"f\":1.0000001}",
                "b",
                "{\"f\":1.0000001}",
                "c",
                "{\"f\":1.0000001}",
                "d",
                "{\"f\":-0.5}",
                "e",
                "{\"f\":70.0}"));
    Load json = Load.of(home, "b.csv", csv);
    json.types.put("f", "float");
    assertThat(json.texts())
        .containsEntry("b", "{\"f\":" + low + "}")
        .containsEntry("c", "{\"f\":" + low + "}")
        .containsEntry("d", "{\"f\":-0.5}")
        .containsEntry("e", "{\"f\":7e1}");
  }

  @Test
  void fileWithoutAColumnThatNeedsAValueIsRefusedByName() {
    FeatureKvException failure = load("a.csv", "id,score\na,1\n").failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure)
        .hasMessageContaining("a.csv has no column 'age'")
        .hasMessageContaining("its columns are: id, score");
    assertThat(load("b.jsonl", "{\"id\":\"a\",\"score\":1}\n").failure())
        .hasMessageContaining("has no column 'age'");
  }

  @Test
  void otherValuesThanRowsAreRefusedAndRowsWithoutColumnsToo() {
    Load raw = load("a.csv", "id,age\na,1\n").value("age");
    assertThat(raw.failure()).hasMessageContaining("its values are rows of age:int64,score:float");
    Load json = load("a.csv", "id,age\na,1\n");
    json.valueFormat = "json";
    assertThat(json.failure()).hasMessageContaining("load it with --value-format row");
    Load rows = Load.of(home, "a.csv", "id,age\na,1\n");
    rows.valueFormat = "row";
    assertThat(rows.failure()).hasMessageContaining("no columns to make rows of");
  }

  @Test
  void parquetGivesItsTypes() throws IOException {
    byte[] file;
    try (InputStream in = getClass().getResourceAsStream("/parquet/alltypes_plain.parquet")) {
      file = in.readAllBytes();
    }
    Load load =
        of(
            new Load(home).file("alltypes_plain.parquet", file),
            "id:int64,bool_col:bool,float_col:float,double_col:double,float_col2:double?,"
                + "string_col:string,date_string_col:bytes");
    assertThat(rows(load))
        .hasSize(8)
        .containsEntry(
            "5",
            "{\"id\":5,\"bool_col\":false,\"float_col\":1.1,\"double_col\":10.1,\"float_col2\":null,"
                + "\"string_col\":\"1\",\"date_string_col\":\"MDMvMDEvMDk=\"}");
    assertThat(rows(of(new Load(home).file("b.parquet", file), "float_col:double")))
        .containsEntry("5", "{\"float_col\":1.100000023841858}");
  }

  @Test
  void typesOfTextsThatBecomeJsonAreThoseOfRows() {
    Load load = Load.of(home, "a.csv", "id,f,l,b\na,0.1,\"[1, .5]\",xy\n");
    load.types.putAll(Map.of("f", "float", "l", "list<float>", "b", "bytes"));
    assertThat(load.texts()).containsEntry("a", "{\"f\":0.1,\"l\":[1.0,0.5],\"b\":\"xy\"}");
    Load wrong = Load.of(home, "b.csv", "id,f\na,1e39\n");
    wrong.types.put("f", "float");
    assertThat(wrong.failure()).hasMessageContaining("'f' is beyond a float: '1e39'");
    Load endless = Load.of(home, "c.csv", "id,l\na,\"[1,Infinity]\"\n");
    endless.types.put("l", "list<float>");
    assertThat(endless.failure())
        .hasMessageContaining("'l' has an element that is not finite: '[1,Infinity]'");
  }
}
