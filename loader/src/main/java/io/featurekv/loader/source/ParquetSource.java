package io.featurekv.loader.source;

import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;

/**
 * Row groups of a Parquet file: columns of any type, nested ones as JSON. Rows are numbered from 1.
 */
final class ParquetSource implements RowSource {
  private final ParquetFile file;
  private final int from;
  private final int to;
  private final long lengthBytes;
  private final long expectedRows;
  private final ParquetRows rows;
  private final Row row = new Row();
  private long number;

  ParquetSource(ParquetFile file, Part part, ReadOptions options) {
    this.file = file;
    this.from = (int) Math.min(part.from(), file.groupCount());
    this.to = (int) Math.min(part.to(), file.groupCount());
    this.lengthBytes = part.lengthBytes();
    this.expectedRows = file.rows(from, to);
    this.rows = file.read(from, to, options, row);
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public Columns columns() {
    return file.columns();
  }

  @Override
  public boolean next() {
    try {
      if (!rows.next()) {
        checkComplete();
        return false;
      }
      number++;
      row.begin(file.columns(), number);
      rows.read(row);
      return true;
    } catch (FeatureKvException e) {
      throw e;
    } catch (RuntimeException e) {
      stopIfInterrupted();
      throw ParquetFile.unreadable(
          file.name() + " cannot be read after row " + number + place(), e);
    }
  }

  private void checkComplete() {
    if (number < expectedRows) {
      stopIfInterrupted();
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          file.name()
              + " ends after row "
              + number
              + place()
              + "; it says that it has "
              + expectedRows);
    }
  }

  /** Hardwood takes an interruption for the end of a column. */
  private void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new FeatureKvException(
          ErrorCode.TRY_AGAIN, "reading " + file.name() + " was interrupted");
    }
  }

  private String place() {
    return from == 0 ? "" : " from row group " + from + " on";
  }

  @Override
  public Row row() {
    return row;
  }

  @Override
  public long bytesRead() {
    return expectedRows == 0 ? lengthBytes : (long) ((double) number / expectedRows * lengthBytes);
  }

  @Override
  public long startedAt() {
    return from;
  }

  @Override
  public long endedAt() {
    return to;
  }

  @Override
  public long spanned() {
    return number;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      rows.close();
    }
  }
}
