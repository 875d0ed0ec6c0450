package io.featurekv.metadata;

import io.featurekv.model.TableKind;
import java.util.Collections;
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
}
