package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into keys and values, which are slices: of the row where a column's bytes are taken as
 * they are, else of memory of its own. They are valid until the next row is read or mapped. Not
 * thread-safe.
 */
public final class EntryMapper {
  /** Bound on how many column lists it remembers what it worked out for. */
  private static final int MAX_PLANS = 1024;

  private final EntryShape shape;
  private final KeyWriter keyWriter;
  private final ByteSink key = new ByteSink();
  private final ByteSink value = new ByteSink();

  /** Text of a number that stands for other bytes. */
  private final ByteSink encoded = new ByteSink();

  private final TextEncoding keyEncoding;
  private final @Nullable RowEncoder rows;
  private final ExpiryReader expiry = new ExpiryReader();
  private final DeleteReader delete = new DeleteReader();
  private byte[] keyArray = key.array();
  private int keyOffset;
  private int keyLength;
  private byte[] valueArray = value.array();
  private int valueOffset;
  private int valueLength;
  private @Nullable Plan plan;
  private final Map<Columns, Plan> plans = new HashMap<>();

  /** Where the parts of an entry stand in rows of certain columns. */
  private record Plan(
      Columns columns,
      int[] keys,
      int valueColumn,
      int deleteColumn,
      int expiresColumn,
      int[] fields,
      List<byte[]> prefixes,
      int[] rowCells) {}

  public EntryMapper(EntryShape shape) {
    this.shape = shape;
    this.keyEncoding = shape.keyEncoding();
    this.keyWriter = new KeyWriter(shape);
    this.rows = shape.rows() == null ? null : new RowEncoder(shape.rows(), shape.valueEncoding());
  }

  /** Holds the key from {@link #keyOffset} on. */
  public byte[] keyArray() {
    return keyArray;
  }

  public int keyOffset() {
    return keyOffset;
  }

  public int keyLength() {
    return keyLength;
  }

  /** Holds the value from {@link #valueOffset} on. */
  public byte[] valueArray() {
    return valueArray;
  }

  public int valueOffset() {
    return valueOffset;
  }

  /** Length of the value; 0 for a deletion, which has none. */
  public int valueLength() {
    return valueLength;
  }

  /** Whether the row says that its key is to go; there is no value then. */
  public boolean isDelete() {
    return delete.isDelete();
  }

  /** When the entry expires, as in {@link io.featurekv.storage.ShardWriter#put}. */
  public int expirySeconds() {
    return expiry.seconds();
  }

  /**
   * Checks that a source whose rows all have the same columns has those that are needed.
   *
   * @throws FeatureKvException INVALID_ARGUMENT, naming the source, the column and those there are
   */
  public void check(Columns columns, String source) {
    FeatureKvException lacking = lacking(columns, source);
    if (lacking == null) {
      lacking = lackingIfNamed(columns, shape.deleteColumn(), "delete", source);
    }
    if (lacking == null) {
      lacking = lackingIfNamed(columns, shape.expiresColumn(), "expires", source);
    }
    if (lacking != null) {
      throw lacking;
    }
  }

  private static @Nullable FeatureKvException lackingIfNamed(
      Columns columns, String name, String role, String source) {
    return name.isEmpty() || columns.indexOf(name) >= 0
        ? null
        : missing(columns, name, role, source);
  }

  /**
   * The failure of rows without a key, value or required column that is needed; null if all are
   * there.
   */
  public @Nullable FeatureKvException lacking(Columns columns, String source) {
    for (String name : shape.keyColumns()) {
      if (columns.indexOf(name) < 0) {
        return missing(columns, name, "key", source);
      }
    }
    FeatureKvException ofRows = rows == null ? null : rows.lacking(columns, source);
    if (ofRows != null) {
      return ofRows;
    }
    String value = shape.valueColumn();
    if (!value.isEmpty() && columns.indexOf(value) < 0) {
      return missing(columns, value, "value", source);
    }
    for (String name : shape.requiredColumns()) {
      if (columns.indexOf(name) < 0) {
        FeatureKvException missing = missing(columns, name, "required", source);
        return new FeatureKvException(
            missing.code(),
            "columns: " + missing.getMessage() + "; --ignore-gates columns lets it pass");
      }
    }
    return null;
  }

