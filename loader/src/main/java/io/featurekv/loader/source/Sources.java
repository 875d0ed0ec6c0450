package io.featurekv.loader.source;

import io.featurekv.loader.row.ColumnType;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens input files.
 *
 * @param types what the columns of CSV and TSV, and those in directory names, are to be taken for;
 *     text where nothing is said
 * @param maxFieldChars longest field of a text file; a longer one ends the reading
 * @param stdin what {@code -} reads; not closed
 */
public record Sources(Map<String, ColumnType> types, int maxFieldChars, InputStream stdin) {
  public Sources {
    types = Map.copyOf(types);
  }

  /**
   * Opens a file at its first row.
   *
   * @throws FeatureKvException INVALID_ARGUMENT when it is not of its format, or lacks a column
   *     that has a type
   */
  public RowSource open(InputFile file) throws IOException {
    RowSource source = openFormat(file);
    if (file.partitions().isEmpty()) {
      return source;
    }
    try {
      return new PartitionedSource(source, file.partitions(), types);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private RowSource openFormat(InputFile file) throws IOException {
    Path path = file.path();
    return switch (file.format()) {
      case CSV -> openCsv(file, ',');
      case TSV -> openCsv(file, '\t');
      case JSON_LINES -> new JsonLinesSource(file.name(), stream(path), maxFieldChars);
      case PARQUET -> {
        if (path == null) {
          throw new FeatureKvException(
              ErrorCode.INVALID_ARGUMENT, "Parquet cannot be read from standard input");
        }
        yield ParquetSource.open(file.name(), path, file.lengthBytes());
      }
    };
  }

  private RowSource openCsv(InputFile file, char separator) throws IOException {
    InputStream in = stream(file.path());
    try {
      CsvSource source = new CsvSource(file.name(), in, separator, types, maxFieldChars);
      source.checkTypes(types, file.partitions().keySet());
      return source;
    } catch (RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private InputStream stream(@Nullable Path path) throws IOException {
    if (path != null) {
      return Files.newInputStream(path);
    }
    return new FilterInputStream(stdin) {
      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return in.read(target, offset, length);
      }

      @Override
      public void close() {
        // Standard input belongs to the process.
      }
    };
  }
}
