package io.featurekv.metadata;

import io.featurekv.model.UpdateMode;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One version of a table.
 *
 * @param number counts upwards per table name and is never used twice
 * @param parent the version an incremental one builds on, 0 for a full one (and until an incremental one seals)
 * @param shards the shard records in order; as many as the version has shards
 * @param entries keys with a value in this version's own files
 * @param tombstones keys deleted by this version's own files
 * @param bytes sum of the file lengths
 * @param sealedAtMillis 0 until then; so are the other times
 * @param retiredAtMillis when it last stopped being active, or was dropped or failed
 * @param activateWhenReady whether it becomes active by itself
 * @param loadFailures why a node cannot load it, by node id
 * @param reason why it failed or was rolled back, for a person
 */
public record VersionRecord(
    long number,
    UpdateMode mode,
    long parent,
    VersionState state,
    List<ShardRecord> shards,
    long entries,
    long tombstones,
    long bytes,
    long createdAtMillis,
    long sealedAtMillis,
    long activatedAtMillis,
    long retiredAtMillis,
    boolean activateWhenReady,
    String taskId,
    SortedMap<String, String> loadFailures,
    String reason) {
  public VersionRecord {
    shards = List.copyOf(shards);
    loadFailures = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(loadFailures));
  }

  /** Number of shards; fixed at creation for a full version, inherited from the parent otherwise. */
  public int shardCount() {
    return shards.size();
  }
}
