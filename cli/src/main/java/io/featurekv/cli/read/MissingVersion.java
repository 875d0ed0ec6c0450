package io.featurekv.cli.read;

import io.featurekv.cli.session.Cluster;
import io.featurekv.cli.session.Session;
import io.featurekv.metadata.TableRecord;
import io.featurekv.metadata.VersionRecord;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells a version that was collected from one that nobody could ever read. Readers are told of
 * readable versions only, and take every other one below the newest for gone; the metadata knows
 * better for as long as it keeps the record.
 */
final class MissingVersion {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private MissingVersion() {}

  /** The error that a reading of {@code version} is to end with. */
  static FeatureKvException explain(
      Session session, String table, long version, FeatureKvException error) {
    if (error.code() != ErrorCode.SNAPSHOT_GONE) {
      return error;
    }
    try (Cluster cluster = session.connect(CALL_TIMEOUT)) {
      return explain(cluster.metadata().tables().get(table), version, error);
    } catch (FeatureKvException e) {
      // What the reader said is true enough.
      return error;
    }
  }

  static FeatureKvException explain(
      @Nullable TableRecord table, long version, FeatureKvException error) {
    VersionRecord record = table == null ? null : table.versions().get(version);
    if (table == null || record == null) {
      return error;
    }
    return switch (record.state()) {
      case BUILDING, SEALED, LOADING, FAILED ->
          new FeatureKvException(
              ErrorCode.NOT_FOUND,
              "version "
                  + version
                  + " of table '"
                  + table.name()
                  + "' cannot be read: it is "
                  + record.state()
                  + (record.reason().isEmpty() ? "" : ": " + record.reason()),
              error);
      case READY, ACTIVE, RETAINED, ROLLED_BACK, DROPPED -> error;
    };
  }
}
