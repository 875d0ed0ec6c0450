package io.featurekv.model;

/**
 * The parts of one row: where they begin, once it is known that they fit. Reused from row to row;
 * not thread-safe.
 */
final class RowFrame {
  private RowBytes bytes = RowBytes.of(new byte[0]);
  private RowLayout layout = RowLayout.NONE;
  private int version;
  // Positions; nulls is -1 where no column of the row is null.
  private long nulls;
  private long bools;
  private long fixed;
  private long data;
  private long ends;
  private int endWidth;

  /**
   * Reads the head of a row.
   *
   * @param schema of a version as new as the row's
   * @return whether it is a row of that schema, as far as its head and length tell
   */
  boolean read(RowSchema schema, RowBytes source, long at, int length) {
    if (length < RowLayout.HEAD_BYTES) {
      return false;
    }
    int head = source.getByte(at) & 0xFF;
    int rowVersion = source.getByte(at + 1) & 0xFF;
    RowLayout found = schema.layout(rowVersion);
    int width = head & RowLayout.END_WIDTH_MASK;
    int unknownBits = head & ~(RowLayout.NULLS | RowLayout.END_WIDTH_MASK);
    if (found == null || unknownBits != RowLayout.MAGIC || width > 2) {
      return false;
    }
    long position = at + RowLayout.HEAD_BYTES;
    boolean hasNulls = (head & RowLayout.NULLS) != 0;
    nulls = hasNulls ? position : -1;
    bools = position + (hasNulls ? found.nullBytes : 0);
    fixed = bools + found.boolBytes;
    data = fixed + found.fixedBytes;
    ends = at + length - found.endsBytes(width);
    bytes = source;
    layout = found;
    version = rowVersion;
    endWidth = width;
    return found.variables == 0 ? data == ends : data <= ends;
  }

  RowBytes bytes() {
    return bytes;
  }

  /** The layout of the row's own version of the schema. */
  RowLayout layout() {
    return layout;
  }

  int version() {
    return version;
  }

  /** Whether any column of the row is null. */
  boolean hasNulls() {
    return nulls >= 0;
  }

  /** Whether a column is null that the row's version has. */
  boolean isNull(int column) {
    return nulls >= 0 && (bytes.getByte(nulls + (column >>> 3)) & (1 << (column & 7))) != 0;
  }

  /** The bool of this number. */
  boolean bool(int place) {
    return (bytes.getByte(bools + (place >>> 3)) & (1 << (place & 7))) != 0;
  }

  /** Where the fixed slots begin. */
  long fixed() {
    return fixed;
  }

  /** Where the variable values begin. */
  long data() {
    return data;
  }

  /**
   * Where the variable value of this number ends, relative to {@link #data}; the one of number -1
   * ends where the first begins. Not checked: see {@link #areInside}.
   */
  int end(int place) {
    if (place < 0) {
      return 0;
    }
    return place == layout.variables - 1
        ? (int) (ends - data)
        : RowLayout.readEnd(bytes, ends + ((long) place << endWidth), endWidth);
  }

  /** Whether a variable value that begins and ends so lies in the row. */
  boolean areInside(int start, int end) {
    return 0 <= start && start <= end && end <= ends - data;
  }
}
