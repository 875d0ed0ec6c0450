package io.featurekv.loader.source;

import io.featurekv.loader.row.ColumnType;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How rows are read.
 *
 * @param format that of all inputs; null: what their names end in
 * @param allowIncomplete takes directories that Spark has not finished
 * @param types what the columns of CSV and TSV, and those in directory names, are to be taken for;
 *     text where nothing is said
 * @param columns those whose cells are needed; empty: all
 * @param maxFieldBytes longest field of text that is read; {@link #maxRowBytes} follows from it
 * @param maxValueBytes longest value that the table takes
 * @param stdin what {@code -} reads; not closed
 * @param required columns that every text must have, because somebody has said their types
 */
public record ReadOptions(
    @Nullable Format format,
    boolean allowIncomplete,
    Map<String, ColumnType> types,
    Set<String> columns,
    int maxFieldBytes,
    long maxValueBytes,
    InputStream stdin,
    Set<String> required) {
  /** A row may hold several fields and escapes: this many times the longest field. */
  private static final int ROW_PER_FIELD = 2;

  private static final int MOST_ROW_BYTES = 1 << 29;

  /** Where every column with a type must be there. */
  public ReadOptions(
      @Nullable Format format,
      boolean allowIncomplete,
      Map<String, ColumnType> types,
      Set<String> columns,
      int maxFieldBytes,
      long maxValueBytes,
      InputStream stdin) {
    this(
        format,
        allowIncomplete,
        types,
        columns,
        maxFieldBytes,
        maxValueBytes,
        stdin,
        types.keySet());
  }

  public ReadOptions {
    types = Map.copyOf(types);
    columns = Set.copyOf(columns);
    required = Set.copyOf(required);
  }

  /** Whether the cells of a column are needed. */
  boolean needs(String column) {
    return columns.isEmpty() || columns.contains(column);
  }

  /** Longest row of a text; the bound on the memory that reading it takes. */
  int maxRowBytes() {
    return (int) Math.min((long) maxFieldBytes * ROW_PER_FIELD, MOST_ROW_BYTES);
  }
}
