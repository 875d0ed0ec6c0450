package io.featurekv.loader.source;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Cell;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Parquet file: columns of any type, nested ones as JSON. Rows are numbered from 1. */
final class ParquetSource implements RowSource {
  private static final int MAX_CAUSES = 5;

  private final String name;
  private final ParquetFileReader file;
  private final RowReader rows;
  private final Columns columns;
  private final ParquetCells[] converters;
  private final long lengthBytes;
  private final long rowCount;
  private long number;

  private ParquetSource(
      String name,
      ParquetFileReader file,
      Columns columns,
      ParquetCells[] converters,
      long lengthBytes) {
    this.name = name;
    this.file = file;
    this.columns = columns;
    this.converters = converters;
    this.lengthBytes = lengthBytes;
    this.rowCount = file.getFileMetaData().numRows();
    this.rows = file.rowReader();
  }

  static ParquetSource open(String name, Path path, long lengthBytes) throws IOException {
    ParquetFileReader file;
    try {
      file = ParquetFileReader.open(InputFile.of(path));
    } catch (IOException | RuntimeException e) {
      throw unreadable(name + " is not a Parquet file that can be read", e);
    }
    try {
      List<String> names = new ArrayList<>();
      List<ParquetCells> converters = new ArrayList<>();
      for (SchemaNode node : file.getFileSchema().getRootNode().children()) {
        refuseVariant(name, node, node.name());
        names.add(node.name());
        converters.add(ParquetCells.of(node));
      }
      return new ParquetSource(
          name, file, Columns.of(names), converters.toArray(ParquetCells[]::new), lengthBytes);
    } catch (FeatureKvException e) {
      file.close();
      throw e;
    } catch (RuntimeException e) {
      file.close();
      throw unreadable(name + " is not a Parquet file that can be read", e);
    }
  }

  private static void refuseVariant(String name, SchemaNode node, String path) {
    if (node instanceof SchemaNode.GroupNode group) {
      if (group.isVariant() || group.logicalType() instanceof LogicalType.VariantType) {
        throw new FeatureKvException(
            ErrorCode.INVALID_ARGUMENT,
            name + ": column '" + path + "' is of Parquet type VARIANT, which is not read");
      }
      for (SchemaNode child : group.children()) {
        refuseVariant(name, child, path + "." + child.name());
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public @Nullable Row next() {
    try {
      if (!rows.hasNext()) {
        return null;
      }
      rows.next();
      number++;
      Cell[] cells = new Cell[converters.length];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = converters[i].cell(rows, i);
      }
      return Row.of(columns, cells, number);
    } catch (FeatureKvException e) {
      throw e;
    } catch (RuntimeException e) {
      throw unreadable(name + " cannot be read after row " + number, e);
    }
  }

  private static FeatureKvException unreadable(String what, Exception cause) {
    // The outer messages say where, the innermost one why. Chains of causes may be circular.
    StringBuilder detail = new StringBuilder(String.valueOf(cause.getMessage()));
    Throwable root = null;
    Throwable next = cause.getCause();
    for (int depth = 0; next != null && depth < MAX_CAUSES; depth++) {
      root = next;
      next = next.getCause();
    }
    if (root != null) {
      detail.append(": ").append(root.getMessage());
    }
    return new FeatureKvException(ErrorCode.INVALID_ARGUMENT, what + ": " + detail, cause);
  }

  @Override
  public long bytesRead() {
    return rowCount == 0 ? lengthBytes : (long) ((double) number / rowCount * lengthBytes);
  }

  @Override
  public void close() throws IOException {
    rows.close();
    file.close();
  }
}
