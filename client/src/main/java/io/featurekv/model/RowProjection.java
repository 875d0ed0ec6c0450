package io.featurekv.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some columns of a table, in some order, and how rows of every version of its schema become rows
 * of just those: of version 0, and as the schema says now, so with defaults where a row is older
 * than a column, and doubles where it still has a float. A {@link RowProjector} does it. Immutable.
 */
public final class RowProjection {
  private final RowSchema schema;
  private final int[] columns;
  private final RowSchema shape;
  // By version of the schema; filled when first needed. Plans are immutable: a race makes two.
  private final @Nullable Plan[] plans;

  private RowProjection(RowSchema schema, int[] columns) {
    this.schema = schema;
    this.columns = columns.clone();
    List<RowColumn> asked = new ArrayList<>(columns.length);
    for (int column : columns) {
      asked.add(schema.columns().get(column));
    }
    shape = RowSchema.shape(asked);
    plans = new Plan[schema.version() + 1];
  }

  /**
   * Of these columns.
   *
   * @param columns indexes into the schema's, each at most once
   */
  public static RowProjection of(RowSchema schema, int[] columns) {
    return new RowProjection(schema, columns);
  }

  /** What the rows that come out are of: the columns, in their order, as version 0. */
  public RowSchema shape() {
    return shape;
  }

  /** The schema of the rows that go in. */
  RowSchema schema() {
    return schema;
  }

  /** For rows of a version that the schema knows. */
  Plan plan(int version) {
    Plan known = plans[version];
    if (known == null) {
      known = new Plan(schema, version, columns, shape.newest());
      plans[version] = known;
    }
    return known;
  }

  /** How rows of one version become what is asked for. */
  static final class Plan {
    /** Neither has the row such a column, nor is its default null. */
    static final int MISSING = -1;

    final RowLayout target;

    /** Whether a row is what is asked for as it is, but for its version. */
    final boolean isWhole;

    /** By column that is asked for: its index in the row, or MISSING. */
    final int[] sources;

    /** By column that is asked for: whether it is null because the row does not have it. */
    final boolean[] areNull;

    /** Whether any of those is. */
    final boolean hasNull;

    /** Fixed slots that go together: from, to and length of each, among the slots. */
    final int[] runs;

    /** Floats that become doubles: from and to of each. */
    final int[] widened;

    /** Fixed slots that the row does not have: to and length of each. */
    final int[] constants;

    /** What is in them. */
    final long[] constantBits;

    /** By bool that is asked for: its place in the row or MISSING. */
    final int[] bools;

    /** By bool that is asked for: what it is where the row does not have it. */
    final boolean[] boolDefaults;

    /** By variable value that is asked for: its place in the row or MISSING. */
    final int[] variables;

    /** By variable value that is asked for: what it is where the row does not have it. */
    final byte[][] variableDefaults;

    private Plan(RowSchema schema, int version, int[] columns, RowLayout target) {
      RowLayout source = schema.layout(version);
      if (source == null) {
        throw new AssertionError("a row of version " + version + " was taken for one of " + schema);
      }
      this.target = target;
      sources = new int[columns.length];
      areNull = new boolean[columns.length];
      bools = new int[target.bools];
      boolDefaults = new boolean[target.bools];
      variables = new int[target.variables];
      variableDefaults = new byte[target.variables][];
      Slots slots = new Slots();
      boolean sameTypes = true;
      boolean anyNull = false;
      for (int i = 0; i < columns.length; i++) {
        int column = columns[i];
        boolean isThere = column < source.columns();
        sources[i] = isThere ? column : MISSING;
        areNull[i] = !isThere && schema.isDefaultNull(column);
        anyNull |= areNull[i];
        sameTypes &= isThere && source.type(column) == target.type(i);
        int place = target.place(i);
        int from = isThere ? source.place(column) : MISSING;
        switch (target.type(i)) {
          case BOOL -> {
            bools[place] = from;
            boolDefaults[place] = schema.defaultBits(column) != 0;
          }
          case STRING, BYTES, FLOAT_LIST -> {
            variables[place] = from;
            variableDefaults[place] = schema.defaultBytes(column);
          }
          case INT64, DOUBLE, FLOAT -> {
            int width = target.type(i).widthBytes();
            if (!isThere) {
              slots.constant(place, width, schema.defaultBits(column));
            } else if (source.type(column) != target.type(i)) {
              slots.widen(from, place);
            } else {
              slots.copy(from, place, width);
            }
          }
        }
      }
      hasNull = anyNull;
      runs = slots.runs.toArray();
      widened = slots.widened.toArray();
      constants = slots.constants.toArray();
      constantBits = Arrays.copyOf(slots.constantBits, constants.length / 2);
      isWhole = sameTypes && Arrays.equals(sources, RowSchema.identity(source.columns()));
    }
  }

  /** Collects what happens to fixed slots. */
  private static final class Slots {
    final Ints runs = new Ints();
    final Ints widened = new Ints();
    final Ints constants = new Ints();
    long[] constantBits = new long[8];

    /** Slots that lie side by side on both sides become one run. */
    void copy(int from, int to, int width) {
      int last = runs.size - 3;
      if (last >= 0
          && runs.values[last] + runs.values[last + 2] == from
          && runs.values[last + 1] + runs.values[last + 2] == to) {
        runs.values[last + 2] += width;
      } else {
        runs.add(from);
        runs.add(to);
        runs.add(width);
      }
    }

    void widen(int from, int to) {
      widened.add(from);
      widened.add(to);
    }

    void constant(int to, int width, long bits) {
      int number = constants.size / 2;
      if (number == constantBits.length) {
        constantBits = Arrays.copyOf(constantBits, 2 * number);
      }
      constantBits[number] = bits;
      constants.add(to);
      constants.add(width);
    }
  }

  private static final class Ints {
    int[] values = new int[16];
    int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    int[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
