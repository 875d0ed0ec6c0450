package io.featurekv.loader.source;

import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A source whose rows end in the columns that stand in the names of its file's directories. */
final class PartitionedSource implements RowSource {
  private final RowSource source;

  /** The cells that all rows end in. */
  private final Row partitions = new Row();

  private final @Nullable Columns columns;
  private @Nullable Columns lastInner;
  private @Nullable Columns lastOuter;

  PartitionedSource(
      RowSource source, Map<String, @Nullable String> values, Map<String, ColumnType> types) {
    this.source = source;
    partitions.begin(Columns.of(List.copyOf(values.keySet())), 0);
    for (int i = 0; i < partitions.size(); i++) {
      String name = partitions.columns().names().get(i);
      String text = values.get(name);
      if (text == null) {
        partitions.setNull(i);
      } else {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        types.getOrDefault(name, ColumnType.STRING).read(partitions, i, bytes, 0, bytes.length);
      }
    }
    Columns inner = source.columns();
    this.columns = inner == null ? null : extended(inner);
  }

  private Columns extended(Columns inner) {
    List<String> all = new ArrayList<>(inner.names());
    all.addAll(partitions.columns().names());
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
  public boolean next() throws IOException {
    if (!source.next()) {
      return false;
    }
    Row row = source.row();
    if (row.fault() != null) {
      return true;
    }
    Columns inner = row.columns();
    Columns outer = lastOuter;
    if (outer == null || inner != lastInner) {
      outer = columns != null ? columns : extended(inner);
      lastInner = inner;
      lastOuter = outer;
    }
    row.widen(outer);
    for (int i = 0; i < partitions.size(); i++) {
      row.copy(inner.size() + i, partitions, i);
    }
    return true;
  }

  @Override
  public Row row() {
    return source.row();
  }

  @Override
  public long bytesRead() {
    return source.bytesRead();
  }

  @Override
  public long startedAt() {
    return source.startedAt();
  }

  @Override
  public long endedAt() {
    return source.endedAt();
  }

  @Override
  public long spanned() {
    return source.spanned();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
