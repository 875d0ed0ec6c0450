package io.featurekv.loader.source;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.row.PqInterval;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.CellText;
import io.featurekv.loader.row.CellType;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.row.Utf8Text;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes cells of one Parquet column's values: integers exact (unsigned ones too), decimals exact,
 * dates, times and timestamps in ISO-8601 (with Z where they are instants), structs and maps as
 * JSON objects, lists as JSON arrays. NaN and the infinities are invalid.
 */
final class ParquetCells {
  private final SchemaNode node;
  private final boolean unsigned;
  private final boolean text;

  private ParquetCells(SchemaNode node) {
    this.node = node;
    LogicalType type =
        node instanceof SchemaNode.PrimitiveNode primitive ? primitive.logicalType() : null;
    this.unsigned = type instanceof LogicalType.IntType integer && !integer.isSigned();
    this.text =
        type instanceof LogicalType.StringType
            || type instanceof LogicalType.EnumType
            || type instanceof LogicalType.JsonType;
  }

  static ParquetCells of(SchemaNode node) {
    return new ParquetCells(node);
  }

  /** Sets a cell to what stands at a position of the row that {@code rows} stands at. */
  void read(StructAccessor rows, int position, Row row, int cell) {
    if (rows.isNull(position)) {
      row.setNull(cell);
    } else {
      // Decoded text would have its malformed bytes replaced, so text is taken raw.
      set(text || unsigned ? rows.getRawValue(position) : rows.getValue(position), row, cell);
    }
  }

