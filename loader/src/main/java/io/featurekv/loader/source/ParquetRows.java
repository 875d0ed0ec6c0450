package io.featurekv.loader.source;

import io.featurekv.loader.row.Row;

/** How the rows of a Parquet file are gone through. */
interface ParquetRows extends AutoCloseable {
  /** Moves to the next row; false at the end. */
  boolean next();

  /** Sets the cells of the columns that are needed. */
  void read(Row row);

  @Override
  void close();
}