  private static FeatureKvException missing(
      Columns columns, String name, String role, String source) {
    return new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT,
        source + " has no " + role + " column '" + name + "'; its columns are: " + columns);
  }

  /**
   * Makes the entry of a row.
   *
   * @return null, or why the row is rejected
   */
  public @Nullable String map(Row row) {
    if (row.fault() != null) {
      return row.fault();
    }
    Plan where = planFor(row.columns());
    String fault = mapKey(row, where.keys());
    if (fault != null) {
      return fault;
    }
    valueLength = 0;
    expiry.reset();
    delete.reset();
    if (where.deleteColumn() >= 0) {
      fault = delete.read(row, where.deleteColumn());
      if (fault != null) {
        return "delete column '" + shape.deleteColumn() + "' " + fault;
      }
    }
    if (delete.isDelete()) {
      return null;
    }
    if (where.expiresColumn() >= 0) {
      fault = expiry.read(row, where.expiresColumn());
      if (fault != null) {
        return "expires column '" + shape.expiresColumn() + "' " + fault;
      }
    }
    if (rows != null) {
      fault = mapRow(rows, row, where);
    } else {
      fault = shape.valueColumn().isEmpty() ? mapObject(row, where) : mapRaw(row, where);
    }
    if (fault == null && valueLength > shape.maxValueBytes()) {
      return "the value has "
          + valueLength
          + " bytes, more than the "
          + shape.maxValueBytes()
          + " that this table allows";
    }
    return fault;
  }

  private @Nullable String mapKey(Row row, int[] positions) {
    if (positions.length == 1 && positions[0] >= 0 && isRaw(row, positions[0], keyEncoding)) {
      keyArray = row.array(positions[0]);
      keyOffset = row.offset(positions[0]);
      keyLength = row.length(positions[0]);
      return KeyWriter.lengthFault(keyLength);
    }
    String fault = keyWriter.write(row, positions, key);
    keyArray = key.array();
    keyOffset = 0;
    keyLength = key.length();
    return fault;
  }

  /** Whether the bytes of a cell are those to take. */
  private static boolean isRaw(Row row, int cell, TextEncoding encoding) {
    CellType type = row.type(cell);
    return type == CellType.BINARY || (type == CellType.TEXT && encoding == TextEncoding.UTF8);
  }

  private Plan planFor(Columns columns) {
    Plan known = plan;
    if (known == null || known.columns() != columns) {
      if (plans.size() > MAX_PLANS) {
        plans.clear();
      }
      known = plans.computeIfAbsent(columns, this::planOf);
      plan = known;
    }
    return known;
  }

  private Plan planOf(Columns columns) {
    int[] keys = shape.keyColumns().stream().mapToInt(columns::indexOf).toArray();
    List<Integer> fields = new ArrayList<>();
    List<byte[]> prefixes = new ArrayList<>();
    if (shape.valueColumn().isEmpty() && rows == null) {
      for (int i = 0; i < columns.size(); i++) {
        String name = columns.names().get(i);
        if (!shape.keyColumns().contains(name)
            && !name.equals(shape.deleteColumn())
            && !name.equals(shape.expiresColumn())) {
          prefixes.add(fieldPrefix(name, fields.isEmpty()));
          fields.add(i);
        }
      }
    }
    return new Plan(
        columns,
        keys,
        columns.indexOf(shape.valueColumn()),
        shape.deleteColumn().isEmpty() ? -1 : columns.indexOf(shape.deleteColumn()),
        shape.expiresColumn().isEmpty() ? -1 : columns.indexOf(shape.expiresColumn()),
        fields.stream().mapToInt(Integer::intValue).toArray(),
        prefixes,
        rows == null ? new int[0] : rows.cellsOf(columns));
  }

  private static byte[] fieldPrefix(String name, boolean first) {
    ByteSink prefix = new ByteSink();
    prefix.put(first ? '{' : ',');
    if (!prefix.putJsonString(name)) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT, "the name of column '" + name + "' is not valid UTF-8");
    }
    prefix.put(':');
    return prefix.toByteArray();
  }

  private @Nullable String mapRow(RowEncoder encoder, Row row, Plan where) {
    String fault = encoder.encode(row, where.rowCells());
    valueArray = encoder.array();
    valueOffset = encoder.offset();
    valueLength = encoder.length();
    return fault;
  }

  private @Nullable String mapObject(Row row, Plan where) {
    value.reset();
    int[] fields = where.fields();
    if (fields.length == 0) {
      value.put('{');
    }
    for (int i = 0; i < fields.length; i++) {
      value.put(where.prefixes().get(i));
      String fault = CellText.appendJson(row, fields[i], value);
      if (fault != null) {
        return "column '" + row.columns().names().get(fields[i]) + "' " + fault;
      }
    }
    value.put('}');
    takeWritten();
    return null;
  }

  private void takeWritten() {
    valueArray = value.array();
    valueOffset = 0;
    valueLength = value.length();
  }

  private @Nullable String mapRaw(Row row, Plan where) {
    String fault =
        where.valueColumn() < 0
            ? "is missing; the row has the columns " + row.columns()
            : rawFault(row, where.valueColumn());
    return fault == null ? null : "value column '" + shape.valueColumn() + "' " + fault;
  }

  private @Nullable String rawFault(Row row, int cell) {
    TextEncoding encoding = shape.valueEncoding();
    switch (row.type(cell)) {
      case NULL -> {
        return "is null";
      }
      case INVALID -> {
        return row.reason(cell);
      }
      case BINARY, NESTED -> takeSlice(row, cell);
      case TEXT -> {
        if (encoding == TextEncoding.UTF8) {
          takeSlice(row, cell);
          return null;
        }
        return decode(encoding, row.array(cell), row.offset(cell), row.length(cell));
      }
      case WHOLE, BIG_WHOLE, DECIMAL, NUMBER, FLOAT, DOUBLE, BOOL -> {
        ByteSink text = encoding == TextEncoding.UTF8 ? value : encoded;
        text.reset();
        CellText.append(row, cell, text);
        if (text == encoded) {
          return decode(encoding, text.array(), 0, text.length());
        }
        takeWritten();
      }
    }
    return null;
  }

  private void takeSlice(Row row, int cell) {
    valueArray = row.array(cell);
    valueOffset = row.offset(cell);
    valueLength = row.length(cell);
  }

  private @Nullable String decode(TextEncoding encoding, byte[] array, int offset, int length) {
    value.reset();
    String fault = encoding.append(array, offset, length, value);
    takeWritten();
    return fault;
  }
}
