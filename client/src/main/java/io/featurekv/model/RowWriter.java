package io.featurekv.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes rows of the newest version of a schema into one array that is used again from row to row:
 * nothing is allocated for a row once the array has grown to the longest.
 *
 * <p>{@link #begin}, then a value for each column, by index and in ascending order; columns passed
 * over get their default. After {@link #finish} the row is at {@link #array}, {@link #offset} and
 * {@link #length} until the next {@code begin}. Not thread-safe.
 *
 * <p>A setter throws {@link IllegalArgumentException} for a column of another type and {@link
 * IllegalStateException} for one that is out of order.
 */
public final class RowWriter {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final RowSchema schema;
  private final RowLayout layout;
  // Where the parts begin in the array, when the bits of nulls are there.
  private final int bools;
  private final int fixed;
  private final int data;
  // Where each variable value ends, counted from data.
  private final int[] ends;

  private byte[] bytes;
  private int used;
  private int next;
  private boolean hasNulls;
  // The variable column to which elements are being added; -1: none.
  private int openList = -1;
  private int offset;
  private int length;

  /** Of rows of this schema. */
  public RowWriter(RowSchema schema) {
    this.schema = schema;
    layout = schema.newest();
    bools = RowLayout.HEAD_BYTES + layout.nullBytes;
    fixed = bools + layout.boolBytes;
    data = fixed + layout.fixedBytes;
    ends = new int[layout.variables];
    bytes = new byte[data + 256];
  }

  /** The schema that rows are of. */
  public RowSchema schema() {
    return schema;
  }

  /** Starts a row. */
  public void begin() {
    Arrays.fill(bytes, 0, data, (byte) 0);
    used = data;
    next = 0;
    hasNulls = false;
    openList = -1;
  }

  /** An int64. */
  public void setLong(int column, long value) {
    advance(column, RowType.INT64);
    LONGS.set(bytes, fixed + layout.place(column), value);
  }

  /** A double. */
  public void setDouble(int column, double value) {
    advance(column, RowType.DOUBLE);
    LONGS.set(bytes, fixed + layout.place(column), Double.doubleToRawLongBits(value));
  }

  /** A float. */
  public void setFloat(int column, float value) {
    advance(column, RowType.FLOAT);
    INTS.set(bytes, fixed + layout.place(column), Float.floatToRawIntBits(value));
  }

  /** A bool. */
  public void setBoolean(int column, boolean value) {
    advance(column, RowType.BOOL);
    if (value) {
      setBit(bools, layout.place(column));
    }
  }

  /** A string. */
  public void setString(int column, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    setUtf8(column, utf8, 0, utf8.length);
  }

  /** A string, as the UTF-8 that it is; the caller knows that it is. */
  public void setUtf8(int column, byte[] source, int from, int count) {
    advance(column, RowType.STRING);
    append(column, source, from, count);
  }

  /** Bytes. */
  public void setBytes(int column, byte[] source, int from, int count) {
    advance(column, RowType.BYTES);
    append(column, source, from, count);
  }

  /** A list of floats. */
  public void setFloats(int column, float[] values) {
    beginFloats(column);
    for (float value : values) {
      addFloat(value);
    }
  }

  /** A list of floats, empty as yet: {@link #addFloat} adds to it. */
  public void beginFloats(int column) {
    advance(column, RowType.FLOAT_LIST);
    ends[layout.place(column)] = used - data;
    openList = layout.place(column);
  }

  /** Adds to the list that was begun last. */
  public void addFloat(float value) {
    if (openList < 0) {
      throw new IllegalStateException("no list of floats has been begun");
    }
    need(Float.BYTES);
    INTS.set(bytes, used, Float.floatToRawIntBits(value));
    used += Float.BYTES;
    ends[openList] = used - data;
  }

  /**
   * Null.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when the column may not be
   */
  public void setNull(int column) {
    passTo(column);
    if (!schema.columns().get(column).nullable()) {
      throw invalid(column, "is null and may not be");
    }
    putNull(column);
  }

  /**
   * What the schema says where nothing is said.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it says nothing
   */
  public void setDefault(int column) {
    passTo(column);
    putDefault(column);
  }

  /**
   * Ends the row.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when a column without a default was passed over
   */
  public void finish() {
    passTo(layout.columns());
    int endWidth = RowLayout.endWidth(used - data);
    need(layout.endsBytes(endWidth));
    for (int i = 0; i < layout.variables - 1; i++) {
      putEnd(endWidth, ends[i]);
    }
    // Without nulls the row begins where it would have gone on behind their bits.
    offset = hasNulls ? 0 : layout.nullBytes;
    length = used - offset;
    bytes[offset] = (byte) (RowLayout.MAGIC | (hasNulls ? RowLayout.NULLS : 0) | endWidth);
    bytes[offset + 1] = (byte) schema.version();
  }

  private void putEnd(int endWidth, int end) {
    switch (endWidth) {
      case 0 -> bytes[used] = (byte) end;
      case 1 -> SHORTS.set(bytes, used, (short) end);
      default -> INTS.set(bytes, used, end);
    }
    used += 1 << endWidth;
  }

  /** Where the finished row is; not a copy. */
  public byte[] array() {
    return bytes;
  }

  /** Where in {@link #array} the finished row begins. */
  public int offset() {
    return offset;
  }

  /** Length of the finished row. */
  public int length() {
    return length;
  }

  /** A copy of the finished row. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  private void advance(int column, RowType type) {
    if (layout.type(column) != type) {
      throw new IllegalArgumentException(
          "column '%s' is %s, not %s"
              .formatted(
                  schema.columns().get(column).name(), layout.type(column).word(), type.word()));
    }
    passTo(column);
  }

  /** Gives every column before this one what it has by default. */
  private void passTo(int column) {
    if (column < next) {
      throw new IllegalStateException(
          "column %d is set after column %d; columns are set in order".formatted(column, next - 1));
    }
    openList = -1;
    while (next < column) {
      putDefault(next++);
    }
    next++;
  }

  private void putNull(int column) {
    hasNulls = true;
    setBit(RowLayout.HEAD_BYTES, column);
    if (layout.type(column).isVariable()) {
      append(column, bytes, 0, 0);
    }
  }

  private void putDefault(int column) {
    if (!schema.columns().get(column).hasDefault()) {
      throw invalid(column, "has no value and no default");
    }
    if (schema.isDefaultNull(column)) {
      putNull(column);
      return;
    }
    long bits = schema.defaultBits(column);
    int place = layout.place(column);
    switch (layout.type(column)) {
      case INT64, DOUBLE -> LONGS.set(bytes, fixed + place, bits);
      case FLOAT -> INTS.set(bytes, fixed + place, (int) bits);
      case BOOL -> {
        if (bits != 0) {
          setBit(bools, place);
        }
      }
      case STRING, BYTES, FLOAT_LIST -> {
        byte[] value = schema.defaultBytes(column);
        append(column, value, 0, value.length);
      }
    }
  }

  private void setBit(int from, int bit) {
    bytes[from + (bit >>> 3)] |= (byte) (1 << (bit & 7));
  }

  private void append(int column, byte[] source, int from, int count) {
    need(count);
    System.arraycopy(source, from, bytes, used, count);
    used += count;
    ends[layout.place(column)] = used - data;
  }

  private void need(int more) {
    if (more > bytes.length - used) {
      long wanted = (long) used + more;
      if (wanted > Limits.MAX_VALUE_BYTES) {
        throw new FeatureKvException(
            ErrorCode.TOO_LARGE,
            "a row of %d bytes or more, at most %d are allowed"
                .formatted(wanted, Limits.MAX_VALUE_BYTES));
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(Limits.MAX_VALUE_BYTES, 2 * wanted));
    }
  }

  private FeatureKvException invalid(int column, String what) {
    return new FeatureKvException(
        ErrorCode.INVALID_ARGUMENT, "column '" + schema.columns().get(column).name() + "' " + what);
  }
}
