package io.featurekv.loader.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.row.PqInterval;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Row;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ParquetCellsTest {
  /** The cell that a value becomes: its type and what it holds. */
  private static String cell(
      PhysicalType type, @Nullable LogicalType logical, @Nullable Object value) {
    Row row = new Row();
    ParquetCells.of(
            new SchemaNode.PrimitiveNode("c", type, RepetitionType.OPTIONAL, logical, 0, 1, 0))
        .set(value, row, 0);
    return RowTexts.cell(row, 0);
  }

  @Test
  void keepsUnsignedIntegersExact() {
    LogicalType uint32 = new LogicalType.IntType(32, false);
    LogicalType uint64 = new LogicalType.IntType(64, false);
    assertThat(cell(PhysicalType.INT32, uint32, -1)).isEqualTo("WHOLE 4294967295");
    assertThat(cell(PhysicalType.INT32, null, -1)).isEqualTo("WHOLE -1");
    assertThat(cell(PhysicalType.INT64, uint64, -1L)).isEqualTo("BIG_WHOLE 18446744073709551615");
    assertThat(cell(PhysicalType.INT64, null, Long.MIN_VALUE))
        .isEqualTo("WHOLE -9223372036854775808");
  }

  @Test
  void writesTimesInIso8601WithTheirSeconds() {
    assertThat(cell(PhysicalType.INT64, null, Instant.parse("2024-01-01T00:00:00Z")))
        .isEqualTo("TEXT 2024-01-01T00:00:00Z");
    assertThat(cell(PhysicalType.INT64, null, LocalDateTime.of(2024, 1, 1, 0, 0)))
        .isEqualTo("TEXT 2024-01-01T00:00:00");
    assertThat(cell(PhysicalType.INT32, null, LocalTime.of(3, 4))).isEqualTo("TEXT 03:04:00");
    assertThat(cell(PhysicalType.INT32, null, LocalDate.of(2024, 2, 29)))
        .isEqualTo("TEXT 2024-02-29");
  }

  @Test
  void keepsDecimalsExactAndRefusesWhatIsNoNumber() {
    assertThat(cell(PhysicalType.INT64, null, new BigDecimal("1E+3"))).isEqualTo("BIG_WHOLE 1000");
    assertThat(cell(PhysicalType.INT64, null, new BigDecimal("1.50"))).isEqualTo("DECIMAL 1.50");
    assertThat(cell(PhysicalType.FLOAT, null, 1.1f)).isEqualTo("FLOAT 1.1");
    assertThat(cell(PhysicalType.DOUBLE, null, Double.NEGATIVE_INFINITY))
        .isEqualTo("INVALID is -Infinity, which no value may hold");
    assertThat(cell(PhysicalType.FLOAT, null, Float.NaN)).startsWith("INVALID is NaN");
  }

  @Test
  void decodesTextStrictly() {
    byte[] text = "é".getBytes(StandardCharsets.UTF_8);
    LogicalType string = new LogicalType.StringType();
    assertThat(cell(PhysicalType.BYTE_ARRAY, string, text)).isEqualTo("TEXT é");
    assertThat(cell(PhysicalType.BYTE_ARRAY, string, new byte[] {-1}))
        .isEqualTo("INVALID is not valid UTF-8");
    assertThat(cell(PhysicalType.BYTE_ARRAY, null, text)).isEqualTo("BINARY c3a9");
  }

  @Test
  void readsTheRest() {
    UUID uuid = new UUID(1, 2);
    assertThat(cell(PhysicalType.FIXED_LEN_BYTE_ARRAY, null, uuid)).isEqualTo("TEXT " + uuid);
    assertThat(cell(PhysicalType.FIXED_LEN_BYTE_ARRAY, null, new PqInterval(1, 2, 3)))
        .isEqualTo("NESTED {\"months\":1,\"days\":2,\"milliseconds\":3}");
    assertThat(cell(PhysicalType.BOOLEAN, null, true)).isEqualTo("BOOL true");
    assertThat(cell(PhysicalType.INT32, null, null)).isEqualTo("NULL");
  }
}
