package io.featurekv.chaos.soak;

import io.featurekv.metadata.ClusterMetadata;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.metadata.VersionState;
import io.featurekv.model.UpdateMode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What every version that the metadata ever told of was made of and in which state it was seen
 * last; kept when the metadata forgets it. Thread-safe.
 */
final class KnownVersions {
  private final Map<Key, Known> known = new ConcurrentHashMap<>();

  private record Key(String table, long version) {}

  /**
   * A version.
   *
   * @param index of the metadata that told of it
   * @param parent 0 for a full one, and for an increment that is not sealed
   */
  record Known(long index, String taskId, UpdateMode mode, long parent, VersionState state) {}

  /** Takes a state of the metadata in. */
  void add(ClusterMetadata metadata) {
    metadata
        .tables()
        .forEach(
            (name, table) ->
                table.versions().values().forEach(version -> add(metadata.index(), name, version)));
  }

  private void add(long index, String table, VersionRecord version) {
    // States come from several sources, and another attempt may have another parent.
    known.merge(
        new Key(table, version.number()),
        new Known(index, version.taskId(), version.mode(), version.parent(), version.state()),
        (before, now) -> now.index() >= before.index() ? now : before);
  }

  Optional<Known> find(String table, long version) {
    return Optional.ofNullable(known.get(new Key(table, version)));
  }

  /**
   * Whether a version is known as it is once it can be read, and all that it builds on: states come
   * late while the servers cannot reach each other.
   */
  boolean isReadable(String table, long version) {
    Known found = known.get(new Key(table, version));
    return found != null
        && (found.mode() == UpdateMode.FULL
            || (found.parent() != 0 && isReadable(table, found.parent())));
  }

  /** A version that must be known, its parent too where it builds on one. */
  Known get(String table, long version) {
    Known found = known.get(new Key(table, version));
    if (found == null || (found.mode() == UpdateMode.INCREMENTAL && found.parent() == 0)) {
      throw new IllegalStateException(
          "version " + version + " of " + table + " is not known to the harness: " + found);
    }
    return found;
  }
}
