package io.featurekv.client;

import java.util.List;

/**
 * A table as readers see it.
 *
 * @param name its name
 * @param kind {@code mem}, {@code idx} or {@code blk}
 * @param activeVersion the version that reads without a version see; 0: none yet
 * @param shards shard count of the active version; 0: none yet
 * @param versions every version that can be read, ascending
 */
public record TableInfo(
    String name, String kind, long activeVersion, int shards, List<Long> versions) {
  public TableInfo {
    versions = List.copyOf(versions);
  }
}
