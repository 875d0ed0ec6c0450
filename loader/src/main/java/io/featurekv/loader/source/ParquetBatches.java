package io.featurekv.loader.source;

import dev.hardwood.reader.ColumnReaders;
import io.featurekv.loader.row.Row;

/** Column by column, in batches: makes no object of a value. */
final class ParquetBatches implements ParquetRows {
  private final ColumnReaders readers;
  private final ParquetColumn[] columns;
  private int count;
  private int index = -1;

  ParquetBatches(ColumnReaders readers, ParquetColumn[] columns) {
    this.readers = readers;
    this.columns = columns;
  }

  @Override
  public boolean next() {
    if (++index < count) {
      return true;
    }
    if (!readers.nextBatch()) {
      count = 0;
      return false;
    }
    count = readers.getRecordCount();
    index = 0;
    for (ParquetColumn column : columns) {
      column.take();
    }
    return true;
  }

  @Override
  public void read(Row row) {
    for (ParquetColumn column : columns) {
      column.read(row, index);
    }
  }

  @Override
  public void close() {
    readers.close();
  }
}
