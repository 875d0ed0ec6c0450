package io.featurekv.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a row is, to the byte. */
class RowBytesTest {
  private static final String COLUMNS =
      "id:int64,score:float=0.5,on:bool,name:string?,emb:list<float>,raw:bytes=AAE=";

  private static RowSchema schema() {
    return RowSchema.of(RowColumn.parseAll(COLUMNS));
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static RowView view(RowSchema schema, byte[] row) {
    return new RowView(schema).wrap(RowBytes.of(row), 0, row.length);
  }

  @Test
  void rowWithoutNullsIsTheseBytes() {
    RowWriter writer = new RowWriter(schema());
    writer.begin();
    writer.setLong(0, 0x0102030405060708L);
    writer.setFloat(1, 1.5f);
    writer.setBoolean(2, true);
    writer.setString(3, "né");
    writer.setFloats(4, new float[] {1, -2});
    writer.setBytes(5, new byte[] {9, (byte) 0xFF, 7}, 1, 1);
    writer.finish();
    assertThat(writer.toBytes())
        .isEqualTo(
            hex(
                "10 01" // layout 1, ends of a byte, no nulls; version 1
                    + "01" // on: true
                    + "08 07 06 05 04 03 02 01" // id
                    + "00 00 c0 3f" // score 1.5
                    + "6e c3 a9" // name
                    + "00 00 80 3f 00 00 00 c0" // emb
                    + "ff" // raw
                    + "03 0b")); // name ends at 3, emb at 11, raw where the ends begin
  }

  @Test
  void nullsAndDefaultsAreTheseBytes() {
    RowWriter writer = new RowWriter(schema());
    writer.begin();
    writer.setLong(0, -1);
    writer.setBoolean(2, false);
    writer.setNull(3);
    writer.beginFloats(4);
    writer.finish();
    assertThat(writer.toBytes())
        .isEqualTo(
            hex(
                "14 01" // with nulls
                    + "08" // column 3, name
                    + "00" // on: false
                    + "ff ff ff ff ff ff ff ff" // id
                    + "00 00 00 3f" // score 0.5
                    + "00 01" // raw
                    + "00 00")); // name and emb have no bytes
  }

  @Test
  void longRowsHaveWiderEnds() {
    RowWriter writer = new RowWriter(RowSchema.of(RowColumn.parseAll("a:bytes,b:bytes")));
    for (int length : new int[] {254, 255, 65_534, 65_535}) {
      writer.begin();
      writer.setBytes(0, new byte[length], 0, length);
      writer.setBytes(1, new byte[] {1}, 0, 1);
      writer.finish();
      int width = length == 254 ? 1 : length == 65_535 ? 4 : 2;
      assertThat(writer.length()).isEqualTo(2 + length + 1 + width);
      RowView row =
          new RowView(writer.schema())
              .wrap(RowBytes.of(writer.array()), writer.offset(), writer.length());
      assertThat(row.getBytes("a")).hasSize(length);
      assertThat(row.getBytes("b")).containsExactly(1);
    }
  }

  @Test
  void refusesRowsThatTheColumnsDoNotAllow() {
    RowWriter writer = new RowWriter(schema());
    writer.begin();
    assertThatThrownBy(() -> writer.setBoolean(2, true))
        .isInstanceOf(FeatureKvException.class)
        .hasMessage("column 'id' has no value and no default");
    writer.begin();
    assertThatThrownBy(() -> writer.setNull(0)).hasMessage("column 'id' is null and may not be");
    writer.begin();
    assertThatThrownBy(() -> writer.setDouble(0, 1)).hasMessage("column 'id' is int64, not double");
    writer.begin();
    writer.setLong(0, 1);
    writer.setFloat(1, 1);
    assertThatThrownBy(() -> writer.setLong(0, 1)).hasMessageContaining("set in order");
  }

  @Test
  void readsRowsOfOlderVersions() {
    RowSchema first = schema();
    RowWriter writer = new RowWriter(first);
    writer.begin();
    writer.setLong(0, 7);
    writer.setFloat(1, 0.1f);
    writer.setBoolean(2, true);
    writer.setFloats(4, new float[] {3});
    writer.finish();
    byte[] row = writer.toBytes();

    RowSchema later =
        first.evolve(
            "users",
            first.with(
                RowColumn.parseAll(
                    "score:double,city:string=Oslo,age:int64?,weights:list<float>=[1.0,2.5]")));
    RowView view = view(later, row);
    assertThat(view.getLong("id")).isEqualTo(7);
    assertThat(view.getDouble("score")).isEqualTo(0.1f);
    assertThat(view.isNull("name")).isTrue();
    assertThat(view.getString("name")).isNull();
    assertThat(view.getString("city")).isEqualTo("Oslo");
    assertThat(view.isNull("age")).isTrue();
    assertThatThrownBy(() -> view.getLong("age")).isInstanceOf(IllegalStateException.class);
    assertThat(view.getFloats("weights")).containsExactly(1, 2.5f);
    assertThat(RowJson.of(view))
        .isEqualTo(
            "{\"id\":7,\"score\":0.10000000149011612,\"on\":true,\"name\":null,\"emb\":[3.0],"
                + "\"raw\":\"AAE=\",\"city\":\"Oslo\",\"age\":null,\"weights\":[1.0,2.5]}");
  }

  @Test
  void refusesBytesThatAreNoRow() {
    RowSchema schema = schema();
    for (String bytes :
        List.of(
            "",
            "10",
            "10 01",
            "10 00",
            "10 02",
            "20 01",
            "18 01",
            "13 01 00",
            "7b 22 61 22 3a 31 7d")) {
      byte[] row = hex(bytes);
      assertThatThrownBy(() -> view(schema, row))
          .as(bytes)
          .isInstanceOfSatisfying(
              FeatureKvException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }
    byte[] broken = hex("10 01 00 0000000000000000 00000000 6e 05 01"); // name ends behind the row
    assertThatThrownBy(() -> view(schema, broken).getString("name"))
        .hasMessageContaining("column 'name'");
  }
}
