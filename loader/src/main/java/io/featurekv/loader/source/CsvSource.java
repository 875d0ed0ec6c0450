package io.featurekv.loader.source;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.ColumnType;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
  private final Utf8Reader text;
  private final CsvReader<CsvRecord> reader;
  private final CloseableIterator<CsvRecord> records;
  private final @Nullable Columns columns;
  private final ColumnType[] types;
  private long lastLine;

  CsvSource(
      String name,
      InputStream in,
      char separator,
      Map<String, ColumnType> types,
      int maxFieldChars) {
    this.name = name;
    this.text = new Utf8Reader(in);
    this.reader =
        CsvReader.builder()
            .fieldSeparator(separator)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .maxBufferSize(maxFieldChars)
            .ofCsvRecord(text);
    this.records = reader.iterator();
    CsvRecord header = nextRecord();
    this.columns = header == null ? null : columnsOf(header);
    int count = columns == null ? 0 : columns.size();
    this.types = new ColumnType[count];
    for (int i = 0; columns != null && i < count; i++) {
      this.types[i] = types.getOrDefault(columns.names().get(i), ColumnType.STRING);
    }
  }

  private Columns columnsOf(CsvRecord header) {
    for (String field : header.getFields()) {
      if (hasMalformed(field)) {
        throw invalid(name + ": the header line is not valid UTF-8");
      }
    }
    try {
      return Columns.of(header.getFields());
    } catch (IllegalArgumentException e) {
      throw invalid(name + ": " + e.getMessage());
    }
  }

  /**
   * Checks that every column with a type is there.
   *
   * @param others columns that do not stand in the file itself
   */
  void checkTypes(Map<String, ColumnType> wanted, Set<String> others) {
    for (String column : wanted.keySet()) {
      if (columns != null && columns.indexOf(column) < 0 && !others.contains(column)) {
        throw invalid(
            name
                + " has no column '"
                + column
                + "', for which a type is given; its columns are: "
                + columns);
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable Columns columns() {
    return columns;
  }

  @Override
  public @Nullable Row next() {
    CsvRecord record = nextRecord();
    Columns header = columns;
    if (record == null || header == null) {
      return null;
    }
    List<String> fields = record.getFields();
    if (fields.size() != header.size()) {
      return Row.faulty(
          lastLine, "the row has " + fields.size() + " columns, the header has " + header.size());
    }
    boolean suspicious = text.sawMalformed();
    Cell[] cells = new Cell[types.length];
    for (int i = 0; i < cells.length; i++) {
      String field = fields.get(i);
      if (suspicious && hasMalformed(field)) {
        return Row.faulty(lastLine, "column '" + header.names().get(i) + "' is not valid UTF-8");
      }
      cells[i] = types[i].parse(field);
    }
    return Row.of(header, cells, lastLine);
  }

  private @Nullable CsvRecord nextRecord() {
    try {
      if (!records.hasNext()) {
        return null;
      }
      CsvRecord record = records.next();
      lastLine = record.getStartingLineNumber();
      return record;
    } catch (CsvParseException e) {
      // Where a quote goes wrong nobody can tell where the next row starts: the rest would be
      // guessed.
      Throwable cause = e.getCause();
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          name
              + ": the row after line "
              + lastLine
              + " cannot be read, nor what follows: "
              + e.getMessage()
              + (cause == null ? "" : ": " + cause.getMessage()),
          e);
    } catch (UncheckedIOException e) {
      throw new FeatureKvException(
          ErrorCode.INVALID_ARGUMENT,
          name + " cannot be read after line " + lastLine + ": " + e.getMessage(),
          e);
    }
  }

  /** A low surrogate without its high one, as {@link Utf8Reader} makes of stray bytes. */
  private static boolean hasMalformed(String field) {
    for (int i = 0; i < field.length(); i++) {
      if (Character.isLowSurrogate(field.charAt(i))
          && (i == 0 || !Character.isHighSurrogate(field.charAt(i - 1)))) {
        return true;
      }
    }
    return false;
  }

  private static FeatureKvException invalid(String message) {
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, message);
  }

  @Override
  public long bytesRead() {
    return text.bytesRead();
  }

  @Override
  public void close() throws IOException {
    records.close();
    reader.close();
  }
}
