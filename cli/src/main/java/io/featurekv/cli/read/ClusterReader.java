package io.featurekv.cli.read;

import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads through the client library; the only place of the command line that knows it. */
public final class ClusterReader implements AutoCloseable {
  private ClusterReader() {}

  /** Readings of one version, in the order of the keys. */
  public record Batch(long version, List<Reading> readings) {
    public Batch {
      readings = List.copyOf(readings);
    }
  }

  /**
   * Which entries of an ordered table to scan; null bounds are open, {@code from} is inclusive,
   * {@code to} is not.
   */
  public record Range(byte @Nullable [] from, byte @Nullable [] to) {}

  /** A client of the cluster behind these endpoints. */
  public static ClusterReader connect(List<Endpoint> endpoints, Duration timeout) {
    throw new FeatureKvException(ErrorCode.INTERNAL, "no client yet " + endpoints + timeout);
  }

  /** Reads a batch at a version, 0 for the active one. */
  public Batch get(String table, long version, List<byte[]> keys) {
    throw new FeatureKvException(ErrorCode.INTERNAL, "no client yet " + table + version + keys);
  }

  /**
   * Hands the entries of a range to {@code output} in key order, until there are {@code limit} or
   * nobody reads on.
   */
  void scan(String table, long version, Range range, long limit, ScanOutput output)
      throws IOException {
    throw new FeatureKvException(
        ErrorCode.INTERNAL, "no client yet " + table + version + range + limit + output);
  }

  @Override
  public void close() {}
}