  /** Sets a cell to a value that is taken raw where it is text or unsigned, decoded otherwise. */
  void set(@Nullable Object value, Row row, int cell) {
    switch (value) {
      case null -> row.setNull(cell);
      case Boolean bool -> row.setBool(cell, bool);
      case Integer number ->
          row.setWhole(cell, unsigned ? Integer.toUnsignedLong(number) : number.longValue());
      case Long number -> setLong(row, cell, number, unsigned);
      case Short number -> row.setWhole(cell, number);
      case Byte number -> row.setWhole(cell, number);
      case Float number -> setFloat(row, cell, number);
      case Double number -> setDouble(row, cell, number);
      case BigDecimal decimal ->
          row.setSlice(
              cell,
              decimal.scale() <= 0 ? CellType.BIG_WHOLE : CellType.DECIMAL,
              decimal.toPlainString());
      case byte[] bytes -> setBytes(row, cell, text, bytes, 0, bytes.length);
      case String string -> setText(row, cell, string);
      case Instant instant -> setText(row, cell, instant.toString());
      case LocalDateTime time ->
          setText(row, cell, DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time));
      case LocalDate date -> setText(row, cell, date.toString());
      case LocalTime time -> setText(row, cell, DateTimeFormatter.ISO_LOCAL_TIME.format(time));
      case UUID uuid -> setText(row, cell, uuid.toString());
      case PqInterval interval -> setJson(row, cell, intervalOf(interval));
      case PqStruct struct -> setNested(row, cell, struct);
      case PqList list -> setNested(row, cell, list);
      case PqMap map -> setNested(row, cell, map);
      default ->
          row.setInvalid(
              cell, "is of a type that is not read: " + value.getClass().getSimpleName());
    }
  }

  static void setLong(Row row, int cell, long number, boolean unsigned) {
    if (unsigned && number < 0) {
      row.setSlice(cell, CellType.BIG_WHOLE, Long.toUnsignedString(number));
    } else {
      row.setWhole(cell, number);
    }
  }

  static void setFloat(Row row, int cell, float number) {
    if (Float.isFinite(number)) {
      row.setFloat(cell, number);
    } else {
      row.setInvalid(cell, "is " + number + ", which no value may hold");
    }
  }

  static void setDouble(Row row, int cell, double number) {
    if (Double.isFinite(number)) {
      row.setDouble(cell, number);
    } else {
      row.setInvalid(cell, "is " + number + ", which no value may hold");
    }
  }

  /** Sets a cell to bytes, strictly UTF-8 where they are said to be text. */
  static void setBytes(Row row, int cell, boolean text, byte[] array, int offset, int length) {
    if (!text) {
      row.setBinary(cell, array, offset, length);
    } else if (Utf8Text.isValid(array, offset, length)) {
      row.setText(cell, array, offset, length);
    } else {
      row.setInvalid(cell, "is not valid UTF-8");
    }
  }

  private static void setText(Row row, int cell, String text) {
    row.setSlice(cell, CellType.TEXT, text);
  }

  private static void setJson(Row row, int cell, byte[] json) {
    row.setSlice(cell, CellType.NESTED, json, 0, json.length);
  }

  /** Whether values are taken raw. */
  boolean isRaw() {
    return text || unsigned;
  }

  private static byte[] intervalOf(PqInterval interval) {
    ByteSink sink = new ByteSink();
    sink.putAscii("{\"months\":" + interval.months());
    sink.putAscii(",\"days\":" + interval.days());
    sink.putAscii(",\"milliseconds\":" + interval.milliseconds() + "}");
    return sink.toByteArray();
  }

  private void setNested(Row row, int cell, Object value) {
    ByteSink sink = new ByteSink();
    String fault = writeNested(node, value, sink);
    if (fault == null) {
      setJson(row, cell, sink.toByteArray());
    } else {
      row.setInvalid(cell, fault);
    }
  }

  private static @Nullable String writeNested(SchemaNode node, Object value, ByteSink sink) {
    return switch (value) {
      case PqStruct struct -> writeStruct(node, struct, sink);
      case PqList list -> writeList(node, list, sink);
      case PqMap map -> writeMap(node, map, sink);
      default -> {
        Row leaf = new Row();
        of(node).set(value, leaf, 0);
        yield CellText.appendJson(leaf, 0, sink);
      }
    };
  }

  private static @Nullable String writeStruct(SchemaNode node, PqStruct struct, ByteSink sink) {
    List<SchemaNode> children = ((SchemaNode.GroupNode) node).children();
    sink.put('{');
    for (int i = 0; i < struct.getFieldCount(); i++) {
      if (i > 0) {
        sink.put(',');
      }
      String field = struct.getFieldName(i);
      sink.putJsonString(field);
      sink.put(':');
      SchemaNode child = childOf(children, field);
      String fault = write(child, struct.isNull(i) ? null : raw(child, struct, i), sink);
      if (fault != null) {
        return fault;
      }
    }
    sink.put('}');
    return null;
  }

  private static @Nullable Object raw(SchemaNode child, PqStruct struct, int position) {
    return isRaw(child) ? struct.getRawValue(position) : struct.getValue(position);
  }

  private static SchemaNode childOf(List<SchemaNode> children, String name) {
    for (SchemaNode child : children) {
      if (child.name().equals(name)) {
        return child;
      }
    }
    throw new IllegalStateException("the schema has no field '" + name + "'");
  }

  private static boolean isRaw(SchemaNode node) {
    return of(node).isRaw();
  }

  private static @Nullable String write(SchemaNode node, @Nullable Object value, ByteSink sink) {
    if (value == null) {
      sink.putAscii("null");
      return null;
    }
    return writeNested(node, value, sink);
  }

  private static @Nullable String writeList(SchemaNode node, PqList list, ByteSink sink) {
    // A repeated field that is not marked as a list is a list of itself.
    SchemaNode element =
        node instanceof SchemaNode.GroupNode group && group.isList()
            ? group.getListElement()
            : node;
    if (element == null) {
      return "is a list of which the schema does not name the elements";
    }
    boolean raw = isRaw(element);
    sink.put('[');
    for (int i = 0; i < list.size(); i++) {
      if (i > 0) {
        sink.put(',');
      }
      Object value = list.isNull(i) ? null : raw ? list.getRaw(i) : list.get(i);
      String fault = write(element, value, sink);
      if (fault != null) {
        return fault;
      }
    }
    sink.put(']');
    return null;
  }

  private static @Nullable String writeMap(SchemaNode node, PqMap map, ByteSink sink) {
    SchemaNode.GroupNode group = (SchemaNode.GroupNode) node;
    SchemaNode keyNode = group.getMapKey();
    SchemaNode valueNode = group.getMapValue();
    boolean first = true;
    sink.put('{');
    for (PqMap.Entry entry : map.getEntries()) {
      if (!first) {
        sink.put(',');
      }
      first = false;
      String fault = writeMapKey(keyNode, entry, sink);
      if (fault != null) {
        return fault;
      }
      sink.put(':');
      fault = writeMapValue(valueNode, entry, sink);
      if (fault != null) {
        return fault;
      }
    }
    sink.put('}');
    return null;
  }

  private static @Nullable String writeMapValue(
      @Nullable SchemaNode node, PqMap.Entry entry, ByteSink sink) {
    // A map may have no values at all.
    if (node == null || entry.isValueNull()) {
      sink.putAscii("null");
      return null;
    }
    return write(node, isRaw(node) ? entry.getRawValue() : entry.getValue(), sink);
  }

  private static @Nullable String writeMapKey(
      SchemaNode keyNode, PqMap.Entry entry, ByteSink sink) {
    Row key = new Row();
    of(keyNode).set(isRaw(keyNode) ? entry.getRawKey() : entry.getKey(), key, 0);
    CellType type = key.type(0);
    if (type == CellType.TEXT || type == CellType.BINARY || type == CellType.INVALID) {
      return CellText.appendJson(key, 0, sink);
    }
    // Keys of JSON objects are strings, whatever they were.
    ByteSink plain = new ByteSink();
    String fault = CellText.appendJson(key, 0, plain);
    if (fault == null) {
      sink.putJsonString(plain.array(), 0, plain.length());
    }
    return fault;
  }
}
