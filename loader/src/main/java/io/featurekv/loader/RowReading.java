package io.featurekv.loader;

import io.featurekv.loader.BuildResult.RejectedRow;
import io.featurekv.loader.row.ByteSink;
import io.featurekv.loader.row.EntryMapper;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.sort.DiskFailure;
import io.featurekv.loader.sort.ExternalSort;
import io.featurekv.loader.sort.RowLocation;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.RowSource;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import io.featurekv.model.KeyHash;
import java.io.IOException;

/** The first stage: reads all rows, and gives the entries they make to the sort. */
final class RowReading {
  private static final int ROWS_PER_REPORT = 1024;

  private final BuildInputs inputs;
  private final Rejects rejects;
  private final ExternalSort sort;
  private final BuildProgress progress;
  private final EntryMapper mapper;
  private final ByteSink key = new ByteSink();
  private final ByteSink value = new ByteSink();
  private final long lengthBytes;
  private long doneBytes;
  private long rows;

  RowReading(BuildInputs inputs, Rejects rejects, ExternalSort sort, BuildProgress progress) {
    this.inputs = inputs;
    this.rejects = rejects;
    this.sort = sort;
    this.progress = progress;
    this.mapper = new EntryMapper(inputs.shape());
    this.lengthBytes = inputs.lengthBytes();
  }

  /**
   * Reads everything, or up to where too many rows are rejected; returns how many rows were read.
   */
  long read() {
    for (int i = 0; i < inputs.count() && !rejects.isHopeless(); i++) {
      try {
        read(i);
      } catch (IOException e) {
        throw DiskFailure.of(inputs.name(i) + " cannot be read", e);
      }
    }
    progress.update("read", rows, rows);
    progress.inputBytes(doneBytes, lengthBytes);
    return rows;
  }

  private void read(int index) throws IOException {
    Part whole = inputs.input(index).parts(index, Long.MAX_VALUE).getFirst();
    try (RowSource source = inputs.input(index).open(whole)) {
      if (source.columns() != null) {
        mapper.check(source.columns(), source.name());
      }
      read(index, source);
      doneBytes += source.bytesRead();
    }
  }

  private void read(int index, RowSource source) throws IOException {
    boolean sawColumns = source.columns() != null;
    FeatureKvException lacking = null;
    Row row = source.row();
    while (!rejects.isHopeless() && source.next()) {
      rows++;
      if (!sawColumns && row.fault() == null) {
        FeatureKvException missing = mapper.lacking(row.columns(), source.name());
        sawColumns = missing == null;
        lacking = lacking == null ? missing : lacking;
      }
      String fault = mapper.map(row);
      if (fault == null) {
        add(RowLocation.of(index, row.number()));
      } else {
        rejects.add(index, new RejectedRow(source.name(), row.number(), fault));
      }
      if (rows % ROWS_PER_REPORT == 0) {
        report(source);
      }
    }
    // Rows with columns of their own: a column that no row has was never meant to be there.
    if (!sawColumns && lacking != null) {
      throw lacking;
    }
  }

  private void add(long location) {
    key.reset();
    key.put(mapper.keyArray(), mapper.keyOffset(), mapper.keyLength());
    value.reset();
    value.put(mapper.valueArray(), mapper.valueOffset(), mapper.valueLength());
    long hash = KeyHash.of(key.array(), 0, key.length());
    sort.add(hash, location, mapper.isDelete(), key, value, mapper.expirySeconds());
  }

  private void report(RowSource source) {
    progress.update("read", rows, -1);
    progress.inputBytes(doneBytes + source.bytesRead(), lengthBytes);
    stopIfCancelled(progress);
  }

  /** Throws TRY_AGAIN when the one who hears of the progress does not want any more. */
  static void stopIfCancelled(BuildProgress progress) {
    if (progress.isCancelled() || Thread.currentThread().isInterrupted()) {
      throw new FeatureKvException(ErrorCode.TRY_AGAIN, "the build was cancelled");
    }
  }
}
