package io.featurekv.metadata;

import io.featurekv.model.UpdateMode;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table.
 *
 * @param number counts upwards per table name and is never used twice
 * @param parent the version an incremental one builds on, 0 for a full one (and until an
 *     incremental one seals)
 * @param shards the shard records in order; as many as the version has shards
 * @param entries keys with a value in this version's own files
 * @param tombstones keys deleted by this version's own files
 * @param bytes sum of the file lengths
 * @param sealedAtMillis 0 until then; so are the other times
 * @param retiredAtMillis when it last stopped being active, or was dropped or failed
 * @param activateWhenReady whether it becomes active by itself
 * @param loadFailures why a node cannot load it, by node id
 * @param reason why it failed or was rolled back, for a person
 * @param dataCheck what nodes have to look into before it may be ready; null for nothing
 * @param verifyFull whether nodes sum up every entry of its files before they are ready with them
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
    String reason,
    @Nullable DataCheck dataCheck,
    boolean verifyFull) {
  /** Whose replicas are proved by their digests. */
  public VersionRecord(
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
    this(
        number,
        mode,
        parent,
        state,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        retiredAtMillis,
        activateWhenReady,
        taskId,
        loadFailures,
        reason,
        null,
        false);
  }

  public VersionRecord {
    shards = ShardList.copyOf(shards);
    loadFailures = Collections.unmodifiableSortedMap(new TreeMap<>(loadFailures));
  }

  /**
   * Number of shards; fixed at creation for a full version, inherited from the parent otherwise.
   */
  public int shardCount() {
    return shards.size();
  }

  /** The shards as a list that is hashed once. */
  ShardList shardList() {
    return ShardList.copyOf(shards);
  }

  /** A version that nobody has built yet. */
  static VersionRecord begun(
      long number,
      UpdateMode mode,
      int shards,
      long nowMillis,
      boolean activateWhenReady,
      boolean verifyFull,
      String taskId) {
    return new VersionRecord(
        number,
        mode,
        0,
        VersionState.BUILDING,
        ShardList.empty(shards),
        0,
        0,
        0,
        nowMillis,
        0,
        0,
        0,
        activateWhenReady,
        taskId,
        new TreeMap<>(),
        "",
        null,
        verifyFull);
  }

  /** With other shards. */
  VersionRecord withShards(List<ShardRecord> newShards) {
    return new VersionRecord(
        number,
        mode,
        parent,
        state,
        newShards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        retiredAtMillis,
        activateWhenReady,
        taskId,
        loadFailures,
        reason,
        dataCheck,
        verifyFull);
  }

  /** With other load failures. */
  VersionRecord withLoadFailures(SortedMap<String, String> newLoadFailures) {
    return new VersionRecord(
        number,
        mode,
        parent,
        state,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        retiredAtMillis,
        activateWhenReady,
        taskId,
        newLoadFailures,
        reason,
        dataCheck,
        verifyFull);
  }

  /** With something else to look into, or with what was found. */
  VersionRecord withDataCheck(@Nullable DataCheck newDataCheck) {
    return new VersionRecord(
        number,
        mode,
        parent,
        state,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        retiredAtMillis,
        activateWhenReady,
        taskId,
        loadFailures,
        reason,
        newDataCheck,
        verifyFull);
  }

  /** In another state, with nothing else changed. */
  VersionRecord withState(VersionState newState) {
    return new VersionRecord(
        number,
        mode,
        parent,
        newState,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        retiredAtMillis,
        activateWhenReady,
        taskId,
        loadFailures,
        reason,
        dataCheck,
        verifyFull);
  }

  /** Active from now on. */
  VersionRecord activated(long nowMillis) {
    return new VersionRecord(
        number,
        mode,
        parent,
        VersionState.ACTIVE,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        nowMillis,
        0,
        activateWhenReady,
        taskId,
        loadFailures,
        "",
        dataCheck,
        verifyFull);
  }

  /** No longer active, failed or dropped. */
  VersionRecord retired(VersionState newState, String why, long nowMillis) {
    return new VersionRecord(
        number,
        mode,
        parent,
        newState,
        shards,
        entries,
        tombstones,
        bytes,
        createdAtMillis,
        sealedAtMillis,
        activatedAtMillis,
        nowMillis,
        activateWhenReady,
        taskId,
        loadFailures,
        why,
        dataCheck,
        verifyFull);
  }
}
