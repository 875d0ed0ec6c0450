package io.featurekv.metadata;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a load reads and how rows become entries, as any builder needs it; the meaning of each is
 * that of the {@code load} command's option.
 *
 * @param inputs absolute paths, globs and addresses that every builder can read
 * @param requiredColumns columns that every input must have, whatever entries are made of
 * @param valueFormat json, raw, row, or empty for what goes without saying
 */
public record TaskInputs(
    List<String> inputs,
    String format,
    List<String> keyColumns,
    String keySeparator,
    String keyEncoding,
    String valueColumn,
    String valueEncoding,
    SortedMap<String, String> types,
    String deleteColumn,
    String expiresColumn,
    boolean allowIncomplete,
    boolean lastDuplicateWins,
    double maxRejected,
    boolean maxRejectedIsPercent,
    boolean allowEmpty,
    List<String> requiredColumns,
    String valueFormat) {
  public TaskInputs {
    inputs = List.copyOf(inputs);
    keyColumns = List.copyOf(keyColumns);
    requiredColumns = List.copyOf(requiredColumns);
    types = Collections.unmodifiableSortedMap(new TreeMap<>(types));
  }

  /** The rules alone. */
  TaskInputs withoutNames() {
    return new TaskInputs(
        List.of(),
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
        lastDuplicateWins,
        maxRejected,
        maxRejectedIsPercent,
        allowEmpty,
        requiredColumns,
        valueFormat);
  }

  /** Whether so many rejected rows are let pass; a percentage can be told only at the end. */
  boolean letsPass(long rejected, long rows, boolean isWhole) {
    if (maxRejectedIsPercent) {
      return !isWhole || rejected * 100.0 <= maxRejected * rows;
    }
    return rejected <= maxRejected;
  }
}
