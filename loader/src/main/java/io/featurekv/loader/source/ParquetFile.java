package io.featurekv.loader.source;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.SchemaNode;
import io.featurekv.loader.row.Columns;
import io.featurekv.loader.row.Row;
import io.featurekv.model.ErrorCode;
import io.featurekv.model.FeatureKvException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An open Parquet file: its columns, its row groups, and how rows of some of these are read. */
final class ParquetFile implements Closeable {
  private static final int MAX_CAUSES = 5;

  /** About how much a batch of all columns takes. */
  private static final long BATCH_BYTES = 2 << 20;

  private static final int MIN_BATCH_ROWS = 16;
  private static final int MAX_BATCH_ROWS = 16 << 10;

  private final String name;
  private final ParquetFileReader reader;
  private final List<RowGroup> groups;
  private final Columns columns;

  private ParquetFile(String name, ParquetFileReader reader, Columns columns) {
    this.name = name;
    this.reader = reader;
    this.groups = reader.getFileMetaData().rowGroups();
    this.columns = columns;
  }

  /**
   * Opens a file.
   *
   * @throws FeatureKvException INVALID_ARGUMENT where it is no Parquet that can be read
   */
  static ParquetFile open(Origin origin) throws IOException {
    String name = origin.name();
    ParquetFileReader reader;
    try {
      reader = ParquetFileReader.open(file(origin));
    } catch (FeatureKvException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(name + " is not a Parquet file that can be read", e);
    }
    try {
      List<String> names = new ArrayList<>();
      for (SchemaNode field : reader.getFileSchema().getRootNode().children()) {
        refuseVariant(name, field, field.name());
        names.add(field.name());
      }
      return new ParquetFile(name, reader, Columns.of(names));
    } catch (FeatureKvException e) {
      reader.close();
      throw e;
    } catch (RuntimeException e) {
      reader.close();
      throw unreadable(name + " is not a Parquet file that can be read", e);
    }
  }

  private static InputFile file(Origin origin) throws IOException {
    if (origin instanceof LocalFile local) {
      local.checkUnchanged();
      return InputFile.of(local.path());
    }
    return new OriginFile(origin);
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

  /** The failure to read: the outer messages say where, the innermost one why. */
  static FeatureKvException unreadable(String what, Exception cause) {
    // Chains of causes may be circular.
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

  String name() {
    return name;
  }

  Columns columns() {
    return columns;
  }

  int groupCount() {
    return groups.size();
  }

  /** The rows of the groups from {@code from} to {@code to}, exclusive. */
  long rows(int from, int to) {
    return groups.subList(from, to).stream().mapToLong(RowGroup::numRows).sum();
  }

  /** What a row group takes in the file. */
  long lengthBytes(int group) {
    long sum = 0;
    for (ColumnChunk chunk : groups.get(group).columns()) {
      sum += chunk.metaData().totalCompressedSize();
    }
    return sum;
  }

  /** Whether groups can be read by themselves: Hardwood tells them by where their middles are. */
  boolean isDivisible() {
    for (int group = 1; group < groups.size(); group++) {
      if (middle(group) <= middle(group - 1)) {
        return false;
      }
    }
    return true;
  }

  /** As Hardwood works it out. */
  private long middle(int group) {
    return groups.get(group).columns().getFirst().chunkStartOffset() + lengthBytes(group) / 2;
  }

  /**
   * The rows of the groups from {@code from} to {@code to}, exclusive.
   *
   * @param row to which room is given for the cells
   */
  ParquetRows read(int from, int to, ReadOptions options, Row row) {
    row.begin(columns, 0);
    List<SchemaNode> fields = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    boolean plain = true;
    for (SchemaNode field : reader.getFileSchema().getRootNode().children()) {
      int cell = columns.indexOf(field.name());
      row.setNull(cell);
      if (options.needs(field.name())) {
        fields.add(field);
        positions.add(cell);
        plain &= ParquetColumn.Kind.of(field) != null;
      }
    }
    int[] cells = positions.stream().mapToInt(Integer::intValue).toArray();
    RowGroupPredicate wanted =
        from == 0 && to == groups.size()
            ? RowGroupPredicate.byteRange(Long.MIN_VALUE, Long.MAX_VALUE)
            : RowGroupPredicate.byteRange(middle(from), middle(to - 1) + 1);
    ColumnProjection projection = projection(fields);
    if (!plain || fields.isEmpty()) {
      return new ParquetRecords(
          reader.buildRowReader().projection(projection).filter(wanted).build(), fields, cells);
    }
    ColumnReaders readers =
        reader
            .buildColumnReaders(projection)
            .filter(wanted)
            .batchSize(batchRows(from, to, fields))
            .build();
    ParquetColumn[] plainColumns = new ParquetColumn[cells.length];
    for (int i = 0; i < cells.length; i++) {
      SchemaNode field = fields.get(i);
      plainColumns[i] = new ParquetColumn(readers.getColumnReader(field.name()), field, cells[i]);
    }
    return new ParquetBatches(readers, plainColumns);
  }

  /** A projection is a list of paths, in which the dot of a name would be taken for a step. */
  private static ColumnProjection projection(List<SchemaNode> fields) {
    String[] names = fields.stream().map(SchemaNode::name).toArray(String[]::new);
    for (String name : names) {
      if (name.indexOf('.') >= 0) {
        return ColumnProjection.all();
      }
    }
    return names.length == 0 ? ColumnProjection.all() : ColumnProjection.columns(names);
  }

  private int batchRows(int from, int to, List<SchemaNode> fields) {
    long bytes = 0;
    for (RowGroup group : groups.subList(from, to)) {
      for (ColumnChunk chunk : group.columns()) {
        String column = chunk.metaData().pathInSchema().toString();
        if (fields.stream().anyMatch(field -> field.name().equals(column))) {
          bytes += chunk.metaData().totalUncompressedSize();
        }
      }
    }
    long rowBytes = Math.max(1, bytes / Math.max(1, rows(from, to)));
    return (int) Math.clamp(BATCH_BYTES / rowBytes, MIN_BATCH_ROWS, MAX_BATCH_ROWS);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
