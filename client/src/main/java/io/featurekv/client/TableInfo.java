package io.featurekv.client;

import io.featurekv.model.RowColumn;
import java.util.List;

/**
 * A table as readers see it.
 *
 * @param name its name
 * @param kind {@code mem}, {@code idx} or {@code blk}
 * @param activeVersion the version that reads without a version see; 0: none yet
 * @param shards shard count of the active version; 0: none yet
 * @param versions every version that can be read, ascending
 * @param columns of its rows, in order; none: values are bytes
 */
public record TableInfo(
    String name,
    String kind,
    long activeVersion,
    int shards,
    List<Long> versions,
    List<RowColumn> columns) {
  /** Of a table whose values are bytes. */
  public TableInfo(String name, String kind, long activeVersion, int shards, List<Long> versions) {
    this(name, kind, activeVersion, shards, versions, List.of());
  }

  public TableInfo {
    versions = List.copyOf(versions);
    columns = List.copyOf(columns);
  }
}
