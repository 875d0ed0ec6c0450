package io.featurekv.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row where it lies: each getter reads its column and no other. Columns that the row's version of
 * the schema did not have yet read as their defaults, and floats of before a widening as doubles.
 *
 * <p>Reused from row to row by {@link #wrap}, and valid as long as the bytes are; not thread-safe
 * while it is moved. Getters of numbers and bools throw {@link IllegalStateException} where the
 * column is null, the others return null; all throw {@link IllegalArgumentException} for a column
 * of another type or a name that is not there.
 */
public final class RowView {
  private final RowSchema schema;
  private final RowFrame frame = new RowFrame();

  /** A view of rows of a schema, which looks at none yet. */
  public RowView(RowSchema schema) {
    this.schema = schema;
  }

  /**
   * Looks at a row.
   *
   * @param at where in {@code bytes} it begins
   * @throws FeatureKvException CORRUPT when it is none of this schema
   */
  public RowView wrap(RowBytes bytes, long at, int length) {
    if (!frame.read(schema, bytes, at, length)) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "a value of %d bytes is no row of version %d of the columns, nor of one before"
              .formatted(length, schema.version()));
    }
    return this;
  }

  /** The columns that the row is read as. */
  public List<RowColumn> columns() {
    return schema.columns();
  }

  /**
   * The index of a column.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public int index(String name) {
    int index = schema.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("there is no column '" + name + "', but " + schema);
    }
    return index;
  }

  /** Whether a column is null. */
  public boolean isNull(int column) {
    return isMissing(column) ? schema.isDefaultNull(column) : frame.isNull(column);
  }

  /** Whether a column is null. */
  public boolean isNull(String name) {
    return isNull(index(name));
  }

  private boolean isMissing(int column) {
    return column >= frame.layout().columns();
  }

  /** An int64. */
  public long getLong(int column) {
    require(column, RowType.INT64);
    return isMissing(column)
        ? schema.defaultBits(column)
        : frame.bytes().getLong(frame.fixed() + frame.layout().place(column));
  }

  /** An int64. */
  public long getLong(String name) {
    return getLong(index(name));
  }

  /** A double, or a float as one. */
  public double getDouble(int column) {
    if (schema.columns().get(column).type() == RowType.FLOAT) {
      return getFloat(column);
    }
    require(column, RowType.DOUBLE);
    if (isMissing(column)) {
      return Double.longBitsToDouble(schema.defaultBits(column));
    }
    long at = frame.fixed() + frame.layout().place(column);
    return frame.layout().type(column) == RowType.FLOAT
        ? Float.intBitsToFloat(frame.bytes().getInt(at))
        : Double.longBitsToDouble(frame.bytes().getLong(at));
  }

  /** A double, or a float as one. */
  public double getDouble(String name) {
    return getDouble(index(name));
  }

  /** A float. */
  public float getFloat(int column) {
    require(column, RowType.FLOAT);
    return Float.intBitsToFloat(
        isMissing(column)
            ? (int) schema.defaultBits(column)
            : frame.bytes().getInt(frame.fixed() + frame.layout().place(column)));
  }

  /** A float. */
  public float getFloat(String name) {
    return getFloat(index(name));
  }

  /** A bool. */
  public boolean getBoolean(int column) {
    require(column, RowType.BOOL);
    return isMissing(column)
        ? schema.defaultBits(column) != 0
        : frame.bool(frame.layout().place(column));
  }

  /** A bool. */
  public boolean getBoolean(String name) {
    return getBoolean(index(name));
  }

  /** A string, or null. */
  public @Nullable String getString(int column) {
    requireType(column, RowType.STRING);
    byte[] utf8 = isNull(column) ? null : variable(column);
    return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
  }

  /** A string, or null. */
  public @Nullable String getString(String name) {
    return getString(index(name));
  }

  /** A copy of bytes, or of the UTF-8 of a string; or null. */
  public byte @Nullable [] getBytes(int column) {
    if (schema.columns().get(column).type() != RowType.STRING) {
      requireType(column, RowType.BYTES);
    }
    return isNull(column) ? null : variable(column);
  }

  /** A copy of bytes, or of the UTF-8 of a string; or null. */
  public byte @Nullable [] getBytes(String name) {
    return getBytes(index(name));
  }

  /** A copy of a list of floats, or null. */
  public float @Nullable [] getFloats(int column) {
    requireType(column, RowType.FLOAT_LIST);
    if (isNull(column)) {
      return null;
    }
    float[] values = new float[floatCount(column)];
    for (int i = 0; i < values.length; i++) {
      values[i] = getFloat(column, i);
    }
    return values;
  }

  /** A copy of a list of floats, or null. */
  public float @Nullable [] getFloats(String name) {
    return getFloats(index(name));
  }

  /** How many floats a list has; 0 where it is null. */
  public int floatCount(int column) {
    requireType(column, RowType.FLOAT_LIST);
    return variableLength(column) / Float.BYTES;
  }

  /** A float of a list. */
  public float getFloat(int column, int element) {
    int count = floatCount(column);
    if (element < 0 || element >= count) {
      throw new IndexOutOfBoundsException(
          "element %d of a list of %d in column '%s'"
              .formatted(element, count, schema.columns().get(column).name()));
    }
    int bits =
        isMissing(column)
            ? (int) RowWriter.INTS.get(schema.defaultBytes(column), element * Float.BYTES)
            : frame.bytes().getInt(variableStart(column) + (long) element * Float.BYTES);
    return Float.intBitsToFloat(bits);
  }

  /** Length of a string, of bytes or of a list in bytes; 0 where it is null. */
  public int variableLength(int column) {
    if (isMissing(column)) {
      return schema.defaultBytes(column).length;
    }
    int place = frame.layout().place(column);
    int start = frame.end(place - 1);
    int end = frame.end(place);
    if (!frame.areInside(start, end)) {
      throw new FeatureKvException(
          ErrorCode.CORRUPT,
          "column '%s' of a row ends before it begins or behind the row"
              .formatted(schema.columns().get(column).name()));
    }
    return end - start;
  }

  private long variableStart(int column) {
    return frame.data() + frame.end(frame.layout().place(column) - 1);
  }

  private byte[] variable(int column) {
    byte[] copy = new byte[variableLength(column)];
    if (isMissing(column)) {
      System.arraycopy(schema.defaultBytes(column), 0, copy, 0, copy.length);
    } else {
      frame.bytes().get(variableStart(column), copy, 0, copy.length);
    }
    return copy;
  }

  private void require(int column, RowType type) {
    requireType(column, type);
    if (isNull(column)) {
      throw new IllegalStateException(
          "column '" + schema.columns().get(column).name() + "' is null; ask isNull first");
    }
  }

  private void requireType(int column, RowType type) {
    RowColumn found = schema.columns().get(column);
    if (found.type() != type) {
      throw new IllegalArgumentException(
          "column '%s' is %s, not %s".formatted(found.name(), found.type().word(), type.word()));
    }
  }
}
