package io.featurekv.loader.source;

import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Row;
import java.util.List;

/** Row by row: takes values of any type. */
final class ParquetRecords implements ParquetRows {
  private final RowReader rows;
  private final int[] cells;
  private final int[] positions;
  private final ParquetCells[] converters;

  /**
   * Rows of a reader.
   *
   * @param fields those that are needed, all of which it reads
   * @param cells the cells that they go into
   */
  ParquetRecords(RowReader rows, List<SchemaNode> fields, int[] cells) {
    this.rows = rows;
    this.cells = cells;
    this.positions = new int[cells.length];
    this.converters = new ParquetCells[cells.length];
    for (int i = 0; i < cells.length; i++) {
      positions[i] = position(rows, fields.get(i).name());
      converters[i] = ParquetCells.of(fields.get(i));
    }
  }

  private static int position(RowReader rows, String name) {
    int position = 0;
    while (!rows.getFieldName(position).equals(name)) {
      position++;
    }
    return position;
  }

  @Override
  public boolean next() {
    if (!rows.hasNext()) {
      return false;
    }
    rows.next();
    return true;
  }

  @Override
  public void read(Row row) {
    for (int i = 0; i < cells.length; i++) {
      converters[i].read(rows, positions[i], row, cells[i]);
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
