package io.featurekv.loader;

import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.source.Inputs;
import io.featurekv.loader.source.Part;
import io.featurekv.loader.source.RowSource;
import java.util.List;

/** Some of {@link GeneratedEntries} as rows of the columns key and value. */
final class GeneratedSource implements RowSource {
  private static final int KEY_CELL = 0;
  private static final int VALUE_CELL = 1;

  private final String address;
  private final GeneratedEntries entries;
  private final Columns columns = Columns.of(List.of(Inputs.KEY_COLUMN, Inputs.VALUE_COLUMN));
  private final Row row = new Row();

  /** The key, and behind it the value, rounded up to whole words. */
  private final byte[] bytes;

  private final long from;
  private final long to;
  private long next;

  GeneratedSource(String address, GeneratedEntries entries, Part part) {
    this.address = address;
    this.entries = entries;
    this.from = part.from();
    this.to = Math.min(part.to(), entries.entries());
    this.next = from;
    this.bytes = new byte[GeneratedEntries.KEY_BYTES + entries.roomBytes()];
    row.begin(columns, 0);
    row.setBinary(KEY_CELL, bytes, 0, GeneratedEntries.KEY_BYTES);
    row.setBinary(VALUE_CELL, bytes, GeneratedEntries.KEY_BYTES, entries.valueBytes());
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
  public boolean next() {
    if (next >= to) {
      return false;
    }
    long id = GeneratedEntries.id(next);
    GeneratedEntries.writeKey(id, bytes, 0);
    entries.writeValue(id, bytes, GeneratedEntries.KEY_BYTES);
    next++;
    row.begin(columns, next - from);
    return true;
  }

  @Override
  public Row row() {
    return row;
  }

  @Override
  public long bytesRead() {
    return (next - from) * entries.rowBytes();
  }

  @Override
  public long startedAt() {
    return from;
  }

  @Override
  public long endedAt() {
    return Math.max(from, to);
  }

  @Override
  public long spanned() {
    return next - from;
  }

  @Override
  public void close() {}
}
