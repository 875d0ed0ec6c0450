package io.featurekv.loader;

import io.featurekv.loader.source.Inputs;
import java.util.List;
import java.util.Map;

/**
 * What to read and how rows become entries; the meaning of each is that of the {@code load}
 * command's option.
 *
 * @param inputs paths, directories, globs, {@code -}, or one {@code
 *     generate:N?valueBytes=100&version=1}
 * @param format auto, csv, tsv, jsonl or parquet
 * @param keyColumns in order; joined with {@code keySeparator}
 * @param valueColumn the column whose raw bytes are the value, or empty for JSON of all other
 *     columns
 * @param keyEncoding utf8, hex or base64: how the text of a key column becomes bytes
 * @param valueEncoding the same for {@code valueColumn}
 * @param types column name to the word of a {@link io.featurekv.model.RowType} for CSV and TSV;
 *     those of a table's columns need not be said
 * @param deleteColumn rows in which it is true (true, 1, yes, t, y, any case) are deletions, those
 *     in which it is false (false, 0, no, f, n), empty or null are not, all others are rejected;
 *     empty for none
 * @param expiresColumn when the row's entry expires: seconds or milliseconds since 1970, or an
 *     ISO-8601 instant; empty for none
 * @param allowIncomplete takes a Spark directory without _SUCCESS
 * @param requiredColumns columns that every input must have, besides those that entries are made
 *     of; no part of what makes two loads the same
 * @param valueFormat json, raw or row; empty: raw where {@code valueColumn} is named or the inputs
 *     are entries themselves, else row where the table has columns, else json
 */
public record InputSpec(
    List<String> inputs,
    String format,
    List<String> keyColumns,
    String keySeparator,
    String keyEncoding,
    String valueColumn,
    String valueEncoding,
    Map<String, String> types,
    String deleteColumn,
    String expiresColumn,
    boolean allowIncomplete,
    List<String> requiredColumns,
    String valueFormat) {
  public InputSpec {
    inputs = List.copyOf(inputs);
    keyColumns = List.copyOf(keyColumns);
    types = Map.copyOf(types);
    requiredColumns = List.copyOf(requiredColumns);
  }

  /**
   * Of inputs that need no other columns than those that entries are made of, with values in the
   * format that goes without saying.
   */
  public InputSpec(
      List<String> inputs,
      String format,
      List<String> keyColumns,
      String keySeparator,
      String keyEncoding,
      String valueColumn,
      String valueEncoding,
      Map<String, String> types,
      String deleteColumn,
      String expiresColumn,
      boolean allowIncomplete) {
    this(
        inputs,
        format,
        keyColumns,
        keySeparator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        types,
        deleteColumn,
        expiresColumn,
        allowIncomplete,
        List.of(),
        "");
  }

  /** The same inputs, whose paths do not depend on where a process runs. */
  public InputSpec absolute() {
    return new InputSpec(
        inputs.stream().map(Inputs::absolute).toList(),
        format,
        keyColumns,
        keySeparator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        types,
        deleteColumn,
        expiresColumn,
        allowIncomplete,
        requiredColumns,
        valueFormat);
  }

  /** The same inputs, which must have these columns whatever entries are made of. */
  public InputSpec withRequiredColumns(List<String> columns) {
    return new InputSpec(
        inputs,
        format,
        keyColumns,
        keySeparator,
        keyEncoding,
        valueColumn,
        valueEncoding,
        types,
        deleteColumn,
        expiresColumn,
        allowIncomplete,
        columns,
        valueFormat);
  }
}
