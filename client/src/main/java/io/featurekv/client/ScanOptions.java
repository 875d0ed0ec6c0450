package io.featurekv.client;

import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What part of a table to scan. Keys compare as unsigned bytes.
 *
 * @param from the first key that may come; empty: the table's first
 * @param to the key before which the scan ends; null: after the last
 * @param limit most entries; 0: all
 * @param version the version to read; 0: the active one
 * @param timeout deadline for each wait of the scan; null: the client's
 * @param columns of a table with typed rows: those to read, none: all; null: values as they are
 */
public record ScanOptions(
    byte[] from,
    byte @Nullable [] to,
    long limit,
    long version,
    @Nullable Duration timeout,
    @Nullable List<String> columns) {
  /** The whole table at its active version. */
  public static final ScanOptions ALL = new ScanOptions(new byte[0], null, 0, 0, null);

  /** Of values as they are. */
  public ScanOptions(
      byte[] from, byte @Nullable [] to, long limit, long version, @Nullable Duration timeout) {
    this(from, to, limit, version, timeout, null);
  }

  public ScanOptions {
    from = from.clone();
    to = to == null ? null : to.clone();
    if (limit < 0 || version < 0) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          "limit " + limit + " and version " + version + " must not be negative");
    }
    if (from.length > Limits.MAX_KEY_BYTES || (to != null && to.length > Limits.MAX_KEY_BYTES)) {
      throw new FeatureKvException(
          ErrorCode.TOO_LARGE, "a bound has more than " + Limits.MAX_KEY_BYTES + " bytes");
    }
    if (timeout != null) {
      ClientConfig.checkTimeout(timeout);
    }
    columns = columns == null ? null : List.copyOf(columns);
  }

  /** Narrows the range to keys that start with these bytes. */
  public ScanOptions withPrefix(byte[] prefix) {
    byte[] newFrom = Arrays.compareUnsigned(prefix, from) > 0 ? prefix : from;
    byte[] end = endOf(prefix);
    boolean earlier = end != null && (to == null || Arrays.compareUnsigned(end, to) < 0);
    return new ScanOptions(newFrom, earlier ? end : to, limit, version, timeout, columns);
  }

  /** The first key after all those that start with these bytes; null when there is none. */
  private static byte @Nullable [] endOf(byte[] prefix) {
    int last = prefix.length - 1;
    while (last >= 0 && prefix[last] == (byte) 0xFF) {
      last--;
    }
    if (last < 0) {
      return null;
    }
    byte[] end = Arrays.copyOf(prefix, last + 1);
    end[last]++;
    return end;
  }

  /** The same from another key on, which belongs to the range. */
  public ScanOptions withFrom(byte[] newFrom) {
    return new ScanOptions(newFrom, to, limit, version, timeout, columns);
  }

  /** The same up to another key, which does not belong to the range; null: to the end. */
  public ScanOptions withTo(byte @Nullable [] newTo) {
    return new ScanOptions(from, newTo, limit, version, timeout, columns);
  }

  /** The same with at most so many entries; 0: all. */
  public ScanOptions withLimit(long newLimit) {
    return new ScanOptions(from, to, newLimit, version, timeout, columns);
  }

  /** The same at another version; 0: the active one. */
  public ScanOptions withVersion(long newVersion) {
    return new ScanOptions(from, to, limit, newVersion, timeout, columns);
  }

  /** The same with another deadline for each wait. */
  public ScanOptions withTimeout(Duration newTimeout) {
    return new ScanOptions(from, to, limit, version, newTimeout, columns);
  }

  /** The same of these columns of typed rows; of one at least. */
  public ScanOptions withColumns(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("no column is named; withAllColumns reads all");
    }
    return new ScanOptions(from, to, limit, version, timeout, List.of(names));
  }

  /**
   * The same of all columns of typed rows. Of a table whose values are bytes it reads them as they
   * are.
   */
  public ScanOptions withAllColumns() {
    return new ScanOptions(from, to, limit, version, timeout, List.of());
  }
}
