package io.featurekv.metadata;

import io.featurekv.model.RowSchema;
import io.featurekv.model.TableKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One table.
 *
 * @param id log index of its creation
 * @param nextVersion number the next version will get
 * @param activeVersion 0 while there is none
 * @param versions every version that is still worth telling of, by number
 * @param schema the columns of its rows, in whose present or an earlier version every value is
 *     written; null: values are bytes
 * @param canary the version on trial; null: none
 */
public record TableRecord(
    long id,
    String name,
    TableKind kind,
    TableOptions options,
    long nextVersion,
    long activeVersion,
    SortedMap<Long, VersionRecord> versions,
    @Nullable RowSchema schema,
    @Nullable Canary canary) {
  public TableRecord {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }

  /** Of values that are bytes. */
  public TableRecord(
      long id,
      String name,
      TableKind kind,
      TableOptions options,
      long nextVersion,
      long activeVersion,
      SortedMap<Long, VersionRecord> versions) {
    this(id, name, kind, options, nextVersion, activeVersion, versions, null, null);
  }

  /** The active version, or null. */
  public @Nullable VersionRecord active() {
    return activeVersion == 0 ? null : versions.get(activeVersion);
  }

  /**
   * The version that reads which name none see in a sect: the one on trial there, else the active
   * one; 0 for none.
   */
  public long versionIn(String sect) {
    return canary != null && canary.sect().equals(sect) ? canary.version() : activeVersion;
  }

  /**
   * Whether another version became active first, so that making this one active would hide newer
   * data or data that it does not build on.
   */
  public boolean isOvertaken(VersionRecord version) {
    boolean lostItsParent = version.parent() != 0 && version.parent() != activeVersion;
    return version.number() < activeVersion || lostItsParent;
  }

  TableRecord withOptions(TableOptions newOptions) {
    return new TableRecord(
        id, name, kind, newOptions, nextVersion, activeVersion, versions, schema, canary);
  }

  TableRecord withSchema(@Nullable RowSchema newSchema) {
    return new TableRecord(
        id, name, kind, options, nextVersion, activeVersion, versions, newSchema, canary);
  }

  TableRecord withActive(long newActiveVersion) {
    return new TableRecord(
        id, name, kind, options, nextVersion, newActiveVersion, versions, schema, canary);
  }

  TableRecord withVersions(SortedMap<Long, VersionRecord> newVersions) {
    return new TableRecord(
        id, name, kind, options, nextVersion, activeVersion, newVersions, schema, canary);
  }

  /** With a version added or replaced; a new one takes its number. */
  TableRecord withVersion(VersionRecord version) {
    return new TableRecord(
        id,
        name,
        kind,
        options,
        Math.max(nextVersion, version.number() + 1),
        activeVersion,
        SortedMaps.with(versions, version.number(), version),
        schema,
        isTrialOver(version) ? null : canary);
  }

  /** With another version on trial, or none. */
  TableRecord withCanary(@Nullable Canary newCanary) {
    return new TableRecord(
        id, name, kind, options, nextVersion, activeVersion, versions, schema, newCanary);
  }

  private boolean isTrialOver(VersionRecord changed) {
    return canary != null
        && canary.version() == changed.number()
        && changed.state() != VersionState.READY;
  }

  /**
   * The versions whose files {@code version} needs, itself first: back to its full version, or to
   * the first one at which every shard has a complete merged file at the latest.
   */
  public List<VersionRecord> chain(VersionRecord version) {
    List<VersionRecord> chain = new ArrayList<>();
    BitSet open = new BitSet();
    open.set(0, version.shardCount());
    VersionRecord next = version;
    while (next != null) {
      chain.add(next);
      for (int shard = 0; shard < next.shardCount(); shard++) {
        if (next.shards().get(shard).isMergeComplete()) {
          open.clear(shard);
        }
      }
      next = next.parent() == 0 || open.isEmpty() ? null : versions.get(next.parent());
    }
    return chain;
  }

  /**
   * The files that a read of a shard of {@code version} touches, newest first: back to the full
   * file, or to the first merged one. Empty where one of them is not there to be had.
   */
  public List<ChainFile> chain(VersionRecord version, int shard) {
    return chain(version, shard, merged -> merged.complete() || !merged.holders().isEmpty());
  }

  /**
   * The files that read as {@link #chain(VersionRecord, int)} does, but with no merged file that is
   * not complete yet: what nodes read until they have that one, and keep until it is complete.
   */
  public List<ChainFile> settledChain(VersionRecord version, int shard) {
    return chain(version, shard, MergedFile::complete);
  }

  private List<ChainFile> chain(
      VersionRecord version, int shard, Predicate<MergedFile> standsInAlready) {
    List<ChainFile> files = new ArrayList<>();
    VersionRecord at = version;
    while (at != null && shard < at.shardCount()) {
      ShardRecord record = at.shards().get(shard);
      MergedFile merged = record.merged();
      boolean standsIn = merged != null && standsInAlready.test(merged);
      files.add(new ChainFile(at, shard, standsIn));
      if (record.manifest() == null) {
        return List.of();
      }
      if (standsIn || at.parent() == 0) {
        return files;
      }
      at = versions.get(at.parent());
    }
    return List.of();
  }
}
