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
 * @param ready node ids that have the shard's whole chain open and answered a probe; each holds
 *     this file or the merged one
 * @param merged the full file that may stand in for this one and its ancestors; null while there is
 *     none
 */
public record ShardRecord(
    @Nullable FileManifest manifest,
    SortedMap<String, String> holders,
    SortedSet<String> ready,
    @Nullable MergedFile merged) {
  /** A shard that nobody has. */
  public static final ShardRecord EMPTY = new ShardRecord(null, new TreeMap<>(), new TreeSet<>());

  /** A shard that was not merged. */
  public ShardRecord(
      @Nullable FileManifest manifest, SortedMap<String, String> holders, SortedSet<String> ready) {
    this(manifest, holders, ready, null);
  }

  public ShardRecord {
    holders = Collections.unmodifiableSortedMap(new TreeMap<>(holders));
    ready = Collections.unmodifiableSortedSet(new TreeSet<>(ready));
  }

  /** Whether some node has it open. */
  public boolean isReadySomewhere() {
    return !ready.isEmpty();
  }

  /** Whether a node has the merged file. */
  public boolean isMergedOn(String nodeId) {
    return merged != null && merged.holders().contains(nodeId);
  }

  /** Whether the merged file has taken the place of this one and its ancestors for good. */
  public boolean isMergeComplete() {
    return merged != null && merged.complete();
  }

  /** Whether somebody has this file or the merged one. */
  boolean isHeld() {
    return !holders.isEmpty() || (merged != null && !merged.holders().isEmpty());
  }

  ShardRecord withHolder(String nodeId, String digest) {
    return digest.equals(holders.get(nodeId))
        ? this
        : new ShardRecord(manifest, SortedMaps.with(holders, nodeId, digest), ready, merged);
  }

  /** Without a holder, which stays ready only by the merged file. */
  ShardRecord withoutHolder(String nodeId) {
    if (!holders.containsKey(nodeId)) {
      return this;
    }
    SortedSet<String> stillReady = isMergedOn(nodeId) ? ready : withoutReady(nodeId).ready();
    return new ShardRecord(manifest, SortedMaps.without(holders, nodeId), stillReady, merged);
  }

  ShardRecord withReady(String nodeId) {
    if (ready.contains(nodeId)) {
      return this;
    }
    SortedSet<String> more = new TreeSet<>(ready);
    more.add(nodeId);
    return new ShardRecord(manifest, holders, more, merged);
  }

  ShardRecord withoutReady(String nodeId) {
    if (!ready.contains(nodeId)) {
      return this;
    }
    SortedSet<String> fewer = new TreeSet<>(ready);
    fewer.remove(nodeId);
    return new ShardRecord(manifest, holders, fewer, merged);
  }

  /** With another merged file, or none. */
  ShardRecord withMerged(@Nullable MergedFile file) {
    return new ShardRecord(manifest, holders, ready, file);
  }

  /** With what the file must be, and without the holders of anything else. */
  ShardRecord sealed(FileManifest sealedManifest) {
    SortedMap<String, String> right = new TreeMap<>(holders);
    right.values().removeIf(digest -> !digest.equals(sealedManifest.digest().hex()));
    return new ShardRecord(sealedManifest, right, new TreeSet<>());
  }
}
