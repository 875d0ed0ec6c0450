package io.featurekv.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one read differs from others.
 *
 * @param version the version to read; 0: the active one
 * @param timeout the read's deadline; null: the client's
 * @param allowPartial whether a batch may succeed with some of its keys FAILED; else one key that
 *     fails fails all
 * @param columns of a table with typed rows: those to read, none: all; null: values as they are
 */
public record ReadOptions(
    long version,
    @Nullable Duration timeout,
    boolean allowPartial,
    @Nullable List<String> columns) {
  /** The active version, the client's timeout, FAILED for single keys. */
  public static final ReadOptions DEFAULT = new ReadOptions(0, null);

  /** A version and a timeout, and the rest by default. */
  public ReadOptions(long version, @Nullable Duration timeout) {
    this(version, timeout, true, null);
  }

  /** Values as they are. */
  public ReadOptions(long version, @Nullable Duration timeout, boolean allowPartial) {
    this(version, timeout, allowPartial, null);
  }

  /**
   * By default but for the columns of each row that are read, so that only those are sent: {@link
   * BatchResult#row} has them.
   */
  public static ReadOptions columns(String... names) {
    return DEFAULT.withColumns(names);
  }

  public ReadOptions {
    if (timeout != null) {
      ClientConfig.checkTimeout(timeout);
    }
    columns = columns == null ? null : List.copyOf(columns);
  }

  /** The same at another version. */
  public ReadOptions withVersion(long newVersion) {
    return new ReadOptions(newVersion, timeout, allowPartial, columns);
  }

  /** The same with another timeout. */
  public ReadOptions withTimeout(Duration newTimeout) {
    return new ReadOptions(version, newTimeout, allowPartial, columns);
  }

  /** The same, with single keys that may fail, or all or nothing. */
  public ReadOptions withAllowPartial(boolean newAllowPartial) {
    return new ReadOptions(version, timeout, newAllowPartial, columns);
  }

  /** The same of these columns of typed rows; of one at least. */
  public ReadOptions withColumns(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("no column is named; withAllColumns reads all");
    }
    return new ReadOptions(version, timeout, allowPartial, List.of(names));
  }

  /**
   * The same of all columns of typed rows. Of a table whose values are bytes it reads them as they
   * are.
   */
  public ReadOptions withAllColumns() {
    return new ReadOptions(version, timeout, allowPartial, List.of());
  }
}
