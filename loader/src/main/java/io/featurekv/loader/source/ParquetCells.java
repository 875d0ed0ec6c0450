package io.featurekv.loader.source;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.row.PqInterval;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.Utf8Text;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
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

  /** The cell at a position of the row that {@code rows} stands at. */
  Cell cell(StructAccessor rows, int position) {
    if (rows.isNull(position)) {
      return Cell.NULL;
    }
    // Decoded text would have its malformed bytes replaced, so text is taken raw.
    return cellOf(text || unsigned ? rows.getRawValue(position) : rows.getValue(position));
  }

  /** The cell of a value that is taken raw where it is text or unsigned, decoded otherwise. */
  Cell cellOf(@Nullable Object value) {
    return switch (value) {
      case null -> Cell.NULL;
      case Boolean bool -> bool ? Cell.TRUE : Cell.FALSE;
      case Integer number ->
          new Cell.Whole(unsigned ? Integer.toUnsignedLong(number) : number.longValue());
      case Long number ->
          unsigned && number < 0
              ? new Cell.Exact(Long.toUnsignedString(number), true)
              : new Cell.Whole(number);
      case Float number ->
          Float.isFinite(number)
              ? new Cell.Floating(Float.toString(number))
              : new Cell.Invalid("is " + number + ", which no value may hold");
      case Double number ->
          Double.isFinite(number)
              ? new Cell.Floating(Double.toString(number))
              : new Cell.Invalid("is " + number + ", which no value may hold");
      case BigDecimal decimal -> new Cell.Exact(decimal.toPlainString(), decimal.scale() <= 0);
      case byte[] bytes -> text ? textOf(bytes) : new Cell.Binary(bytes);
      case String string -> new Cell.Text(string);
      case Instant instant -> new Cell.Text(instant.toString());
      case LocalDateTime time -> new Cell.Text(DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time));
      case LocalDate date -> new Cell.Text(date.toString());
      case LocalTime time -> new Cell.Text(DateTimeFormatter.ISO_LOCAL_TIME.format(time));
      case UUID uuid -> new Cell.Text(uuid.toString());
      case PqInterval interval -> new Cell.Nested(intervalOf(interval));
      case PqStruct struct -> nested(struct);
      case PqList list -> nested(list);
      case PqMap map -> nested(map);
      default ->
          new Cell.Invalid("is of a type that is not read: " + value.getClass().getSimpleName());
    };
  }

  private static Cell textOf(byte[] bytes) {
    String decoded = Utf8Text.of(bytes);
    return decoded == null ? new Cell.Invalid("is not valid UTF-8") : new Cell.Text(decoded);
  }

  private static byte[] intervalOf(PqInterval interval) {
    ByteSink sink = new ByteSink();
    sink.putAscii("{\"months\":" + interval.months());
    sink.putAscii(",\"days\":" + interval.days());
    sink.putAscii(",\"milliseconds\":" + interval.milliseconds() + "}");
    return sink.toByteArray();
  }

  private Cell nested(Object value) {
    ByteSink sink = new ByteSink();
    String fault = writeNested(node, value, sink);
    return fault == null ? new Cell.Nested(sink.toByteArray()) : new Cell.Invalid(fault);
  }

  private static @Nullable String writeNested(SchemaNode node, Object value, ByteSink sink) {
    return switch (value) {
      case PqStruct struct -> writeStruct(node, struct, sink);
      case PqList list -> writeList(node, list, sink);
      case PqMap map -> writeMap(node, map, sink);
      default -> EntryMapper.writeJson(of(node).cellOf(value), sink);
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
    ParquetCells cells = of(node);
    return cells.text || cells.unsigned;
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
    Cell key = of(keyNode).cellOf(isRaw(keyNode) ? entry.getRawKey() : entry.getKey());
    if (key instanceof Cell.Text text) {
      return sink.putJsonString(text.text()) ? null : "has a map key that is not valid UTF-8";
    }
    if (key instanceof Cell.Binary) {
      return EntryMapper.writeJson(key, sink);
    }
    // Keys of JSON objects are strings, whatever they were.
    ByteSink plain = new ByteSink();
    String fault = EntryMapper.writeJson(key, plain);
    if (fault == null) {
      String keyText = new String(plain.array(), 0, plain.length(), StandardCharsets.UTF_8);
      sink.putJsonString(keyText);
    }
    return fault;
  }
}
