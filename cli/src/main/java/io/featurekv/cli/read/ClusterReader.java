package io.featurekv.cli.read;

import io.featurekv.client.BatchResult;
import io.featurekv.client.ClientConfig;
import io.featurekv.client.FeatureKvClient;
import io.featurekv.client.ReadOptions;
import io.featurekv.client.ScanOptions;
import io.featurekv.client.TableScan;
import io.featurekv.model.Endpoint;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.RowJson;
import io.featurekv.model.RowView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads through the client library; the only place of the command line that knows it. Thread-safe.
 */
public final class ClusterReader implements AutoCloseable {
  private static final int PAGE_ENTRIES = 200;
  private static final byte[] NOTHING = {};

  private final FeatureKvClient client;

  private ClusterReader(FeatureKvClient client) {
    this.client = client;
  }

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

  /** A client of the cluster behind these endpoints; {@code timeout} bounds each read. */
  public static ClusterReader connect(List<Endpoint> endpoints, Duration timeout) {
    ClientConfig config = ClientConfig.of(endpoints).withTimeout(timeout).withNetworkThreads(1);
    return new ClusterReader(FeatureKvClient.connect(config));
  }

  /**
   * Reads a batch at a version, 0 for the active one.
   *
   * @throws FeatureKvException when the batch as a whole cannot be answered
   */
  public Batch get(String table, long version, List<byte[]> keys) {
    return get(table, keys, ReadOptions.DEFAULT.withVersion(version));
  }

  /**
   * Reads a batch likewise, of a table with columns as rows of these.
   *
   * @param columns none: all
   */
  public Batch getRows(String table, long version, List<byte[]> keys, List<String> columns) {
    return get(table, keys, new ReadOptions(version, null, true, columns));
  }

  private Batch get(String table, List<byte[]> keys, ReadOptions options) {
    BatchResult result = client.blocking().batchGet(table, keys, options);
    boolean hasRows = result.hasRows();
    refuseWhole(result);
    List<Reading> readings = new ArrayList<>(result.size());
    for (int i = 0; i < result.size(); i++) {
      byte[] value = result.value(i);
      RowView row = hasRows ? result.row(i) : null;
      FeatureKvException error = result.error(i);
      Reading.Status status =
          switch (result.status(i)) {
            case FOUND -> Reading.Status.FOUND;
            case ABSENT -> Reading.Status.ABSENT;
            case FAILED -> Reading.Status.FAILED;
          };
      readings.add(
          new Reading(
              keys.get(i),
              status,
              value == null ? NOTHING : value,
              error == null ? "" : String.valueOf(error.getMessage()),
              row == null ? null : RowJson.of(row)));
    }
    return new Batch(result.version(), readings);
  }

  /** A request that is wrong for every key is refused as a whole, not partly done. */
  private static void refuseWhole(BatchResult result) {
    FeatureKvException refusal = null;
    for (int i = 0; i < result.size(); i++) {
      FeatureKvException error = result.error(i);
      if (error == null || error.code() != ErrorCode.INVALID_ARGUMENT) {
        return;
      }
      refusal = refusal == null ? error : refusal;
    }
    if (refusal != null) {
      throw refusal;
    }
  }

  /**
   * Hands the entries of a range to {@code output} in key order, until there are {@code limit} (0:
   * all) or nobody reads on; of a table with columns as rows of these.
   *
   * @param columns none: all
   */
  void scan(
      String table, long version, Range range, long limit, List<String> columns, ScanOutput output)
      throws IOException {
    byte[] from = range.from() == null ? NOTHING : range.from();
    ScanOptions whole = ScanOptions.ALL.withFrom(from).withLimit(limit).withVersion(version);
    ScanOptions bounded = range.to() == null ? whole : whole.withTo(range.to());
    ScanOptions options =
        columns.isEmpty()
            ? bounded.withAllColumns()
            : bounded.withColumns(columns.toArray(String[]::new));
    TableScan scan = client.scan(table, options);
    boolean isRead = true;
    List<ScanOutput.Entry> page = new ArrayList<>();
    while (isRead && scan.hasNext()) {
      TableScan.Entry entry = scan.next();
      RowView row = entry.row();
      page.add(
          new ScanOutput.Entry(entry.key(), entry.value(), row == null ? null : RowJson.of(row)));
      if (page.size() == PAGE_ENTRIES) {
        isRead = output.accept(scan.version(), page);
        page.clear();
      }
    }
    if (isRead) {
      // The last page, which may be the only one and empty.
      output.accept(scan.version(), page);
    }
  }

  /** Hands every entry of a table's active version to {@code consumer} in key order. */
  public void scanAll(String table, BiConsumer<byte[], byte[]> consumer) {
    TableScan scan = client.scan(table, ScanOptions.ALL);
    while (scan.hasNext()) {
      TableScan.Entry entry = scan.next();
      consumer.accept(entry.key(), entry.value());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
