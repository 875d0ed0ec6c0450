package io.featurekv.metadata;

import io.featurekv.model.TableKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One table.
 *
 * @param id log index of its creation
 * @param nextVersion number the next version will get
 * @param activeVersion 0 while there is none
 * @param versions every version that is still worth telling of, by number
 */
public record TableRecord(
    long id,
    String name,
    TableKind kind,
    TableOptions options,
    long nextVersion,
    long activeVersion,
    SortedMap<Long, VersionRecord> versions) {
  public TableRecord {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }

  /** The active version, or null. */
  public @Nullable VersionRecord active() {
    return activeVersion == 0 ? null : versions.get(activeVersion);
  }

  TableRecord withOptions(TableOptions newOptions) {
    return new TableRecord(id, name, kind, newOptions, nextVersion, activeVersion, versions);
  }

  TableRecord withActive(long newActiveVersion) {
    return new TableRecord(id, name, kind, options, nextVersion, newActiveVersion, versions);
  }

  TableRecord withVersions(SortedMap<Long, VersionRecord> newVersions) {
    return new TableRecord(id, name, kind, options, nextVersion, activeVersion, newVersions);
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
        SortedMaps.with(versions, version.number(), version));
  }

  /**
   * The files that a read of {@code version} may touch: itself and the versions it builds on,
   * newest first.
   */
  public List<VersionRecord> chain(VersionRecord version) {
    List<VersionRecord> chain = new ArrayList<>();
    VersionRecord next = version;
    while (next != null) {
      chain.add(next);
      next = next.parent() == 0 ? null : versions.get(next.parent());
    }
    return chain;
  }
}
