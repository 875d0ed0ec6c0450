package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import io.featurekv.model.RowSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which columns make the key and the value, and how.
 *
 * @param valueColumn empty: the value is a JSON object of all columns but those of the key, the
 *     delete and the expires column
 * @param deleteColumn empty: there are no deletions
 * @param valueEncoding how the text of the value column, or of bytes columns of rows, is bytes
 * @param expiresColumn empty: no entry says when it expires
 * @param requiredColumns columns that must be there whatever entries are made of
 * @param rows the columns of typed rows that the values are; null: they are something else
 */
public record EntryShape(
    List<String> keyColumns,
    String keySeparator,
    TextEncoding keyEncoding,
    String valueColumn,
    TextEncoding valueEncoding,
    String deleteColumn,
    String expiresColumn,
    long maxValueBytes,
    List<String> requiredColumns,
    @Nullable RowSchema rows) {
  /** Of values that are no typed rows. */
  public EntryShape(
      List<String> keyColumns,
      String keySeparator,
      TextEncoding keyEncoding,
      String valueColumn,
      TextEncoding valueEncoding,
      String deleteColumn,
      String expiresColumn,
      long maxValueBytes,
      List<String> requiredColumns) {
    this(
        keyColumns,
        keySeparator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        deleteColumn,
        expiresColumn,
        maxValueBytes,
        requiredColumns,
        null);
  }

  public EntryShape {
    keyColumns = List.copyOf(keyColumns);
    requiredColumns = List.copyOf(requiredColumns);
    check(!keyColumns.isEmpty(), "no key column is named");
    check(
        new HashSet<>(keyColumns).size() == keyColumns.size(),
        "a key column is named twice: " + String.join(", ", keyColumns));
    if (keyColumns.size() > 1) {
      check(!keySeparator.isEmpty(), "several key columns need a separator that is not empty");
      check(
          keySeparator.indexOf('\\') < 0,
          "the key separator '" + keySeparator + "' holds a backslash, which is the escape");
    }
    check(
        deleteColumn.isEmpty() || !keyColumns.contains(deleteColumn),
        "the delete column '" + deleteColumn + "' is a key column");
    check(
        expiresColumn.isEmpty() || !keyColumns.contains(expiresColumn),
        "the expires column '" + expiresColumn + "' is a key column");
    check(
        expiresColumn.isEmpty() || !expiresColumn.equals(deleteColumn),
        "the expires column '" + expiresColumn + "' is the delete column");
    check(
        maxValueBytes >= 0 && maxValueBytes <= Limits.MAX_VALUE_BYTES,
        "a value limit of "
            + maxValueBytes
            + " bytes is beyond the "
            + Limits.MAX_VALUE_BYTES
            + " that any table may have");
  }

  /** The columns that are looked for in a row; empty where that is all of them. */
  public Set<String> neededColumns() {
    if (valueColumn.isEmpty() && rows == null) {
      return Set.of();
    }
    Set<String> needed = new HashSet<>(keyColumns);
    if (rows != null) {
      rows.columns().forEach(column -> needed.add(column.name()));
    }
    needed.addAll(List.of(valueColumn, deleteColumn, expiresColumn));
    needed.addAll(requiredColumns);
    needed.remove("");
    return Set.copyOf(needed);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
    }
  }
}
