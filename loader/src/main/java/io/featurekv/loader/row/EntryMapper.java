package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into keys and values. What it made of a row lies in {@link #key()} and {@link
 * #value()} until the next one. Not thread-safe.
 */
public final class EntryMapper {
  /** Bound on how many column lists it remembers what it worked out for. */
  private static final int MAX_PLANS = 1024;

  private final EntryShape shape;
  private final KeyWriter keyWriter;
  private final ByteSink key = new ByteSink();
  private final ByteSink value = new ByteSink();
  private final ExpiryReader expiry = new ExpiryReader();
  private boolean delete;
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
      List<byte[]> prefixes) {}

  public EntryMapper(EntryShape shape) {
    this.shape = shape;
    this.keyWriter = new KeyWriter(shape);
  }

  public ByteSink key() {
    return key;
  }

  public ByteSink value() {
    return value;
  }

  /** Whether the row says that its key is to go; there is no value then. */
  public boolean isDelete() {
    return delete;
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

  /** The failure of rows without a key or value column that is needed; null if all are there. */
  public @Nullable FeatureKvException lacking(Columns columns, String source) {
    for (String name : shape.keyColumns()) {
      if (columns.indexOf(name) < 0) {
        return missing(columns, name, "key", source);
      }
    }
    String value = shape.valueColumn();
    return value.isEmpty() || columns.indexOf(value) >= 0
        ? null
        : missing(columns, value, "value", source);
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
    String fault = keyWriter.write(row, where.keys(), key);
    if (fault != null) {
      return fault;
    }
    value.reset();
    expiry.reset();
    delete = false;
    if (where.deleteColumn() >= 0) {
      Cell cell = row.cells()[where.deleteColumn()];
      if (cell instanceof Cell.Invalid invalid) {
        return "delete column '" + shape.deleteColumn() + "' " + invalid.reason();
      }
      delete = isTrue(cell);
    }
    if (delete) {
      return null;
    }
    if (where.expiresColumn() >= 0) {
      fault = expiry.read(row.cells()[where.expiresColumn()]);
      if (fault != null) {
        return "expires column '" + shape.expiresColumn() + "' " + fault;
      }
    }
    fault = shape.valueColumn().isEmpty() ? writeObject(row, where) : writeRaw(row, where);
    if (fault == null && value.length() > shape.maxValueBytes()) {
      return "the value has "
          + value.length()
          + " bytes, more than the "
          + shape.maxValueBytes()
          + " that this table allows";
    }
    return fault;
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
    if (shape.valueColumn().isEmpty()) {
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
        prefixes);
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

  private static boolean isTrue(Cell cell) {
    return switch (cell) {
      case Cell.Bool bool -> bool.value();
      case Cell.Whole whole -> whole.value() == 1;
      case Cell.Text text -> isTrue(text.text());
      case Cell.Binary binary -> isTrue(new String(binary.bytes(), StandardCharsets.UTF_8));
      case Cell.Exact _, Cell.Floating _, Cell.Nested _, Cell.Null _, Cell.Invalid _ -> false;
    };
  }

  private static boolean isTrue(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "t", "y" -> true;
      default -> false;
    };
  }

  private @Nullable String writeObject(Row row, Plan where) {
    int[] fields = where.fields();
    if (fields.length == 0) {
      value.put('{');
    }
    for (int i = 0; i < fields.length; i++) {
      value.put(where.prefixes().get(i));
      String fault = writeJson(row.cells()[fields[i]], value);
      if (fault != null) {
        return "column '" + row.columns().names().get(fields[i]) + "' " + fault;
      }
    }
    value.put('}');
    return null;
  }

  /**
   * Appends a cell as JSON.
   *
   * @return null, or what is wrong with the cell
   */
  public static @Nullable String writeJson(Cell cell, ByteSink sink) {
    switch (cell) {
      case Cell.Text text -> {
        return sink.putJsonString(text.text()) ? null : "is not valid UTF-8";
      }
      case Cell.Whole whole -> sink.putAscii(Long.toString(whole.value()));
      case Cell.Exact exact -> sink.putAscii(exact.text());
      case Cell.Floating floating -> sink.putAscii(floating.text());
      case Cell.Bool bool -> sink.putAscii(Boolean.toString(bool.value()));
      case Cell.Nested nested -> sink.put(nested.json());
      case Cell.Null _ -> sink.putAscii("null");
      case Cell.Invalid invalid -> {
        return invalid.reason();
      }
      case Cell.Binary binary -> {
        String text = Utf8Text.of(binary.bytes());
        if (text == null) {
          return "holds bytes that are not UTF-8 text and so have no place in JSON;"
              + " name it as the value column to load the bytes";
        }
        sink.putJsonString(text);
      }
    }
    return null;
  }

  private @Nullable String writeRaw(Row row, Plan where) {
    String fault =
        where.valueColumn() < 0
            ? "is missing; the row has the columns " + row.columns()
            : rawFault(row.cells()[where.valueColumn()]);
    return fault == null ? null : "value column '" + shape.valueColumn() + "' " + fault;
  }

  private @Nullable String rawFault(Cell cell) {
    TextEncoding encoding = shape.valueEncoding();
    return switch (cell) {
      case Cell.Text text -> encoding.append(text.text(), value);
      case Cell.Whole whole -> encoding.append(Long.toString(whole.value()), value);
      case Cell.Exact exact -> encoding.append(exact.text(), value);
      case Cell.Floating floating -> encoding.append(floating.text(), value);
      case Cell.Bool bool -> encoding.append(Boolean.toString(bool.value()), value);
      case Cell.Binary binary -> {
        value.put(binary.bytes());
        yield null;
      }
      case Cell.Nested nested -> {
        value.put(nested.json());
        yield null;
      }
      case Cell.Null _ -> "is null";
      case Cell.Invalid invalid -> invalid.reason();
    };
  }
}
