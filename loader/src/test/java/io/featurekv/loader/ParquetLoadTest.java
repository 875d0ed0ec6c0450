package io.featurekv.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.UpdateMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files are described beside them. */
class ParquetLoadTest {
  @TempDir Path home;

  private static byte[] bytes(String name) {
    try (InputStream in = ParquetLoadTest.class.getResourceAsStream("/parquet/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Load load(String name) {
    return new Load(home).file(name, bytes(name));
  }

  @Test
  void readsThePhysicalTypesPlainAndInSnappy() {
    Map<String, String> plain = load("alltypes_plain.parquet").texts();
    assertThat(plain).containsOnlyKeys("0", "1", "2", "3", "4", "5", "6", "7");
    assertThat(plain)
        .containsEntry(
            "5",
            "{\"bool_col\":false,\"tinyint_col\":1,\"smallint_col\":1,\"int_col\":1,\"bigint_col\":10,"
                + "\"float_col\":1.1,\"double_col\":10.1,\"date_string_col\":\"03/01/09\","
                + "\"string_col\":\"1\",\"timestamp_col\":\"2009-03-01T00:01:00Z\"}");
    Map<String, String> snappy = load("alltypes_plain.snappy.parquet").texts();
    assertThat(snappy).containsOnlyKeys("6", "7");
  }

  @Test
  void takesBinaryKeysAndValuesRaw() {
    Load load = load("binary.parquet").keys("foo").value("foo");
    assertThat(load.run().entries()).isEqualTo(12);
    load.writers.entries().forEach((key, value) -> assertThat(key).hasSize(1).isEqualTo(value));
    assertThat(load.writers.entries()).containsKeys(new byte[] {0}, new byte[] {11});
  }

  @Test
  void joinsColumnsOfDifferentTypesToAKey() {
    Load load = load("alltypes_plain.snappy.parquet").keys("date_string_col", "bool_col", "id");
    assertThat(load.texts()).containsOnlyKeys("04/01/09:true:6", "04/01/09:false:7");
    load.keys("float_col");
    load.maxRejected = 2;
    load.allowEmpty = true;
    assertThat(load.run().firstRejected().getFirst().reason()).contains("floating-point");
  }

  @Test
  void readsZstdAndGzip() {
    Load zstd = load("byte_stream_split.zstd.parquet").keys("f32");
    zstd.maxRejected = 300;
    zstd.allowEmpty = true;
    assertThat(zstd.run().rejected()).isEqualTo(300);
    Load gzip = load("concatenated_gzip_members.parquet").keys("long_col");
    assertThat(gzip.run().entries()).isEqualTo(513);
    assertThat(gzip.writers.texts()).containsKeys("1", "513");
  }

  @Test
  void writesDecimalsAndTimestamps() {
    Load decimals = load("int64_decimal.parquet").keys("value");
    assertThat(decimals.texts()).containsKeys("1.00", "24.00").hasSize(24);
    Load times = load("int96_from_spark.parquet").keys("a");
    times.maxRejected = 1;
    assertThat(times.run().firstRejected())
        .containsExactly(new RejectedRow(times.inputs.getFirst(), 5, "key column 'a' is null"));
    assertThat(times.writers.texts()).containsKey("2024-01-01T20:34:56.123456Z");
  }

  @Test
  void writesTimesAndDecimalsOfEveryUnitAndWidthAsTextAndNumbers() {
    Load load = load("times_and_decimals.parquet").keys("day", "at_us", "price_fixed");
    load.maxRejected = 1;
    Map<String, String> texts = load.texts();
    assertThat(texts)
        .containsEntry(
            "2024-02-29:2024-01-01T20\\:54\\:56.123456Z:1.500000000000000000",
            "{\"id\":2,\"small\":-1,\"short\":-1,"
                + "\"time_ms\":\"23:59:59.999\",\"time_us\":\"23:59:59.999999\","
                + "\"time_ns\":\"23:59:59.999999999\",\"at_ms\":\"2024-01-01T20:54:56.123Z\","
                + "\"at_ns\":\"2024-01-01T20:54:56.123456789Z\","
                + "\"local_ms\":\"2024-01-01T20:54:56.12\","
                + "\"local_us\":\"2024-01-01T20:54:56.1234\","
                + "\"local_ns\":\"2024-01-01T20:54:56.123456789\","
                + "\"price_int\":1.50,\"price_long\":1.5000,\"whole\":1}")
        .hasSize(7);
  }

  @Test
  void takesTimestampsThatAreInstantsForExpiries() {
    Load load = load("times_and_decimals.parquet").value("small");
    load.maxRejected = 8;
    load.allowEmpty = true;
    for (String column : List.of("at_us", "at_ns")) {
      load.expiresColumn = column;
      load.run();
      assertThat(load.writers.expiries())
          .as(column)
          .containsEntry("2", 1_704_142_497L)
          .containsEntry("6", 1_900_000_000L)
          .containsEntry("7", 1_900_000_001L);
    }
    load.expiresColumn = "local_us";
    assertThat(load.run().firstRejected().get(2).reason())
        .isEqualTo(
            "expires column 'local_us' is no time: '2024-01-01T20:54:56.1234'; expected seconds or"
                + " milliseconds since 1970, or an instant like 2030-01-31T12:00:00Z");
  }

  @Test
  void takesWholeDecimalsOfTheDeleteColumn() {
    Load load = load("decimal_flags.parquet");
    load.deleteColumn = "gone";
    load.mode = UpdateMode.INCREMENTAL;
    load.maxRejected = 2;
    BuildResult result = load.run();
    assertThat(load.writers.tombstoneTexts()).containsExactly("1");
    assertThat(load.writers.texts()).containsOnlyKeys("2", "3");
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .satisfiesExactly(
            reason -> assertThat(reason).contains("says neither yes nor no: '2'; expected true"),
            reason -> assertThat(reason).contains("says neither yes nor no: '-1'; expected true"));
  }

  @Test
  void rejectsNaN() {
    Load load = load("float16_nonzeros_and_nans.parquet").keys("x").value("x");
    load.maxRejected = 100;
    load.allowEmpty = true;
    BuildResult result = load.run();
    assertThat(result.rejected()).isEqualTo(8);
    assertThat(result.firstRejected())
        .extracting(RejectedRow::reason)
        .contains("key column 'x' is NaN, which no value may hold");
  }

  @Test
  void writesNestedColumnsAsJson() {
    Map<String, String> texts = load("nullable.impala.parquet").texts();
    assertThat(texts).hasSize(7);
    assertThat(texts)
        .containsEntry(
            "2",
            "{\"int_array\":[null,1,2,null,3,null],"
                + "\"int_array_Array\":[[null,1,2,null],[3,null,4],[],null],"
                + "\"int_map\":{\"k1\":2,\"k2\":null},"
                + "\"int_Map_Array\":[{\"k3\":null,\"k1\":1},null,{}],"
                + "\"nested_struct\":{\"A\":null,\"b\":[null],\"C\":{\"d\":[["
                + "{\"E\":null,\"F\":null},{\"E\":10,\"F\":\"aaa\"},{\"E\":null,\"F\":null},"
                + "{\"E\":-10,\"F\":\"bbb\"},{\"E\":null,\"F\":null}],"
                + "[{\"E\":11,\"F\":\"c\"},null],[],null]},"
                + "\"g\":{\"g1\":{\"H\":{\"i\":[2.2,null]}},\"g2\":{\"H\":{\"i\":[]}},"
                + "\"g3\":null,\"g4\":{\"H\":{\"i\":null}},\"g5\":{\"H\":null}}}}")
        .containsEntry(
            "6",
            "{\"int_array\":null,\"int_array_Array\":null,\"int_map\":null,"
                + "\"int_Map_Array\":null,\"nested_struct\":null}");
    Load maps = load("map_no_value.parquet").keys("my_list");
    maps.maxRejected = 3;
    maps.allowEmpty = true;
    assertThat(maps.run().firstRejected().getFirst().reason()).contains("object or an array");
  }

  @Test
  void refusesWhatIsNoParquetFile() {
    for (String content : List.of("", "id,x\n1,2\n", "PAR1PAR1PAR1PAR1")) {
      FeatureKvException failure = Load.of(home, "a.parquet", content).failure();
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure).hasMessageContaining("a.parquet is not a Parquet file");
    }
  }

  @Test
  void refusesATruncatedOrDamagedFile() throws IOException {
    byte[] whole = bytes("alltypes_plain.snappy.parquet");
    for (int length = whole.length - 1; length > 0; length -= 97) {
      Load load = new Load(home).file("a.parquet", Arrays.copyOf(whole, length));
      assertThat(load.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
    Arrays.fill(whole, 4, 400, (byte) 0x55);
    FeatureKvException failure = new Load(home).file("b.parquet", whole).failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure).hasMessageContaining("b.parquet");
    assertThat(Files.exists(home.resolve("b.parquet"))).isTrue();
  }

  @Test
  void listsItsColumnsWhereTheKeyColumnIsMissing() {
    FeatureKvException failure = load("binary.parquet").failure();
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(failure).hasMessageEndingWith("no key column 'id'; its columns are: foo");
  }
}
