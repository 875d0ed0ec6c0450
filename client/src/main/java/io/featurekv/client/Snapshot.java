package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.util.Set;

/**
 * Some tables at the versions that were active together, as of one time: whatever is read of them,
 * in however many calls, fits together. Nothing in the cluster knows of it, and it needs no
 * closing; it can be read as long as the tables keep those versions, and for {@link
 * #MAX_AGE_MILLIS} at most. After that reads end with SNAPSHOT_GONE. Thread-safe; lives as long as
 * its client.
 *
 * <p>Reads of a table that is not in it end with INVALID_ARGUMENT, and so do options that name
 * another version.
 */
public final class Snapshot extends SessionReads {
  /** How long a snapshot can be read: expired entries are kept for so long, and no longer. */
  public static final long MAX_AGE_MILLIS = 24 * 3_600_000L;

  private final SnapshotToken token;

  Snapshot(Session session, SnapshotToken token) {
    super(session);
    this.token = token;
  }

  /** What names it, to go on with it elsewhere: {@link FeatureKvClient#snapshot(SnapshotToken)}. */
  public SnapshotToken token() {
    return token;
  }

  /** Its tables. */
  public Set<String> tables() {
    return token.versions().keySet();
  }

  /**
   * The version that a table is read at.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it has no such table
   */
  public long version(String table) {
    Long version = token.versions().get(table);
    if (version == null) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "table '%s' is not in this snapshot; it has %s".formatted(table, tables()));
    }
    return version;
  }

  /** The time by which entries have expired or not, in milliseconds since 1970. */
  public long readTimeMillis() {
    return token.readTimeMillis();
  }

  @Override
  Pin pinOf(String table, long wanted) {
    long version = version(table);
    if (wanted != 0 && wanted != version) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "the snapshot has version %d of table '%s', not %d".formatted(version, table, wanted));
    }
    return new Pin(table, version, token);
  }
}
