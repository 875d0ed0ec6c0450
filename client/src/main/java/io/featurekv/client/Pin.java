package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import org.jspecify.annotations.Nullable;

/**
 * Which version a read uses.
 *
 * @param table the table
 * @param wanted the version that the caller asks for; 0: the active one
 */
record Pin(String table, long wanted) {

  boolean chosenByCaller() {
    return wanted != 0;
  }

  /** The version to read by this routing, or null; then {@link #refusal} says why. */
  RoutingView.@Nullable Version in(RoutingView view) {
    return view.version(table, chosenByCaller() ? wanted : view.activeVersion(table));
  }

  /** Why there is nothing to read by this routing. */
  FeatureKvException refusal(RoutingView view) {
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
}
