package io.featurekv.loader.row;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.util.HashSet;
import java.util.List;

/**
 * Which columns make the key and the value, and how.
 *
 * @param valueColumn empty: the value is a JSON object of all columns but those of the key and the
 *     delete column
 * @param deleteColumn empty: there are no deletions
 */
public record EntryShape(
    List<String> keyColumns,
    String keySeparator,
    TextEncoding keyEncoding,
    String valueColumn,
    TextEncoding valueEncoding,
    String deleteColumn,
    long maxValueBytes) {
  public EntryShape {
    keyColumns = List.copyOf(keyColumns);
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
        maxValueBytes >= 0 && maxValueBytes <= Limits.MAX_VALUE_BYTES,
        "a value limit of "
            + maxValueBytes
            + " bytes is beyond the "
            + Limits.MAX_VALUE_BYTES
            + " that any table may have");
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
    }
  }
}
