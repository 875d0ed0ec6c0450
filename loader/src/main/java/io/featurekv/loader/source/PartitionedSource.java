package io.featurekv.loader.source;

import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A source whose rows end in the columns that stand in the names of its file's directories. */
final class PartitionedSource implements RowSource {
  private final RowSource source;
  private final List<String> names;
  private final Cell[] cells;
  private final @Nullable Columns columns;
  private @Nullable Columns lastInner;
  private @Nullable Columns lastOuter;

  PartitionedSource(
      RowSource source, Map<String, @Nullable String> partitions, Map<String, ColumnType> types) {
    this.source = source;
    this.names = List.copyOf(partitions.keySet());
    this.cells = new Cell[names.size()];
    for (int i = 0; i < cells.length; i++) {
      String text = partitions.get(names.get(i));
      ColumnType type = types.getOrDefault(names.get(i), ColumnType.STRING);
      cells[i] = text == null ? Cell.NULL : type.parse(text);
    }
    Columns inner = source.columns();
    this.columns = inner == null ? null : extended(inner);
  }

  private Columns extended(Columns inner) {
    List<String> all = new ArrayList<>(inner.names());
    all.addAll(names);
    try {
      return Columns.of(all);
    } catch (IllegalArgumentException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          source.name() + ": " + e.getMessage() + ", in the file and in the name of its directory",
          e);
    }
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public @Nullable Columns columns() {
    return columns;
  }

  @Override
  public @Nullable Row next() throws IOException {
    Row row = source.next();
    if (row == null || row.fault() != null) {
      return row;
    }
    Columns outer = lastOuter;
    if (outer == null || row.columns() != lastInner) {
      outer = columns != null ? columns : extended(row.columns());
      lastInner = row.columns();
      lastOuter = outer;
    }
    Cell[] all = Arrays.copyOf(row.cells(), row.cells().length + cells.length);
    System.arraycopy(cells, 0, all, row.cells().length, cells.length);
    return Row.of(outer, all, row.number());
  }

  @Override
  public long bytesRead() {
    return source.bytesRead();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
