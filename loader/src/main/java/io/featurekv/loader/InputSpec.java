package io.featurekv.loader;

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
 * @param types column name to string, int64, double or bool for CSV and TSV
 * @param deleteColumn rows in which it is true (true, 1, yes, t, y, any case) are deletions; empty
 *     for none
 * @param expiresColumn when the row's entry expires: seconds or milliseconds since 1970, or an
 *     ISO-8601 instant; empty for none
 * @param allowIncomplete takes a Spark directory without _SUCCESS
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
    boolean allowIncomplete) {
  public InputSpec {
    inputs = List.copyOf(inputs);
    keyColumns = List.copyOf(keyColumns);
    types = Map.copyOf(types);
  }
}
