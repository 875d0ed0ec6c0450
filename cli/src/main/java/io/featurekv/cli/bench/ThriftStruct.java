package io.featurekv.cli.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One struct in Thrift's compact protocol, as Parquet's footer and page headers are written:
 *
 * <pre>
 * struct := field* 0x00
 * field  := u8 (distance from the field before &lt;&lt; 4 | type)  value
 * i32, i64 := zigzag varint;  text := varint length, UTF-8
 * list   := u8 (min(size, 15) &lt;&lt; 4 | type)  [varint size, from 15 on]  value*
 * </pre>
 *
 * Fields come in rising order, at most 15 apart. Not thread-safe.
 */
final class ThriftStruct {
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int TEXT = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;
  private static final int SHORT_LIST = 14;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int lastField;

  ThriftStruct i32(int field, int value) {
    begin(field, I32);
    zigzag(value);
    return this;
  }

  ThriftStruct i64(int field, long value) {
    begin(field, I64);
    zigzag(value);
    return this;
  }

  ThriftStruct text(int field, String value) {
    begin(field, TEXT);
    text(value);
    return this;
  }

  ThriftStruct struct(int field, ThriftStruct value) {
    begin(field, STRUCT);
    out.writeBytes(value.bytes());
    return this;
  }

  ThriftStruct i32s(int field, List<Integer> values) {
    return list(field, I32, values, (self, value) -> self.zigzag(value));
  }

  ThriftStruct texts(int field, List<String> values) {
    return list(field, TEXT, values, ThriftStruct::text);
  }

  ThriftStruct structs(int field, List<ThriftStruct> values) {
    return list(field, STRUCT, values, (self, value) -> self.out.writeBytes(value.bytes()));
  }

  private <T> ThriftStruct list(
      int field, int type, List<T> values, BiConsumer<ThriftStruct, T> writer) {
    begin(field, LIST);
    int size = values.size();
    out.write((Math.min(size, SHORT_LIST + 1) << 4) | type);
    if (size > SHORT_LIST) {
      varint(size);
    }
    values.forEach(value -> writer.accept(this, value));
    return this;
  }

  private void begin(int field, int type) {
    out.write(((field - lastField) << 4) | type);
    lastField = field;
  }

  private void text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    varint(bytes.length);
    out.writeBytes(bytes);
  }

  private void zigzag(long value) {
    varint((value << 1) ^ (value >> 63));
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** The struct so far, with its end. */
  byte[] bytes() {
    byte[] fields = out.toByteArray();
    byte[] whole = new byte[fields.length + 1];
    System.arraycopy(fields, 0, whole, 0, fields.length);
    return whole;
  }
}
