package io.featurekv.metadata;

import io.featurekv.model.FileManifest;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One shard of one version.
 *
 * @param manifest what the file must be; null until the version is sealed
 * @param holders node ids that have the verified file on disk, with the digest (hex) of what they
 *     have
 * @param ready node ids that have the shard's whole chain open and answered a probe; a subset of
 *     the holders
 */
public record ShardRecord(
    @Nullable FileManifest manifest, SortedMap<String, String> holders, SortedSet<String> ready) {
  /** A shard that nobody has. */
  public static final ShardRecord EMPTY = new ShardRecord(null, new TreeMap<>(), new TreeSet<>());

  public ShardRecord {
    holders = Collections.unmodifiableSortedMap(new TreeMap<>(holders));
    ready = Collections.unmodifiableSortedSet(new TreeSet<>(ready));
  }

  /** Whether some node has it open. */
  public boolean isReadySomewhere() {
    return !ready.isEmpty();
  }

  ShardRecord withHolder(String nodeId, String digest) {
    return digest.equals(holders.get(nodeId))
        ? this
        : new ShardRecord(manifest, SortedMaps.with(holders, nodeId, digest), ready);
  }

  ShardRecord withoutHolder(String nodeId) {
    return holders.containsKey(nodeId)
        ? new ShardRecord(
            manifest, SortedMaps.without(holders, nodeId), withoutReady(nodeId).ready())
        : this;
  }

  ShardRecord withReady(String nodeId) {
    if (ready.contains(nodeId)) {
      return this;
    }
    SortedSet<String> more = new TreeSet<>(ready);
    more.add(nodeId);
    return new ShardRecord(manifest, holders, more);
  }

  ShardRecord withoutReady(String nodeId) {
    if (!ready.contains(nodeId)) {
      return this;
    }
    SortedSet<String> fewer = new TreeSet<>(ready);
    fewer.remove(nodeId);
    return new ShardRecord(manifest, holders, fewer);
  }

  /** With what the file must be, and without the holders of anything else. */
  ShardRecord sealed(FileManifest sealedManifest) {
    SortedMap<String, String> right = new TreeMap<>(holders);
    right.values().removeIf(digest -> !digest.equals(sealedManifest.digest().hex()));
    return new ShardRecord(sealedManifest, right, new TreeSet<>());
  }
}
