package io.featurekv.model;

import io.featurekv.model.RowProjection.Plan;

/**
 * Carries out projections, row by row, from memory to memory, without allocating anything. One
 * thread's.
 *
 * <p>A row is measured by {@link #length} before it is written, so that the caller makes room: both
 * look at the row, and the second relies on the first.
 */
public final class RowProjector {
  /** What {@link #length} answers for bytes that are no row. */
  public static final int NO_ROW = -1;

  private final RowFrame frame = new RowFrame();

  /**
   * How long a row's projection is.
   *
   * @param source memory with the row, whose length the caller vouches for
   * @return {@link #NO_ROW} when the bytes are no row of the projection's schema
   */
  public int length(RowProjection projection, RowBytes source, long at, int length) {
    if (!frame.read(projection.schema(), source, at, length)) {
      return NO_ROW;
    }
    Plan plan = projection.plan(frame.version());
    if (plan.isWhole) {
      return length;
    }
    int dataBytes = dataBytes(plan);
    if (dataBytes < 0) {
      return NO_ROW;
    }
    long total =
        (long) RowLayout.HEAD_BYTES
            + (hasNulls(plan) ? plan.target.nullBytes : 0)
            + plan.target.boolBytes
            + plan.target.fixedBytes
            + dataBytes
            + plan.target.endsBytes(RowLayout.endWidth(dataBytes));
    return total > Limits.MAX_VALUE_BYTES ? NO_ROW : (int) total;
  }

  /** Bytes of the variable values that are asked for, or -1 where one does not lie in the row. */
  private int dataBytes(Plan plan) {
    long bytes = 0;
    for (int i = 0; i < plan.variables.length; i++) {
      int place = plan.variables[i];
      if (place == Plan.MISSING) {
        bytes += plan.variableDefaults[i].length;
      } else {
        int start = frame.end(place - 1);
        int end = frame.end(place);
        if (!frame.areInside(start, end)) {
          return -1;
        }
        bytes += end - start;
      }
    }
    return bytes > Limits.MAX_VALUE_BYTES ? -1 : (int) bytes;
  }

  private boolean hasNulls(Plan plan) {
    boolean found = plan.hasNull;
    if (frame.hasNulls()) {
      for (int i = 0; i < plan.sources.length && !found; i++) {
        found = plan.sources[i] != Plan.MISSING && frame.isNull(plan.sources[i]);
      }
    }
    return found;
  }

  /**
   * Writes a row's projection, whose {@link #length} is known.
   *
   * @param target memory with room for it from {@code to}
   */
  public void write(
      RowProjection projection, RowBytes source, long at, int length, RowBytes target, long to) {
    if (!frame.read(projection.schema(), source, at, length)) {
      throw new IllegalStateException("bytes that were a row when they were measured are none now");
    }
    Plan plan = projection.plan(frame.version());
    if (plan.isWhole) {
      source.copy(at, target, to, length);
      target.putByte(to + 1, (byte) 0);
      return;
    }
    boolean hasNulls = hasNulls(plan);
    int endWidth = RowLayout.endWidth(dataBytes(plan));
    target.putByte(to, (byte) (RowLayout.MAGIC | (hasNulls ? RowLayout.NULLS : 0) | endWidth));
    target.putByte(to + 1, (byte) 0);
    long next = to + RowLayout.HEAD_BYTES;
    if (hasNulls) {
      writeNulls(plan, target, next);
      next += plan.target.nullBytes;
    }
    if (plan.target.boolBytes > 0) {
      writeBools(plan, target, next);
      next += plan.target.boolBytes;
    }
    writeFixed(plan, source, target, next);
    writeVariables(plan, source, target, next + plan.target.fixedBytes, endWidth);
  }

  private void writeNulls(Plan plan, RowBytes target, long to) {
    int columns = plan.sources.length;
    for (int from = 0; from < columns; from += Byte.SIZE) {
      int bits = 0;
      for (int i = from; i < Math.min(columns, from + Byte.SIZE); i++) {
        int column = plan.sources[i];
        boolean isNull = column == Plan.MISSING ? plan.areNull[i] : frame.isNull(column);
        bits |= isNull ? 1 << (i - from) : 0;
      }
      target.putByte(to + from / Byte.SIZE, (byte) bits);
    }
  }

  private void writeBools(Plan plan, RowBytes target, long to) {
    int count = plan.bools.length;
    for (int from = 0; from < count; from += Byte.SIZE) {
      int bits = 0;
      for (int i = from; i < Math.min(count, from + Byte.SIZE); i++) {
        int place = plan.bools[i];
        boolean value = place == Plan.MISSING ? plan.boolDefaults[i] : frame.bool(place);
        bits |= value ? 1 << (i - from) : 0;
      }
      target.putByte(to + from / Byte.SIZE, (byte) bits);
    }
  }

  private void writeFixed(Plan plan, RowBytes source, RowBytes target, long to) {
    long fixed = frame.fixed();
    int[] runs = plan.runs;
    for (int i = 0; i < runs.length; i += 3) {
      long from = fixed + runs[i];
      long at = to + runs[i + 1];
      switch (runs[i + 2]) {
        case Long.BYTES -> target.putLong(at, source.getLong(from));
        case Integer.BYTES -> target.putInt(at, source.getInt(from));
        default -> source.copy(from, target, at, runs[i + 2]);
      }
    }
    int[] widened = plan.widened;
    for (int i = 0; i < widened.length; i += 2) {
      double value = Float.intBitsToFloat(source.getInt(fixed + widened[i]));
      target.putLong(to + widened[i + 1], Double.doubleToRawLongBits(value));
    }
    int[] constants = plan.constants;
    for (int i = 0; i < constants.length; i += 2) {
      long bits = plan.constantBits[i / 2];
      if (constants[i + 1] == Long.BYTES) {
        target.putLong(to + constants[i], bits);
      } else {
        target.putInt(to + constants[i], (int) bits);
      }
    }
  }

  private void writeVariables(Plan plan, RowBytes source, RowBytes target, long to, int endWidth) {
    int count = plan.variables.length;
    int written = 0;
    for (int i = 0; i < count; i++) {
      int place = plan.variables[i];
      if (place == Plan.MISSING) {
        byte[] value = plan.variableDefaults[i];
        target.put(to + written, value, 0, value.length);
        written += value.length;
      } else {
        int start = frame.end(place - 1);
        int bytes = frame.end(place) - start;
        source.copy(frame.data() + start, target, to + written, bytes);
        written += bytes;
      }
    }
    long ends = to + written;
    int end = 0;
    for (int i = 0; i < count - 1; i++) {
      int place = plan.variables[i];
      end +=
          place == Plan.MISSING
              ? plan.variableDefaults[i].length
              : frame.end(place) - frame.end(place - 1);
      RowLayout.writeEnd(target, ends + ((long) i << endWidth), endWidth, end);
    }
  }
}
