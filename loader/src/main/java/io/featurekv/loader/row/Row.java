package io.featurekv.loader.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a source: named cells. A source has one and fills it anew for each of its rows, so
 * that reading makes no objects; what it holds, slices too, is valid until the next row is read.
 * Not thread-safe.
 *
 * <p>A source begins each row with {@link #begin} and then sets every cell, or says with {@link
 * #fail} that the row could not be read.
 */
public final class Row {
  private static final Columns NONE = Columns.of(List.of());
  private static final byte[] NO_BYTES = {};
  private static final int INITIAL_CELLS = 8;

  private Columns columns = NONE;
  private long number;
  private @Nullable String fault;
  private CellType[] types = new CellType[INITIAL_CELLS];

  /** Whole numbers; floating-point ones as the bits of a double. */
  private long[] numbers = new long[INITIAL_CELLS];

  private byte[][] arrays = new byte[INITIAL_CELLS][];
  private int[] offsets = new int[INITIAL_CELLS];
  private int[] lengths = new int[INITIAL_CELLS];
  private String[] reasons = new String[INITIAL_CELLS];

  public Row() {
    Arrays.fill(types, CellType.NULL);
    Arrays.fill(arrays, NO_BYTES);
    Arrays.fill(reasons, "");
  }

  /** The names of the cells; none where the row could not be read. */
  public Columns columns() {
    return columns;
  }

  /** Where it stands in its part: the line it starts in, or the row, from 1. */
  public long number() {
    return number;
  }

  /** Why the row could not be read; there are no cells then. Null for a row that was read. */
  public @Nullable String fault() {
    return fault;
  }

  /** How many cells there are. */
  public int size() {
    return columns.size();
  }

  public CellType type(int cell) {
    return types[cell];
  }

  /** The number of a WHOLE; 1 or 0 for a BOOL. */
  public long whole(int cell) {
    return numbers[cell];
  }

  /** The number of a FLOAT, DOUBLE or NUMBER; for a NUMBER the nearest double, maybe infinite. */
  public double floating(int cell) {
    return types[cell] == CellType.NUMBER
        ? Double.parseDouble(slice(cell))
        : Double.longBitsToDouble(numbers[cell]);
  }

  /** Holds the slice of a TEXT, BIG_WHOLE, DECIMAL, NUMBER, BINARY or NESTED. */
  public byte[] array(int cell) {
    return arrays[cell];
  }

  /** Where in {@link #array} the slice begins. */
  public int offset(int cell) {
    return offsets[cell];
  }

  /** The length of the slice in bytes. */
  public int length(int cell) {
    return lengths[cell];
  }

  /** Why a cell is INVALID, to be read after the column's name. */
  public String reason(int cell) {
    return reasons[cell];
  }

  /** The slice of a cell, decoded. */
  public String slice(int cell) {
    return new String(arrays[cell], offsets[cell], lengths[cell], StandardCharsets.UTF_8);
  }

  /** Starts a row; its cells hold what they held before until they are set. */
  public void begin(Columns columns, long number) {
    this.number = number;
    this.fault = null;
    if (this.columns != columns) {
      widen(columns);
    }
  }

  /** Gives the row other columns, of which the first cells stay as they are. */
  public void widen(Columns columns) {
    this.columns = columns;
    room(columns.size());
  }

  /** Makes room for so many cells, which may then be set before the columns are known. */
  public void room(int size) {
    int old = types.length;
    if (size > old) {
      int room = Math.max(size, old * 2);
      types = Arrays.copyOf(types, room);
      numbers = Arrays.copyOf(numbers, room);
      arrays = Arrays.copyOf(arrays, room);
      offsets = Arrays.copyOf(offsets, room);
      lengths = Arrays.copyOf(lengths, room);
      reasons = Arrays.copyOf(reasons, room);
      Arrays.fill(types, old, room, CellType.NULL);
      Arrays.fill(arrays, old, room, NO_BYTES);
      Arrays.fill(reasons, old, room, "");
    }
  }

  /** Makes it a row that could not be read. */
  public void fail(long number, String fault) {
    this.columns = NONE;
    this.number = number;
    this.fault = fault;
  }

  public void setNull(int cell) {
    types[cell] = CellType.NULL;
  }

  public void setWhole(int cell, long value) {
    types[cell] = CellType.WHOLE;
    numbers[cell] = value;
  }

  public void setBool(int cell, boolean value) {
    types[cell] = CellType.BOOL;
    numbers[cell] = value ? 1 : 0;
  }

  /** Sets a finite number. */
  public void setFloat(int cell, float value) {
    types[cell] = CellType.FLOAT;
    numbers[cell] = Double.doubleToRawLongBits(value);
  }

  /** Sets a finite number. */
  public void setDouble(int cell, double value) {
    types[cell] = CellType.DOUBLE;
    numbers[cell] = Double.doubleToRawLongBits(value);
  }

  /** Sets a TEXT; the bytes must be valid UTF-8. */
  public void setText(int cell, byte[] array, int offset, int length) {
    setSlice(cell, CellType.TEXT, array, offset, length);
  }

  public void setBinary(int cell, byte[] array, int offset, int length) {
    setSlice(cell, CellType.BINARY, array, offset, length);
  }

  /** Sets a cell of a type that is a slice. */
  public void setSlice(int cell, CellType type, byte[] array, int offset, int length) {
    types[cell] = type;
    arrays[cell] = array;
    offsets[cell] = offset;
    lengths[cell] = length;
  }

  /**
   * Sets a cell of a type that is a slice.
   *
   * @param text ASCII
   */
  public void setSlice(int cell, CellType type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    setSlice(cell, type, bytes, 0, bytes.length);
  }

  public void setInvalid(int cell, String reason) {
    types[cell] = CellType.INVALID;
    reasons[cell] = reason;
  }

  /** Takes a cell of another row. */
  public void copy(int cell, Row other, int otherCell) {
    types[cell] = other.types[otherCell];
    numbers[cell] = other.numbers[otherCell];
    arrays[cell] = other.arrays[otherCell];
    offsets[cell] = other.offsets[otherCell];
    lengths[cell] = other.lengths[otherCell];
    reasons[cell] = other.reasons[otherCell];
  }
}
