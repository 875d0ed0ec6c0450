package io.featurekv.loader;

import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.source.RowSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link GeneratedEntries} as rows of the columns key and value. */
final class GeneratedSource implements RowSource {
  static final String KEY_COLUMN = "key";
  static final String VALUE_COLUMN = "value";

  private final String address;
  private final GeneratedEntries entries;
  private final Columns columns = Columns.of(List.of(KEY_COLUMN, VALUE_COLUMN));
  private long next;

  GeneratedSource(String address) {
    this.address = address;
    this.entries = GeneratedEntries.parse(address);
  }

  /** What all keys and values take. */
  long lengthBytes() {
    return entries.entries() * rowBytes();
  }

  private long rowBytes() {
    return 2L * Long.BYTES + entries.valueBytes();
  }

  @Override
  public String name() {
    return address;
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public @Nullable Row next() {
    if (next == entries.entries()) {
      return null;
    }
    Cell[] cells = {
      new Cell.Binary(GeneratedEntries.keyBytes(next)), new Cell.Binary(entries.value(next))
    };
    next++;
    return Row.of(columns, cells, next);
  }

  @Override
  public long bytesRead() {
    return next * rowBytes();
  }

  @Override
  public void close() {}
}
