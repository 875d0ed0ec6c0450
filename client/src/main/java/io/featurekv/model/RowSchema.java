package io.featurekv.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table with typed rows, and all that they ever were: rows written under any of
 * its versions can be read with it. Immutable.
 *
 * <p>Columns are only ever added at the end, and types only ever widened ({@link #evolve}), so that
 * a column is known by its index for good. A row says under which version it was written; a column
 * that came later reads as its default.
 *
 * <h2>The bytes of a row</h2>
 *
 * <pre>
 * row   = head version [nulls] bools fixed data ends
 * head    u8: high bits 0001; bit 2: nulls is there; bits 0 and 1: log2 of the width of an end, 0 to 2
 * version u8: the version of the schema, from 1; 0: the columns are those that the reader asked for
 * nulls   a bit for each column, in order, lowest bit first: 1 where it is null; only where one is
 * bools   a bit for each bool column, likewise: its value
 * fixed   for each int64, double and float column, in order: 8, 8 or 4 bytes, little-endian
 * data    for each string, bytes and list&lt;float&gt; column, in order: its bytes, of a list 4 for each element
 * ends    for each of those but the last: u8, u16 or u32, where its bytes end, counted from where data begins
 *
 *  0    1       2                                                                        length
 * ┌────┬───────┬───────────────┬───────────────┬──────┬──────┬───┬────────┬────────┬───┬───────┐
 * │head│version│nulls (columns │ bools (bools  │fixed │fixed │...│  data  │  data  │...│ ends  │
 * │    │       │   + 7) / 8    │   + 7) / 8    │  0   │  1   │   │   0    │   1    │   │ 0 ... │
 * └────┴───────┴───────────────┴───────────────┴──────┴──────┴───┴────────┴────────┴───┴───────┘
 * </pre>
 *
 * A null takes its slot all the same, as zeros, or no bytes of data, so that the place of every
 * other column is the same in all rows of a version. The last value of {@code data} ends where
 * {@code ends} begins, which the length of the row tells. Unused bits are 0, and an end is as wide
 * as the length of {@code data} asks for: equal rows of one version have equal bytes.
 */
public final class RowSchema {
  /** Most columns of a table. */
  public static final int MAX_COLUMNS = 1024;

  /** Most versions of a schema. */
  public static final int MAX_VERSIONS = 255;

  /** Most characters of all names and defaults together. */
  public static final int MAX_TEXT_CHARS = 256 << 10;

  private static final int MAX_NAMES_IN_MESSAGE = 50;
  private static final byte[] NO_BYTES = {};

  private final int version;
  private final List<RowColumn> columns;
  private final Map<String, Integer> indexes;
  // By version of the schema; filled when first needed. Layouts are immutable: a race makes two.
  private final @Nullable RowLayout[] layouts;
  private final long[] defaultBits;
  private final byte[][] defaultBytes;

  private RowSchema(int version, List<RowColumn> columns) {
    this.version = version;
    this.columns = List.copyOf(columns);
    this.layouts = new RowLayout[version + 1];
    indexes = new HashMap<>(2 * columns.size());
    defaultBits = new long[columns.size()];
    defaultBytes = new byte[columns.size()][];
    for (int i = 0; i < columns.size(); i++) {
      RowColumn column = columns.get(i);
      String text = column.defaultText();
      if (indexes.put(column.name(), i) != null) {
        throw invalid("column '" + column.name() + "' is there twice");
      }
      defaultBits[i] = text == null ? 0 : RowColumn.valueBits(column.type(), text);
      defaultBytes[i] = text == null ? NO_BYTES : RowColumn.valueBytes(column.type(), text);
    }
  }

  /**
   * The first version of a schema.
   *
   * @throws FeatureKvException INVALID_ARGUMENT without columns, with two of one name or too many
   */
  public static RowSchema of(List<RowColumn> columns) {
    List<RowColumn> first = new ArrayList<>();
    for (RowColumn column : columns) {
      first.add(at(column, 1, 0));
    }
    return of(1, first);
  }

  /**
   * A schema of a version whose columns say since when they are there, as {@link #columns} returns
   * them.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when that cannot be
   */
  public static RowSchema of(int version, List<RowColumn> columns) {
    if (version < 1 || version > MAX_VERSIONS) {
      throw invalid("version " + version + " of a schema: expected 1 to " + MAX_VERSIONS);
    }
    if (columns.isEmpty() || columns.size() > MAX_COLUMNS) {
      throw invalid("a schema of " + columns.size() + " columns: expected 1 to " + MAX_COLUMNS);
    }
    int chars = 0;
    int since = 1;
    for (RowColumn column : columns) {
      String text = column.defaultText();
      chars += column.name().length() + (text == null ? 0 : text.length());
      if (column.since() < since || column.since() > version || column.widenedIn() > version) {
        throw invalid(
            "column '%s' came in version %d and was widened in version %d, behind one of version %d, in a schema of version %d"
                .formatted(column.name(), column.since(), column.widenedIn(), since, version));
      }
      since = column.since();
    }
    if (chars > MAX_TEXT_CHARS) {
      throw invalid(
          "names and defaults of a schema have %d characters, at most %d are allowed"
              .formatted(chars, MAX_TEXT_CHARS));
    }
    return new RowSchema(version, columns);
  }

  /**
   * What is asked for: columns that rows of version 0 have. What the columns say of versions is not
   * looked at.
   *
   * @throws FeatureKvException INVALID_ARGUMENT with two of one name
   */
  public static RowSchema shape(List<RowColumn> columns) {
    List<RowColumn> asked = new ArrayList<>(columns.size());
    for (RowColumn column : columns) {
      asked.add(at(column, 0, 0));
    }
    return new RowSchema(0, asked);
  }

  private static RowColumn at(RowColumn column, int since, int widenedIn) {
    return new RowColumn(
        column.name(), column.type(), column.nullable(), column.defaultText(), since, widenedIn);
  }

  /** Its number: 1 for the first, and one more with every change. 0: the answer to a projection. */
  public int version() {
    return version;
  }

  /** Its columns, in order. */
  public List<RowColumn> columns() {
    return columns;
  }

  /** The index of a column, or -1. */
  public int indexOf(String name) {
    return indexes.getOrDefault(name, -1);
  }

  /**
   * The indexes of columns.
   *
   * @param names none: all
   * @param table for the message
   * @throws FeatureKvException INVALID_ARGUMENT for one that is not there or is there twice
   */
  public int[] indexesOf(String table, List<String> names) {
    int[] found = new int[names.isEmpty() ? columns.size() : names.size()];
    boolean[] taken = new boolean[columns.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = names.isEmpty() ? i : indexOf(names.get(i));
      if (found[i] < 0) {
        throw invalid(
            "table '%s' has no column '%s'; it has %s"
                .formatted(table, names.get(i), namesForPeople()));
      }
      if (taken[found[i]]) {
        throw invalid("column '" + names.get(i) + "' is asked for twice");
      }
      taken[found[i]] = true;
    }
    return found;
  }

  static int[] identity(int count) {
    int[] all = new int[count];
    for (int i = 0; i < count; i++) {
      all[i] = i;
    }
    return all;
  }

  private String namesForPeople() {
    String some =
        columns.stream()
            .limit(MAX_NAMES_IN_MESSAGE)
            .map(RowColumn::name)
            .collect(Collectors.joining(", "));
    int more = columns.size() - MAX_NAMES_IN_MESSAGE;
    return more > 0 ? some + " and " + more + " more" : some;
  }

  /** The layout of a version, or null where this schema cannot know it. */
  @Nullable RowLayout layout(int wanted) {
    if (wanted > version || (wanted == 0) != (version == 0)) {
      return null;
    }
    RowLayout known = layouts[wanted];
    if (known == null) {
      known = RowLayout.of(columns, wanted);
      layouts[wanted] = known;
    }
    return known;
  }

  /** The layout of its own version. */
  RowLayout newest() {
    RowLayout own = layout(version);
    if (own == null) {
      throw new AssertionError("a schema does not know its own version " + version);
    }
    return own;
  }

  /** Whether a column's default is null; not where it has none. */
  boolean isDefaultNull(int column) {
    return columns.get(column).defaultText() == null;
  }

  /** The default of a fixed-width column, as a row has it; 0 where it is null. */
  long defaultBits(int column) {
    return defaultBits[column];
  }

  /** The default of a variable column, as a row has it; nothing where it is null. */
  byte[] defaultBytes(int column) {
    return defaultBytes[column];
  }

  /**
   * The columns as they would be with some changed or added: one of a name that is there gets the
   * type, may be null if either may, and keeps its default unless another is given.
   */
  public List<RowColumn> with(List<RowColumn> changes) {
    Map<String, RowColumn> wanted = new LinkedHashMap<>();
    columns.forEach(column -> wanted.put(column.name(), column));
    for (RowColumn change : changes) {
      RowColumn present = wanted.get(change.name());
      wanted.put(
          change.name(),
          present == null
              ? change
              : new RowColumn(
                  change.name(),
                  change.type(),
                  change.nullable() || present.nullable(),
                  change.defaultText() == null ? present.defaultText() : change.defaultText()));
    }
    return List.copyOf(wanted.values());
  }

  /**
   * The next version of this schema, with these columns; itself where they are the same. Allowed
   * are: columns at the end, if rows without them have something to read as, {@code float} becoming
   * {@code double}, and a column that may be null from now on.
   *
   * @param table for messages
   * @param wanted all columns that there are to be, in order; what they say of versions is not
   *     looked at
   * @throws FeatureKvException CONFLICT, naming table, column, from and to, for every other change:
   *     a narrowing, another type, a column left out, renamed or moved, another default;
   *     INVALID_ARGUMENT for what cannot be a schema at all
   */
  public RowSchema evolve(String table, List<RowColumn> wanted) {
    int next = version + 1;
    List<RowColumn> evolved = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      evolved.add(evolved(table, columns.get(i), i, wanted, next));
    }
    for (RowColumn added : wanted.subList(columns.size(), wanted.size())) {
      if (!added.hasDefault()) {
        throw refused(
            table,
            added.name(),
            "would be added as " + added.typeText() + " without a default",
            "rows that are there would have no value for it; give it one, like %s:%s=..., or let it be null, like %s:%s?"
                .formatted(added.name(), added.typeText(), added.name(), added.typeText()));
      }
      evolved.add(at(added, next, 0));
    }
    if (evolved.equals(columns)) {
      return this;
    }
    if (version == MAX_VERSIONS) {
      throw new FeatureKvException(
          ErrorCode.CONFLICT,
          "the columns of table '%s' have changed %d times already, which is the most"
              .formatted(table, MAX_VERSIONS - 1));
    }
    return of(next, evolved);
  }

  private static RowColumn evolved(
      String table, RowColumn from, int index, List<RowColumn> wanted, int next) {
    RowColumn to = index < wanted.size() ? wanted.get(index) : null;
    if (to == null || !to.name().equals(from.name())) {
      boolean isElsewhere = wanted.stream().anyMatch(other -> other.name().equals(from.name()));
      throw refused(
          table,
          from.name(),
          isElsewhere
              ? "would move from place " + (index + 1)
              : "would be removed" + (to == null ? "" : " or renamed to '" + to.name() + "'"),
          "columns are only added, at the end");
    }
    boolean isWidened = to.type().isWiderThan(from.type());
    if (to.type() != from.type() && !isWidened) {
      throw refused(
          table,
          from.name(),
          "would change from " + from.typeText() + " to " + to.typeText(),
          from.type().isWiderThan(to.type())
              ? "that narrows it; only float may become double"
              : "only float may become double");
    }
    if (from.nullable() && !to.nullable()) {
      throw refused(
          table,
          from.name(),
          "would change from " + from.typeText() + " to " + to.typeText(),
          "that narrows it: rows that are there may have nulls");
    }
    if (!Objects.equals(from.defaultText(), to.defaultText())) {
      throw refused(
          table,
          from.name(),
          "would change its default from %s to %s".formatted(from.defaultText(), to.defaultText()),
          "rows that are there read by it");
    }
    return new RowColumn(
        from.name(),
        to.type(),
        to.nullable(),
        from.defaultText(),
        from.since(),
        isWidened ? next : from.widenedIn());
  }

  private static FeatureKvException refused(
      String table, String column, String what, String because) {
    return new FeatureKvException(
        ErrorCode.CONFLICT,
        "column '%s' of table '%s' %s: %s".formatted(column, table, what, because));
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RowSchema schema
        && schema.version == version
        && schema.columns.equals(columns);
  }

  @Override
  public int hashCode() {
    return 31 * version + columns.hashCode();
  }

  /** The columns, as {@link RowColumn#parseAll} reads them. */
  @Override
  public String toString() {
    return columns.stream().map(RowColumn::toString).collect(Collectors.joining(","));
  }
}
