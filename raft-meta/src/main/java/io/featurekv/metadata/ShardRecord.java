package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One shard of one version.
 *
 * @param manifest what the file must be; null until the version is sealed
 * @param holders node ids that have the verified file on disk, with the digest (hex) of what they have
 * @param ready node ids that have the shard's whole chain open and answered a probe; a subset of the holders
 */
public record ShardRecord(
    @Nullable FileManifest manifest, SortedMap<String, String> holders, SortedSet<String> ready) {
  /** A shard that nobody has. */
  public static final ShardRecord EMPTY = new ShardRecord(null, new TreeMap<>(), new TreeSet<>());

  public ShardRecord {
    holders = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(holders));
    ready = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(ready));
  }
}
