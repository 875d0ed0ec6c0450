package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.jspecify.annotations.Nullable;

/**
 * Which version a read uses.
 *
 * @param table the table
 * @param wanted the version that the caller asks for; 0: the active one
 * @param snapshot the snapshot that it is of; null: none
 */
record Pin(String table, long wanted, @Nullable SnapshotToken snapshot) {
  /** Of no snapshot. */
  Pin(String table, long wanted) {
    this(table, wanted, null);
  }

  boolean chosenByCaller() {
    return wanted != 0;
  }

  /** The time to read at. */
  long readTimeMillis(RoutingState routing) {
    return snapshot == null ? routing.readTimeMillis() : snapshot.readTimeMillis();
  }

  /** Whether a routing is older than what the snapshot was taken by, and so says nothing of it. */
  boolean isAheadOf(RoutingView view) {
    return snapshot != null && view.metadataIndex() < snapshot.metadataIndex();
  }

  /**
   * Checks that the snapshot can be read here and now.
   *
   * @throws FeatureKvException WRONG_CLUSTER when it is another cluster's, SNAPSHOT_GONE when it is
   *     too old
   */
  void checkLife(RoutingView view, long nowMillis) {
    if (snapshot == null) {
      return;
    }
    if (!snapshot.clusterId().equals(view.clusterId())) {
      throw new FeatureKvException(
          ErrorCode.WRONG_CLUSTER,
          "the snapshot is of cluster %s, this is %s"
              .formatted(snapshot.clusterId(), view.clusterId()));
    }
    if (isTooOld(nowMillis)) {
      throw tooOld(nowMillis);
    }
  }

  /** Whether entries may be missing by now that had not expired by then. */
  boolean isTooOld(long nowMillis) {
    return snapshot != null && nowMillis - snapshot.readTimeMillis() > Snapshot.MAX_AGE_MILLIS;
  }

  FeatureKvException tooOld(long nowMillis) {
    long age = snapshot == null ? 0 : nowMillis - snapshot.readTimeMillis();
    return new FeatureKvException(
        ErrorCode.SNAPSHOT_GONE,
        "the snapshot is %d minutes old, it can be read for %d"
            .formatted(age / 60_000, Snapshot.MAX_AGE_MILLIS / 60_000));
  }

  /** The version to read by this routing, or null; then {@link #refusal} says why. */
  RoutingView.@Nullable Version in(RoutingView view) {
    return isAheadOf(view)
        ? null
        : view.version(table, chosenByCaller() ? wanted : view.activeVersion(table));
  }

  /** Why there is nothing to read by this routing. */
  FeatureKvException refusal(RoutingView view) {
    if (snapshot != null) {
      return refusalOf(snapshot, view);
    }
    RoutingView.Table known = view.tables().get(table);
    if (known == null) {
      return new FeatureKvException(
          ErrorCode.NOT_FOUND,
          "there is no table '%s' in cluster %s".formatted(table, view.clusterId()));
    }
    if (!chosenByCaller()) {
      return known.activeVersion() == 0
          ? new FeatureKvException(
              ErrorCode.NOT_FOUND, "table '" + table + "' has no active version yet")
          : new FeatureKvException(
              ErrorCode.UNAVAILABLE,
              "no node serves active version %d of table '%s'"
                  .formatted(known.activeVersion(), table));
    }
    long newest =
        Math.max(
            known.activeVersion(), known.versions().isEmpty() ? 0 : known.versions().lastKey());
    // Numbers go up and are never used twice: what is below the newest was there, or never got
    // finished.
    return wanted < newest
        ? new FeatureKvException(
            ErrorCode.SNAPSHOT_GONE,
            "version %d of table '%s' is no longer kept; readable are %s"
                .formatted(wanted, table, known.versions().keySet()))
        : new FeatureKvException(
            ErrorCode.NOT_FOUND,
            "table '%s' has no version %d; readable are %s"
                .formatted(table, wanted, known.versions().keySet()));
  }

  private FeatureKvException refusalOf(SnapshotToken token, RoutingView view) {
    return isAheadOf(view)
        ? new FeatureKvException(
            ErrorCode.UNAVAILABLE,
            "the snapshot was taken at metadata index %d, the nodes in reach know %d"
                .formatted(token.metadataIndex(), view.metadataIndex()))
        : new FeatureKvException(
            ErrorCode.SNAPSHOT_GONE,
            "version %d of table '%s' is no longer kept".formatted(wanted, table));
  }
}
