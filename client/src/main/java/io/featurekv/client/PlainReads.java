package io.featurekv.client;

import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reads for callers who want bytes: values and nulls instead of statuses, keys as texts where
 * they are texts, and one {@link FeatureKvException} when anything could not be read. Waits for the
 * answer, as {@link BlockingReads} does, and like it is not for network threads.
 */
public final class PlainReads {
  private static final ReadOptions ALL_OR_NOTHING = ReadOptions.DEFAULT.withAllowPartial(false);

  private final BlockingReads reads;

  PlainReads(BlockingReads reads) {
    this.reads = reads;
  }

  /** The value of a key, or null when it has none. */
  public byte @Nullable [] get(String table, byte[] key) {
    return reads.get(table, key, ALL_OR_NOTHING).orElse(null);
  }

  /** The value of a key that is the UTF-8 of a text, or null when it has none. */
  public byte @Nullable [] get(String table, String key) {
    return get(table, Keys.utf8(key));
  }

  /** The values of some keys in their order, all of one version; null for those without one. */
  public List<byte @Nullable []> getAll(String table, List<byte[]> keys) {
    BatchResult result = reads.batchGet(table, keys, ALL_OR_NOTHING);
    List<byte @Nullable []> values = new ArrayList<>(result.size());
    for (int i = 0; i < result.size(); i++) {
      values.add(result.value(i));
    }
    return values;
  }

  /** The values of those keys that have one, in the keys' order, all of one version. */
  public Map<String, byte[]> getAll(String table, Collection<String> keys) {
    List<String> texts = List.copyOf(keys);
    BatchResult result = reads.batchGet(table, Keys.utf8(texts), ALL_OR_NOTHING);
    Map<String, byte[]> found = new LinkedHashMap<>();
    for (int i = 0; i < result.size(); i++) {
      byte[] value = result.value(i);
      if (value != null) {
        found.put(texts.get(i), value);
      }
    }
    return found;
  }

  /**
   * Columns of the row of a key, all where none is named; or null when it has none. Of a table
   * whose values are rows.
   */
  public @Nullable RowView getRow(String table, String key, String... columns) {
    return reads.getRow(table, Keys.utf8(key), ofColumns(columns)).orElse(null);
  }

  /**
   * Columns, all where none is named, of the rows of those keys that have one, in the keys' order,
   * all of one version. Of a table whose values are rows.
   */
  public Map<String, RowView> getRows(String table, Collection<String> keys, String... columns) {
    List<String> texts = List.copyOf(keys);
    BatchResult result = reads.batchGet(table, Keys.utf8(texts), ofColumns(columns));
    Map<String, RowView> found = new LinkedHashMap<>();
    for (int i = 0; i < result.size(); i++) {
      RowView row = result.row(i);
      if (row != null) {
        found.put(texts.get(i), row);
      }
    }
    return found;
  }

  private static ReadOptions ofColumns(String... columns) {
    return columns.length == 0
        ? ALL_OR_NOTHING.withAllColumns()
        : ALL_OR_NOTHING.withColumns(columns);
  }
}
