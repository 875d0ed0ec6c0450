package io.featurekv.loader.source;

import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.loader.row.Utf8Text;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CSV (RFC 4180) and TSV (the same with tabs): a header line, then rows of as many fields. Empty
 * lines are skipped. A file of no bytes has no rows.
 */
final class CsvSource implements RowSource {
  private final String name;
  private final CsvRecords records;
  private final @Nullable Header header;
  private final long end;
  private final long startedAt;
  private final Row row = new Row();

  /** Null: every column is text. */
  private final ColumnType @Nullable [] types;

  /**
   * The first record of a text.
   *
   * @param end the offset behind it
   */
  record Header(Columns columns, long end) {
    /** Reads it at the start of a text; null where there is none. */
    static @Nullable Header read(String name, CsvRecords records) throws IOException {
      records.skipByteOrderMark();
      if (!records.next(Part.END)) {
        return null;
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < records.count(); i++) {
        byte[] bytes = records.bytes();
        if (!Utf8Text.isValid(bytes, records.start(i), records.length(i))) {
          throw invalid(name + ": the header line is not valid UTF-8");
        }
        names.add(new String(bytes, records.start(i), records.length(i), StandardCharsets.UTF_8));
      }
      try {
        return new Header(Columns.of(names), records.offset());
      } catch (IllegalArgumentException e) {
        throw invalid(name + ": " + e.getMessage());
      }
    }

    /**
     * Checks that every column with a type is there.
     *
     * @param others columns that do not stand in the text itself
     */
    void checkTypes(String name, Set<String> wanted, Set<String> others) {
      for (String column : wanted) {
        if (columns.indexOf(column) < 0 && !others.contains(column)) {
          throw invalid(
              name
                  + " has no column '"
                  + column
                  + "', for which a type is given; its columns are: "
                  + columns);
        }
      }
    }
  }

  /**
   * Rows of records that begin where the first row does.
   *
   * @param startedAt as in {@link #startedAt()}
   * @param end as in {@link CsvRecords#next}
   */
  CsvSource(
      String name,
      CsvRecords records,
      @Nullable Header header,
      Map<String, ColumnType> types,
      long startedAt,
      long end) {
    this.name = name;
    this.records = records;
    this.header = header;
    this.end = end;
    this.startedAt = startedAt;
    this.types = header == null ? null : typesOf(header.columns(), types);
  }

  private static ColumnType @Nullable [] typesOf(Columns columns, Map<String, ColumnType> types) {
    ColumnType[] all = new ColumnType[columns.size()];
    boolean any = false;
    for (int i = 0; i < all.length; i++) {
      all[i] = types.getOrDefault(columns.names().get(i), ColumnType.STRING);
      any |= all[i] != ColumnType.STRING;
    }
    return any ? all : null;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable Columns columns() {
    return header == null ? null : header.columns();
  }

  @Override
  public boolean next() throws IOException {
    if (header == null || !records.next(end)) {
      return false;
    }
    Columns columns = header.columns();
    int count = records.count();
    if (count != columns.size()) {
      row.fail(
          records.line(), "the row has " + count + " columns, the header has " + columns.size());
      return true;
    }
    int malformed = records.isAscii() ? count : firstMalformed(count);
    if (malformed < count) {
      row.fail(
          records.line(), "column '" + columns.names().get(malformed) + "' is not valid UTF-8");
      return true;
    }
    row.begin(columns, records.line());
    byte[] bytes = records.bytes();
    for (int i = 0; i < count; i++) {
      if (types == null) {
        row.setText(i, bytes, records.start(i), records.length(i));
      } else {
        types[i].read(row, i, bytes, records.start(i), records.length(i));
      }
    }
    return true;
  }

  /** The first field that is not UTF-8; {@code count} if all are. */
  private int firstMalformed(int count) {
    int field = 0;
    while (field < count
        && Utf8Text.isValid(records.bytes(), records.start(field), records.length(field))) {
      field++;
    }
    return field;
  }

  @Override
  public Row row() {
    return row;
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }

  @Override
  public long bytesRead() {
    return records.bytesRead(startedAt);
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public long endedAt() {
    return records.offset();
  }

  @Override
  public long spanned() {
    return records.lines();
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
