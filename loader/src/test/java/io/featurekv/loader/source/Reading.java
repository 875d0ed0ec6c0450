package io.featurekv.loader.source;

import io.featurekv.loader.row.ColumnType;
import java.io.ByteArrayInputStream;
import java.util.Map;
import java.util.Set;

/** How tests read: all columns, as text, with small bounds. */
final class Reading {
  static final ReadOptions PLAIN = typed(Map.of());

  private static final int MAX_FIELD_BYTES = 1 << 20;

  private Reading() {}

  static ReadOptions typed(Map<String, ColumnType> types) {
    return new ReadOptions(
        null,
        false,
        types,
        Set.of(),
        MAX_FIELD_BYTES,
        MAX_FIELD_BYTES,
        new ByteArrayInputStream(new byte[0]));
  }

  static ReadOptions only(String... columns) {
    return new ReadOptions(
        null,
        false,
        Map.of(),
        Set.of(columns),
        MAX_FIELD_BYTES,
        MAX_FIELD_BYTES,
        new ByteArrayInputStream(new byte[0]));
  }

  static ReadOptions stdin(Format format, byte[] stdin) {
    return new ReadOptions(
        format,
        false,
        Map.of(),
        Set.of(),
        MAX_FIELD_BYTES,
        MAX_FIELD_BYTES,
        new ByteArrayInputStream(stdin));
  }

  static ReadOptions maxValue(long maxValueBytes) {
    return new ReadOptions(
        null,
        false,
        Map.of(),
        Set.of(),
        MAX_FIELD_BYTES,
        maxValueBytes,
        new ByteArrayInputStream(new byte[0]));
  }
}
