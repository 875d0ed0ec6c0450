package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values of any size come out as {@code java.time} and {@code java.math} write them. */
class ParquetTextTest {
  private static final int VALUES = 20_000;
  private static final long SEED = 5;

  private final Row row = new Row();
  private final Random random = new Random(SEED);

  private static ParquetText text(PhysicalType type, @Nullable LogicalType logical) {
    return Objects.requireNonNull(
        ParquetText.of(
            new SchemaNode.PrimitiveNode("c", type, RepetitionType.OPTIONAL, logical, 0, 1, 0)));
  }

  private String cell(ParquetText text, long value) {
    row.room(1);
    text.set(row, 0, value);
    return RowTexts.cell(row, 0);
  }

  private String cell(ParquetText text, byte[] value) {
    byte[] around = new byte[value.length + 2];
    around[0] = 0x55;
    System.arraycopy(value, 0, around, 1, value.length);
    row.room(1);
    text.set(row, 0, around, 1, value.length);
    return RowTexts.cell(row, 0);
  }

  /** Of any order of magnitude. */
  private long number() {
    return random.nextLong() >> random.nextInt(Long.SIZE);
  }

  private static LogicalType timestamp(boolean isInstant, LogicalType.TimeUnit unit) {
    return new LogicalType.TimestampType(isInstant, unit);
  }

  @Test
  void writesDatesAndTimestampsOfAnyYear() {
    ParquetText date = text(PhysicalType.INT32, new LogicalType.DateType());
    ParquetText millis = text(PhysicalType.INT64, timestamp(true, LogicalType.TimeUnit.MILLIS));
    ParquetText micros = text(PhysicalType.INT64, timestamp(true, LogicalType.TimeUnit.MICROS));
    ParquetText nanos = text(PhysicalType.INT64, timestamp(true, LogicalType.TimeUnit.NANOS));
    ParquetText local = text(PhysicalType.INT64, timestamp(false, LogicalType.TimeUnit.MILLIS));
    for (int i = 0; i < VALUES; i++) {
      long value = number();
      int day = (int) value;
      assertThat(cell(date, day)).isEqualTo("TEXT " + LocalDate.ofEpochDay(day));
      Instant at = Instant.ofEpochMilli(value);
      assertThat(cell(millis, value)).isEqualTo("TEXT " + at);
      assertThat(cell(micros, value))
          .isEqualTo(
              "TEXT "
                  + Instant.ofEpochSecond(
                      Math.floorDiv(value, 1_000_000L), Math.floorMod(value, 1_000_000L) * 1000));
      assertThat(cell(nanos, value)).isEqualTo("TEXT " + Instant.ofEpochSecond(0, value));
      assertThat(cell(local, value))
          .isEqualTo(
              "TEXT "
                  + DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                      LocalDateTime.ofEpochSecond(
                          at.getEpochSecond(), at.getNano(), ZoneOffset.UTC)));
    }
  }

  @Test
  void writesEveryDayOfFourHundredYears() {
    ParquetText date = text(PhysicalType.INT32, new LogicalType.DateType());
    long first = LocalDate.of(1600, 1, 1).toEpochDay();
    for (long day = first; day < first + 146_097; day++) {
      assertThat(cell(date, day)).isEqualTo("TEXT " + LocalDate.ofEpochDay(day));
    }
    for (String edge : new String[] {"0000-01-01", "9999-12-31", "+10000-01-01", "-0001-12-31"}) {
      assertThat(cell(date, LocalDate.parse(edge).toEpochDay())).isEqualTo("TEXT " + edge);
    }
  }

  @Test
  void writesTimesOfDayAndRefusesOthers() {
    ParquetText millis =
        text(PhysicalType.INT32, new LogicalType.TimeType(true, LogicalType.TimeUnit.MILLIS));
    ParquetText nanos =
        text(PhysicalType.INT64, new LogicalType.TimeType(false, LogicalType.TimeUnit.NANOS));
    for (int i = 0; i < VALUES; i++) {
      long nano = random.nextLong(86_400_000_000_000L);
      nano -= nano % (long) Math.pow(10, random.nextInt(10));
      assertThat(cell(nanos, nano))
          .isEqualTo(
              "TEXT " + DateTimeFormatter.ISO_LOCAL_TIME.format(LocalTime.ofNanoOfDay(nano)));
    }
    assertThat(cell(millis, 86_399_999)).isEqualTo("TEXT 23:59:59.999");
    assertThat(cell(millis, 86_400_000)).isEqualTo("INVALID is no time of day: 86400000");
    assertThat(cell(nanos, -1)).isEqualTo("INVALID is no time of day: -1");
  }

  @Test
  void writesDecimalsOfAnyLengthAndScale() {
    for (int i = 0; i < VALUES; i++) {
      int scale = random.nextInt(40);
      LogicalType type = new LogicalType.DecimalType(scale, 40);
      String kind = scale == 0 ? "BIG_WHOLE " : "DECIMAL ";
      long value = i == 0 ? Long.MIN_VALUE : number();
      assertThat(cell(text(PhysicalType.INT64, type), value))
          .isEqualTo(kind + BigDecimal.valueOf(value, scale).toPlainString());
      byte[] bytes = new byte[1 + random.nextInt(20)];
      random.nextBytes(bytes);
      for (int at = 0, filled = random.nextInt(bytes.length + 1); at < filled; at++) {
        bytes[at] = (byte) (i % 2 - 1);
      }
      assertThat(cell(text(PhysicalType.BYTE_ARRAY, type), bytes))
          .isEqualTo(kind + new BigDecimal(new BigInteger(bytes), scale).toPlainString());
    }
    assertThatThrownBy(() -> new LogicalType.DecimalType(-1, 9))
        .as("no file brings a negative scale")
        .isInstanceOf(IllegalArgumentException.class);
    LogicalType type = new LogicalType.DecimalType(2, 9);
    assertThat(cell(text(PhysicalType.BYTE_ARRAY, type), new byte[0]))
        .isEqualTo("INVALID is a decimal of no bytes");
  }
}
